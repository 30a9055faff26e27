// Which queries are understood: by the tenant's limits, and by what the request says.

#include <gtest/gtest.h>

#include <string>

#include "common/executor.h"
#include "common/limits.h"
#include "querier/fake_stream_source.h"
#include "querier/querier.h"
#include "support/manual_clock.h"
#include "support/matchers.h"

namespace skald::querier {
namespace {

using test::HasCode;
using test::HasMessage;
using test::IsOk;
using testing::EndsWith;
using testing::HasSubstr;

// Tenant "off" has extensions switched off.
class LimitsByTenant final : public LimitsSource {
 public:
  LimitsByTenant() : on_(std::make_shared<const Limits>()) {
    Limits limits;
    limits.logql_extensions = false;
    off_ = std::make_shared<const Limits>(limits);
  }

  std::shared_ptr<const Limits> For(std::string_view tenant) const override {
    return tenant == "off" ? off_ : on_;
  }

 private:
  std::shared_ptr<const Limits> on_;
  std::shared_ptr<const Limits> off_;
};

class QueryLanguageTest : public testing::Test {
 protected:
  QueryLanguageTest() {
    for (const char* tenant : {"on", "off"}) {
      source_.Add(tenant, model::Labels({{"app", "a"}}), {kBegin + 1, kBegin + 2});
      source_.Add(tenant, model::Labels({{"app", "b"}}), {kBegin + 3});
    }
  }

  static QueryRequest Request(const std::string& text) {
    QueryRequest request;
    request.tenants = {model::TenantId("on")};
    request.text = text;
    request.start_ns = kBegin;
    request.end_ns = kBegin + 10;
    request.step_ns = 1'000'000'000;
    request.has_time_range = true;
    return request;
  }

  Result<model::QueryResult> Run(QueryRequest request) {
    model::ScanContext context;
    return querier_.Run(std::move(request), context);
  }

  Result<FieldStatsAnswer> FieldStats(QueryRequest request) {
    model::ScanContext context;
    return querier_.FieldStats(std::move(request), {}, context);
  }

  static constexpr int64_t kBegin = 1'700'000'000'000'000'000;

  test::FakeStreamSource source_;
  LimitsByTenant limits_;
  Executor executor_{"test", 1};
  test::ManualClock clock_;
  Querier querier_{source_, limits_, executor_, clock_};
};

size_t Entries(const model::QueryResult& result) {
  size_t entries = 0;
  for (const model::ResultStream& stream : std::get<model::Streams>(result.data).streams) {
    entries += stream.entries.size();
  }
  return entries;
}

TEST_F(QueryLanguageTest, TheEmptySelectorIsEveryStreamWhereTheRequestSaysItsTime) {
  const auto result = Run(Request("{}"));
  ASSERT_THAT(result, IsOk());
  EXPECT_EQ(Entries(*result), 3u);
  QueryRequest vague = Request("{}");
  vague.has_time_range = false;
  EXPECT_THAT(Run(vague), HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(Run(vague), HasMessage(HasSubstr("if the request gives a start")));
}

TEST_F(QueryLanguageTest, ATenantMayHaveNoExtensions) {
  for (const char* text : {R"({app=~".+"} | distinct app)", R"({app=~".+"} | limit 2)", "{}"}) {
    QueryRequest request = Request(text);
    EXPECT_THAT(Run(request), IsOk()) << text;
    request.tenants = {model::TenantId("off")};
    EXPECT_THAT(Run(request), HasCode(StatusCode::kInvalidArgument)) << text;
    EXPECT_THAT(Run(request), HasMessage(EndsWith("limits_config.logql_extensions is off)")))
        << text;
  }
}

TEST_F(QueryLanguageTest, StatisticsOfFieldsUnderstandTheSame) {
  QueryRequest request = Request("{}");
  EXPECT_THAT(FieldStats(request), IsOk());
  request.has_time_range = false;
  EXPECT_THAT(FieldStats(request), HasMessage(HasSubstr("if the request gives a start")));
  request = Request("{}");
  request.tenants = {model::TenantId("off")};
  EXPECT_THAT(FieldStats(request), HasMessage(EndsWith("limits_config.logql_extensions is off)")));
}

TEST_F(QueryLanguageTest, OverSeveralTenantsAllMustHaveThem) {
  QueryRequest request = Request(R"({app=~".+"} | limit 2)");
  request.tenants = {model::TenantId("off"), model::TenantId("on")};
  EXPECT_THAT(Run(request), HasMessage(EndsWith("limits_config.logql_extensions is off)")));
}

}  // namespace
}  // namespace skald::querier
