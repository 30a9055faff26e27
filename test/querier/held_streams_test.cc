#include "querier/held_streams.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "support/expiring_clock.h"

namespace skald::querier {
namespace {

const model::TenantId kTenant("t");

model::Matchers App(const char* value) {
  return {model::Matcher::Make(model::MatchOp::kEqual, "app", value).value()};
}

class HeldStreamsTest : public testing::Test {
 protected:
  HeldStreamsTest() {
    held_.Add(model::Labels{{"app", "b"}}, std::vector<HeldStreams::Entry>{{5, "five", {}}});
    held_.Add(model::Labels{{"app", "a"}, {"env", "p"}},
              std::vector<HeldStreams::Entry>{
                  {3, "three", {{"k", "v"}}}, {1, "one", {}}, {3, "three", {{"k", "v"}}}});
  }

  // Lines of all batches, in their order.
  std::vector<std::string> Lines(const model::Matchers& matchers, model::TimeRange range,
                                 model::Direction direction = model::Direction::kForward) {
    model::ScanRequest request;
    request.tenant = kTenant;
    request.matchers = matchers;
    request.range = range;
    request.direction = direction;
    model::ScanContext context;
    std::vector<std::string> lines;
    const model::StreamScans scans = held_.Select(request, context).value();
    for (const auto& scan : scans) {
      const auto source = scan->Open();
      for (auto batch = source->Next().value(); batch != nullptr; batch = source->Next().value()) {
        for (const uint32_t row : batch->selection) lines.emplace_back(batch->block->lines[row]);
      }
    }
    return lines;
  }

  HeldStreams held_;
};

TEST_F(HeldStreamsTest, GivesTheLinesOfARangeInOrderAndEachOnce) {
  EXPECT_EQ(Lines({}, {0, 10}), (std::vector<std::string>{"one", "three", "five"}));
  EXPECT_EQ(Lines(App("a"), {0, 10}), (std::vector<std::string>{"one", "three"}));
  EXPECT_EQ(Lines({}, {1, 3}), std::vector<std::string>{"one"});
  EXPECT_EQ(Lines({}, {6, 10}), std::vector<std::string>());
}

TEST_F(HeldStreamsTest, CutsLongStreamsIntoBatches) {
  std::vector<HeldStreams::Entry> entries(10'000);
  for (size_t i = 0; i < entries.size(); ++i) {
    entries[i] = {.time_ns = static_cast<int64_t>(100 + i), .line = "x", .metadata = {}};
  }
  held_.Add(model::Labels{{"app", "long"}}, entries);
  EXPECT_EQ(Lines(App("long"), {0, 100'000}).size(), 10'000u);
  EXPECT_EQ(Lines(App("long"), {0, 100'000}, model::Direction::kBackward).size(), 10'000u);
  EXPECT_EQ(Lines(App("long"), {9'000, 9'010}).size(), 10u);
}

TEST_F(HeldStreamsTest, KnowsLabelsAndSizes) {
  EXPECT_EQ(held_.LabelNames({kTenant, {}, {0, 10}}).value(),
            (std::vector<std::string>{"app", "env"}));
  EXPECT_THAT(*held_.LabelValues({kTenant, {}, {0, 4}}, "app"), testing::ElementsAre("a"));
  EXPECT_THAT(*held_.Series({kTenant, App("b"), {0, 10}}),
              testing::ElementsAre(model::Labels{{"app", "b"}}));
  const auto stats = held_.Stats({kTenant, {}, {0, 10}}).value();
  EXPECT_EQ(stats.streams, 2u);
  EXPECT_EQ(stats.entries, 3u);
  EXPECT_EQ(stats.bytes, 12u);
  const std::vector<model::TimeRange> ranges = {{0, 2}, {2, 10}};
  const auto volumes = held_.Volumes({kTenant, App("a")}, ranges).value();
  ASSERT_EQ(volumes.size(), 1u);
  ASSERT_EQ(volumes[0].parts.size(), 2u);
  EXPECT_EQ(volumes[0].parts[0].bytes, 3u);
}

TEST_F(HeldStreamsTest, KeepsAValueOnceThatManyStreamsHave) {
  held_.Add(model::Labels{{"app", "a"}, {"env", "q"}},
            std::vector<HeldStreams::Entry>{{4, "four", {}}});
  const auto values = held_.LabelValues({kTenant, {}, {0, 10}}, "app").value();
  EXPECT_THAT(values, testing::ElementsAre("a", "b"));
  EXPECT_EQ(values.text_bytes(), 2u);
}

// What a question says of a token that expires at the `looks`th look at it.
template <typename Question>
StatusCode AskUntil(int looks, const Question& question) {
  const test::ExpiringClock clock(looks + 1);  // The first is to set the deadline.
  model::StreamLookup of{.tenant = kTenant, .range = {0, 10}};
  of.cancel = CancelToken::WithTimeout(clock, std::chrono::minutes(1));
  return question(of).status().code();
}

TEST_F(HeldStreamsTest, EndsAtWhicheverStreamItIsCancelled) {
  const std::vector<model::TimeRange> ranges = {{0, 10}};
  const auto ends_at = [](int looks, const auto& question) {
    for (int look = 1; look <= looks; ++look) {
      EXPECT_EQ(AskUntil(look, question), StatusCode::kDeadlineExceeded) << "at look " << look;
    }
    EXPECT_EQ(AskUntil(looks + 1, question), StatusCode::kOk);
  };
  // One look for each of the two streams, and where entries are looked at, or texts are put in
  // order, more.
  ends_at(2, [&](const model::StreamLookup& of) { return held_.LabelNames(of); });
  ends_at(3, [&](const model::StreamLookup& of) { return held_.LabelValues(of, "app"); });
  ends_at(2, [&](const model::StreamLookup& of) { return held_.Series(of); });
  ends_at(4, [&](const model::StreamLookup& of) { return held_.Sizes(of); });
  ends_at(4, [&](const model::StreamLookup& of) { return held_.Stats(of); });
  // Before a batch, and before the end is seen.
  ends_at(6, [&](const model::StreamLookup& of) { return held_.Volumes(of, ranges); });
  ends_at(2, [&](const model::StreamLookup& of) {
    model::ScanRequest request;
    request.tenant = kTenant;
    request.range = of.range;
    model::ScanContext context;
    context.cancel = of.cancel;
    return held_.Select(request, context);
  });
}

}  // namespace
}  // namespace skald::querier
