#include "querier/visible_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "querier/fake_stream_source.h"
#include "querier/hidden_before.h"
#include "support/matchers.h"

namespace skald::querier {
namespace {

using model::Labels;
using model::TimeRange;
using test::IsOk;
using testing::ElementsAre;
using testing::IsEmpty;

class VisibleSourceTest : public testing::Test {
 protected:
  VisibleSourceTest() {
    for (const char* app : {"a", "b"}) stored_.Add("t", Labels{{"app", app}}, {10, 20, 30});
  }

  std::vector<int64_t> Seen(const std::string& app, const std::string& tenant = "t") {
    const model::ScanRequest request{
        .tenant = model::TenantId(tenant),
        .matchers = {*model::Matcher::Make(model::MatchOp::kEqual, "app", app)},
        .range = TimeRange::All(),
        .direction = model::Direction::kForward};
    model::ScanContext context;
    const auto scans = source_.Select(request, context);
    EXPECT_THAT(scans, IsOk());
    std::vector<int64_t> times;
    for (const auto& scan : *scans) {
      const auto source = scan->Open();
      for (auto batch = source->Next(); *batch != nullptr; batch = source->Next()) {
        for (const uint32_t row : (*batch)->selection) times.push_back((*batch)->block->times[row]);
      }
    }
    return times;
  }

  test::FakeStreamSource stored_;
  test::HiddenBefore hidden_{"t", "a"};
  VisibleSource source_{stored_, hidden_};
};

TEST_F(VisibleSourceTest, ShowsAllWhileNothingIsHidden) {
  EXPECT_THAT(Seen("a"), ElementsAre(10, 20, 30));
}

TEST_F(VisibleSourceTest, HidesWhatTheFilterTakesOutOfItsStreamAndTenant) {
  stored_.Add("other", Labels{{"app", "a"}}, {10});
  hidden_.HideBefore(25);
  EXPECT_THAT(Seen("a"), ElementsAre(30));
  EXPECT_THAT(Seen("b"), ElementsAre(10, 20, 30));
  EXPECT_THAT(Seen("a", "other"), ElementsAre(10));
}

TEST_F(VisibleSourceTest, HidesTheSameWhereAStreamIsReadInParts) {
  hidden_.HideBefore(25);
  model::ScanContext context;
  const auto scans =
      source_.Select({.tenant = model::TenantId("t"), .range = TimeRange::All()}, context);
  ASSERT_THAT(scans, IsOk());
  ASSERT_EQ(scans->at(0)->labels()->Get("app"), "a");
  std::vector<int64_t> times;
  for (const TimeRange part : {TimeRange{25, 100}, TimeRange{15, 25}, TimeRange{0, 15}}) {
    const auto source = scans->at(0)->OpenPart(part);
    for (auto batch = source->Next(); *batch != nullptr; batch = source->Next()) {
      for (const uint32_t row : (*batch)->selection) times.push_back((*batch)->block->times[row]);
    }
  }
  EXPECT_THAT(times, ElementsAre(30));
}

TEST_F(VisibleSourceTest, HandsOutNoBatchOfWhichNothingIsLeft) {
  hidden_.HideBefore(100);
  EXPECT_THAT(Seen("a"), IsEmpty());
}

TEST_F(VisibleSourceTest, AQueryIsRunUnderTheFilterOfItsBeginning) {
  hidden_.HideBefore(25);
  model::ScanContext context;
  const model::ScanRequest request{.tenant = model::TenantId("t"), .range = TimeRange::All()};
  auto scans = source_.Select(request, context);
  ASSERT_THAT(scans, IsOk());
  hidden_.HideBefore(0);  // Processed meanwhile: the scan may read what was replaced.
  size_t rows = 0;
  for (const auto& scan : *scans) {
    const auto source = scan->Open();
    for (auto batch = source->Next(); *batch != nullptr; batch = source->Next()) {
      rows += (*batch)->selection.size();
    }
  }
  EXPECT_EQ(rows, 4u);
}

}  // namespace
}  // namespace skald::querier
