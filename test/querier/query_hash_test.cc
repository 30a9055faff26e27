#include "querier/query_hash.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <string_view>

#include "common/executor.h"
#include "common/limits.h"
#include "common/logging.h"
#include "logql/parser.h"
#include "querier/fake_stream_source.h"
#include "querier/querier.h"
#include "support/manual_clock.h"
#include "support/matchers.h"
#include "support/time_units.h"

namespace skald::querier {
namespace {

using test::HasMessage;
using test::IsOk;
using test::kSecond;
using testing::HasSubstr;

TEST(QueryHashTest, IsFnv1Of32Bits) {
  EXPECT_EQ(QueryHash(""), 0x811c9dc5u);
  EXPECT_EQ(QueryHash("a"), 0x050c5d7eu);
  EXPECT_EQ(QueryHash("foobar"), 0x31f0b262u);
}

TEST(KnownTextTest, IsTheCanonicalOneOfALogQuery) {
  const std::string text = R"({ app = "a" }  |=  "x")";
  const auto expr = logql::Parse(text);
  ASSERT_THAT(expr, IsOk());
  EXPECT_EQ(KnownText(text, **expr), R"({app="a"} |= "x")");
}

TEST(KnownTextTest, IsAsItWasWrittenOfAMetricQuery) {
  const std::string text = R"(rate( {app="a"} [1m] ))";
  const auto expr = logql::Parse(text);
  ASSERT_THAT(expr, IsOk());
  EXPECT_EQ(KnownText(text, **expr), text);
}

// Runs queries of a tenant, and finds in the log what they are known by.
class LoggedHashTest : public testing::Test {
 protected:
  static QueryRequest Request(const std::string& text) {
    QueryRequest request;
    request.tenants = {model::TenantId("t")};
    request.text = text;
    request.end_ns = 60 * kSecond;
    request.step_ns = kSecond;
    request.has_time_range = true;
    return request;
  }

  Status Run(const std::string& text, const Limits& limits) {
    const StaticLimits source_of_limits(limits);
    Querier querier(source_, source_of_limits, executor_, clock_);
    model::ScanContext context;
    return querier.Run(Request(text), context).status();
  }

  // The query_hash of every line that running the query writes, each once.
  std::set<std::string> LoggedHashes(const std::string& text) {
    SetLogLevel(LogLevel::kDebug);
    testing::internal::CaptureStderr();
    EXPECT_THAT(Run(text, {}), IsOk());
    const std::string log = testing::internal::GetCapturedStderr();
    SetLogLevel(LogLevel::kInfo);
    EXPECT_THAT(log, HasSubstr("executing query"));
    std::set<std::string> hashes;
    constexpr std::string_view kKey = " query_hash=";
    for (size_t at = log.find(kKey); at != std::string::npos; at = log.find(kKey, at)) {
      at += kKey.size();
      hashes.insert(log.substr(at, log.find(' ', at) - at));
    }
    return hashes;
  }

  test::FakeStreamSource source_;
  Executor executor_{"test", 1};
  test::ManualClock clock_{60 * kSecond};
};

TEST_F(LoggedHashTest, BlocksTheQueryHoweverItIsSpaced) {
  for (const char* text :
       {R"({app="a"}|="x")", R"({ app="a" }   |= "x" | json)", R"(sum( rate({app="a"}[1m]) ))"}) {
    const std::set<std::string> hashes = LoggedHashes(text);
    ASSERT_EQ(hashes.size(), 1u) << text;
    Limits limits;
    const auto rules = ParseYaml("[{hash: " + *hashes.begin() + "}]");
    ASSERT_THAT(rules, IsOk());
    limits.blocked_queries = *rules;
    EXPECT_THAT(Run(text, limits), HasMessage("query blocked by policy")) << text;
    EXPECT_THAT(Run(R"({app="b"})", limits), IsOk());
  }
}

}  // namespace
}  // namespace skald::querier
