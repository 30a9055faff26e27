#include "querier/merged_source.h"

#include <gtest/gtest.h>

#include "querier/fake_stream_source.h"
#include "support/matchers.h"

namespace skald::querier {
namespace {

using model::Labels;
using model::TenantId;
using model::TimeRange;
using test::HasCode;
using test::IsOk;

class MergedSourceTest : public testing::Test {
 protected:
  MergedSourceTest() {
    first_.Add("t", Labels{{"app", "a"}, {"pod", "1"}}, {10});
    second_.Add("t", Labels{{"app", "a"}, {"pod", "1"}}, {10, 20});
    second_.Add("t", Labels{{"app", "b"}, {"env", "x"}}, {30});
  }

  test::FakeStreamSource first_;
  test::FakeStreamSource second_;
  MergedSource merged_{{&first_, &second_}};
  const TenantId tenant_{"t"};
};

TEST_F(MergedSourceTest, UnitesMetadata) {
  EXPECT_EQ(*merged_.LabelNames({tenant_}), (std::vector<std::string>{"app", "env", "pod"}));
  EXPECT_THAT(*merged_.LabelValues({tenant_}, "app"), testing::ElementsAre("a", "b"));
  EXPECT_EQ(merged_.Series({tenant_})->size(), 2u);
}

TEST_F(MergedSourceTest, ShowsAnEntryOnce) {
  model::ScanRequest request;
  request.tenant = tenant_;
  request.range = TimeRange::All();
  request.direction = model::Direction::kForward;
  model::ScanContext context;
  auto scans = merged_.Select(request, context);
  ASSERT_THAT(scans, IsOk());
  ASSERT_EQ(scans->size(), 2u);
  size_t entries = 0;
  const auto batches = (*scans)[0]->Open();
  for (auto batch = batches->Next(); *batch != nullptr; batch = batches->Next()) {
    entries += (*batch)->selection.size();
  }
  EXPECT_EQ(entries, 2u);
}

TEST_F(MergedSourceTest, CountsAStreamInBothOnce) {
  const auto stats = merged_.Stats({tenant_});
  ASSERT_THAT(stats, IsOk());
  EXPECT_EQ(stats->streams, 2u);
}

TEST_F(MergedSourceTest, FailsWithAnySource) {
  second_.FailWith(Unavailable("gone"));
  model::ScanContext context;
  EXPECT_THAT(merged_.Select({}, context), HasCode(StatusCode::kUnavailable));
  EXPECT_THAT(merged_.Series({tenant_}), HasCode(StatusCode::kUnavailable));
}

}  // namespace
}  // namespace skald::querier
