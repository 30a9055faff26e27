#include "querier/tenant_source.h"

#include <gtest/gtest.h>

#include "querier/fake_stream_source.h"
#include "support/matchers.h"

namespace skald::querier {
namespace {

using model::Labels;
using model::TenantId;
using test::FakeStreamSource;
using test::IsOk;

model::Matcher Match(model::MatchOp op, std::string_view name, std::string_view value) {
  auto matcher = model::Matcher::Make(op, name, value);
  EXPECT_THAT(matcher, IsOk());
  return *std::move(matcher);
}

class TenantSourceTest : public testing::Test {
 protected:
  TenantSourceTest() {
    streams_.Add("x", Labels{{"app", "a"}}, {10});
    streams_.Add("x", Labels{{"__tenant_id__", "old"}, {"app", "b"}}, {10});
    streams_.Add("y", Labels{{"app", "a"}}, {10, 20});
  }

  // The labels that a selector sees.
  std::vector<std::string> Select(model::Matchers matchers) {
    TenantSource source(streams_, {TenantId("x"), TenantId("y")});
    model::ScanRequest request;
    request.matchers = std::move(matchers);
    request.range = model::TimeRange::All();
    model::ScanContext context;
    const auto scans = source.Select(request, context);
    EXPECT_THAT(scans, IsOk());
    std::vector<std::string> labels;
    for (const auto& scan : *scans) {
      labels.push_back(scan->labels()->ToString());
    }
    return labels;
  }

  FakeStreamSource streams_;
};

TEST_F(TenantSourceTest, LabelsEveryStreamWithItsTenant) {
  EXPECT_EQ(Select({}), (std::vector<std::string>{
                            R"({__tenant_id__="x", app="a"})",
                            R"({__tenant_id__="x", app="b", original___tenant_id__="old"})",
                            R"({__tenant_id__="y", app="a"})"}));
}

TEST_F(TenantSourceTest, MatchersOnTheTenantChooseWhoIsAsked) {
  EXPECT_EQ(Select({Match(model::MatchOp::kEqual, "app", "a"),
                    Match(model::MatchOp::kNotEqual, "__tenant_id__", "x")}),
            (std::vector<std::string>{R"({__tenant_id__="y", app="a"})"}));
  EXPECT_EQ(streams_.last_request().matchers.size(), 1u) << "the store does not see them";
}

TEST_F(TenantSourceTest, FindsALabelThatWasRenamed) {
  EXPECT_EQ(
      Select({Match(model::MatchOp::kEqual, "original___tenant_id__", "old")}),
      (std::vector<std::string>{R"({__tenant_id__="x", app="b", original___tenant_id__="old"})"}));
}

TEST_F(TenantSourceTest, BatchesCarryTheLabelToo) {
  TenantSource source(streams_, {TenantId("y")});
  model::ScanRequest request;
  request.range = model::TimeRange::All();
  model::ScanContext context;
  auto scans = source.Select(request, context);
  ASSERT_THAT(scans, IsOk());
  ASSERT_EQ(scans->size(), 1u);
  const auto batches = scans->front()->Open();
  const auto batch = batches->Next();
  ASSERT_THAT(batch, IsOk());
  EXPECT_EQ((*batch)->stream->Get("__tenant_id__"), "y");
  EXPECT_EQ((*batch)->selection.size(), 2u);
}

}  // namespace
}  // namespace skald::querier
