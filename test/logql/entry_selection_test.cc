#include "logql/entry_selection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <tuple>

#include "support/matchers.h"

namespace skald::logql {
namespace {

using model::Direction;
using test::HasMessage;
using test::IsOk;
using testing::ElementsAre;
using testing::IsEmpty;

FoundEntry Entry(int64_t time, uint64_t stream = 0, uint64_t position = 0) {
  FoundEntry entry;
  entry.time_ns = time;
  entry.stream = stream;
  entry.position = position;
  entry.line = std::to_string(time) + "/" + std::to_string(stream) + "/" + std::to_string(position);
  return entry;
}

void Add(EntrySelection& selection, std::vector<FoundEntry> entries) {
  EXPECT_THAT(selection.Add(entries), IsOk());
  EXPECT_TRUE(entries.empty());
}

std::vector<std::string> Lines(EntrySelection& selection) {
  std::vector<std::string> lines;
  for (const FoundEntry& entry : selection.Take()) lines.push_back(entry.line);
  return lines;
}

TEST(NearestSelectionTest, KeepsTheOldestOrTheNewest) {
  NearestSelection oldest(2, Direction::kForward);
  NearestSelection newest(2, Direction::kBackward);
  for (NearestSelection* selection : {&oldest, &newest}) {
    Add(*selection, {Entry(3), Entry(4)});
    Add(*selection, {Entry(1, 1), Entry(5, 1), Entry(9, 1)});
  }
  EXPECT_THAT(Lines(oldest), ElementsAre("1/1/0", "3/0/0"));
  EXPECT_THAT(Lines(newest), ElementsAre("9/1/0", "5/1/0"));
}

TEST(NearestSelectionTest, TiesGoByStreamAndThenByPosition) {
  NearestSelection selection(3, Direction::kBackward);
  Add(selection, {Entry(1, 2, 0), Entry(1, 2, 1)});
  Add(selection, {Entry(1, 1, 5), Entry(1, 1, 6)});
  EXPECT_THAT(Lines(selection), ElementsAre("1/1/5", "1/1/6", "1/2/0"));
}

TEST(NearestSelectionTest, OfStreamsOfOneRankTheFirstScanGoesFirst) {
  FoundEntry first = Entry(1, 7, 9);
  FoundEntry second = Entry(1, 7, 0);
  second.scan = 1;
  for (const Direction direction : {Direction::kForward, Direction::kBackward}) {
    NearestSelection selection(1, direction);
    Add(selection, {second, first});
    EXPECT_THAT(Lines(selection), ElementsAre(first.line));
  }
}

TEST(NearestSelectionTest, KnowsWhichTimesHaveNoChance) {
  NearestSelection forward(2, Direction::kForward);
  EXPECT_TRUE(forward.HasChance(1'000'000));
  Add(forward, {Entry(10), Entry(20), Entry(30)});
  EXPECT_TRUE(forward.HasChance(20));  // By its stream it may still come first.
  EXPECT_FALSE(forward.HasChance(21));
  NearestSelection backward(2, Direction::kBackward);
  Add(backward, {Entry(30), Entry(20), Entry(10)});
  EXPECT_TRUE(backward.HasChance(20));
  EXPECT_FALSE(backward.HasChance(19));
  EXPECT_TRUE(backward.HasChance(31));
}

TEST(NearestSelectionTest, ALimitOfZeroTakesNothing) {
  NearestSelection selection(0, Direction::kForward);
  EXPECT_FALSE(selection.HasChance(0));
  Add(selection, {Entry(1)});
  EXPECT_THAT(selection.Take(), IsEmpty());
}

TEST(NearestSelectionTest, EndsWhenItsMemoryIsUsedUp) {
  MemoryBudget memory(100'000, ResourceExhausted("too much"));
  {
    NearestSelection selection(2, Direction::kForward, &memory);
    FoundEntry large = Entry(9);
    large.line = std::string(40'000, 'x');
    Add(selection, {large});
    Add(selection, {Entry(1), Entry(2), Entry(3)});  // The large one has to go.
    EXPECT_LT(memory.used(), 10'000u);
    std::vector<FoundEntry> entries(3, large);
    EXPECT_THAT(selection.Add(entries), HasMessage("too much"));
  }
}

TEST(NearestSelectionTest, AgreesWithSortingAll) {
  std::mt19937 random(7);
  for (const size_t limit : {1, 5, 64, 1000}) {
    NearestSelection selection(limit, Direction::kForward);
    std::vector<FoundEntry> all;
    for (uint64_t stream = 0; stream < 20; ++stream) {
      std::vector<FoundEntry> part;
      for (uint64_t position = 0; position < 30; ++position) {
        part.push_back(Entry(static_cast<int64_t>(random() % 100), stream, position));
      }
      all.insert(all.end(), part.begin(), part.end());
      Add(selection, part);
    }
    std::sort(all.begin(), all.end(), [](const FoundEntry& a, const FoundEntry& b) {
      return std::tie(a.time_ns, a.stream, a.position) < std::tie(b.time_ns, b.stream, b.position);
    });
    std::vector<std::string> wanted;
    for (size_t i = 0; i < std::min(limit, all.size()); ++i) wanted.push_back(all[i].line);
    EXPECT_EQ(Lines(selection), wanted) << limit;
  }
}

}  // namespace
}  // namespace skald::logql
