#include "patterns/unwritten_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace skald::patterns {
namespace {

using testing::ElementsAre;

// Of all streams: lines of one pattern.
class DeletedPattern final : public DeletedLines {
 public:
  explicit DeletedPattern(std::string pattern) : pattern_(std::move(pattern)) {}

  model::TimeRange range() const override { return model::TimeRange::All(); }
  bool HasStream(const model::Labels&) const override { return true; }
  bool MayHave(const model::Labels&, std::string_view, std::string_view pattern) const override {
    return pattern == pattern_;
  }

 private:
  const std::string pattern_;
};

// A pattern that occurred once in each of the steps.
UnwrittenCounts Counts(std::string pattern, const std::vector<uint32_t>& steps) {
  UnwrittenCounts counts{.labels = std::make_shared<const model::Labels>(),
                         .pattern = std::move(pattern)};
  for (const uint32_t step : steps) counts.counts.push_back({.step = step, .count = 1});
  return counts;
}

// As "pattern step ...".
std::vector<std::string> Dump(const std::vector<UnwrittenCounts>& all) {
  std::vector<std::string> texts;
  for (const UnwrittenCounts& one : all) {
    std::string& text = texts.emplace_back(one.pattern);
    for (const StepCounts::Count& count : one.counts) text += " " + std::to_string(count.step);
  }
  return texts;
}

TEST(UnwrittenQueueTest, KeepsSoManyPatterns) {
  UnwrittenQueue queue;
  EXPECT_EQ(queue.Keep({UnwrittenQueue::kMaxLeft - 1, Counts("x", {1})}), 0u);
  EXPECT_EQ(queue.Keep({Counts("y", {1}), Counts("lost", {1}), Counts("lost", {2})}), 2u);
  EXPECT_EQ(queue.Keep({Counts("lost", {1})}), 1u);
  ASSERT_EQ(queue.left().size(), UnwrittenQueue::kMaxLeft);
  EXPECT_EQ(queue.left().back().pattern, "y");
  EXPECT_EQ(queue.TakeLeft().size(), UnwrittenQueue::kMaxLeft);
  EXPECT_TRUE(queue.empty());
}

TEST(UnwrittenQueueTest, ForgetsStepsOfWhatIsLeftAndOfTheBatch) {
  UnwrittenQueue queue;
  queue.Keep({Counts("x", {1, 2, 3, 4}), Counts("y", {2}), Counts("x", {2, 3})});
  queue.Begin({.run = 7, .number = 5, .counts = {Counts("x", {3, 4}), Counts("y", {3})}});
  const auto before = queue.batch();
  queue.Forget(DeletedPattern("x"), 2, 4);
  EXPECT_THAT(Dump(queue.left()), ElementsAre("x 1 4", "y 2"));
  EXPECT_THAT(Dump(queue.batch()->counts), ElementsAre("x 4", "y 3"));
  EXPECT_EQ(queue.batch()->run, 7u);
  EXPECT_EQ(queue.batch()->number, 5u);
  EXPECT_THAT(Dump(before->counts), ElementsAre("x 3 4", "y 3")) << "who writes it has it still";
}

TEST(UnwrittenQueueTest, IsEmptyOnceNothingIsLeftAndTheBatchIsDone) {
  UnwrittenQueue queue;
  EXPECT_TRUE(queue.empty());
  queue.Begin({.counts = {Counts("x", {1})}});
  queue.Forget(DeletedPattern("x"), 0, 9);
  EXPECT_FALSE(queue.empty()) << "the batch has yet to end";
  queue.EndBatch();
  EXPECT_TRUE(queue.empty());
}

}  // namespace
}  // namespace skald::patterns
