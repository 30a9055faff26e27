#include "chunkstore/index/value_lists.h"

#include <gtest/gtest.h>

#include <string>

#include "chunkstore/value_lists_fixture.h"
#include "common/memory_budget.h"

namespace skald::chunkstore {
namespace {

TEST_F(ValueListsTest, KeepsEachListUntilItChanges) {
  Put("a", lists_.At());
  Put("b", lists_.At());
  EXPECT_TRUE(Has("a"));
  EXPECT_TRUE(Has("b"));
  EXPECT_FALSE(Has("c"));
  EXPECT_EQ(lists_.bytes(), 2 * one_bytes_);
  DropByChange({"a", "c"});
  EXPECT_FALSE(Has("a"));
  EXPECT_TRUE(Has("b"));
  EXPECT_EQ(lists_.bytes(), one_bytes_);
}

TEST_F(ValueListsTest, ForgetsAllListsUnderAPrefix) {
  Put("day1.a", lists_.At());
  Put("day2.a", lists_.At());
  lists_.ChangedUnder("day1");
  EXPECT_FALSE(Has("day1.a"));
  EXPECT_TRUE(Has("day2.a"));
  lists_.ChangedUnder("");
  EXPECT_FALSE(Has("day2.a"));
  EXPECT_EQ(lists_.bytes(), 0u);
}

// What is read before a change may lack what came with it.
TEST_F(ValueListsTest, NeitherTakesNorGivesAcrossAChange) {
  const ValueLists::Moment before = lists_.At();
  DropByChange({"a"});
  Put("a", before);
  EXPECT_FALSE(Has("a"));
  Put("a", lists_.At());
  EXPECT_TRUE(Has("a"));
  EXPECT_FALSE(Get(lists_, "a", before).has_value());
  // A change of one is none of the other.
  Put("b", before);
  EXPECT_TRUE(Has("b"));
  EXPECT_TRUE(Get(lists_, "b", before).has_value());
}

TEST_F(ValueListsTest, NeitherTakesNorGivesAcrossAChangeOfAPrefix) {
  const ValueLists::Moment before = lists_.At();
  lists_.ChangedUnder("a");
  Put("a1", before);
  EXPECT_FALSE(Has("a1"));
  Put("a1", lists_.At());
  EXPECT_TRUE(Has("a1"));
  EXPECT_FALSE(Get(lists_, "a1", before).has_value());
}

TEST_F(ValueListsTest, DropsWhatWasNotUsedSinceItWasSparedOnce) {
  Put("a", lists_.At());
  Put("b", lists_.At());
  Put("c", lists_.At());
  EXPECT_FALSE(Has("c"));
  EXPECT_TRUE(Has("a"));
  Put("c", lists_.At());
  EXPECT_TRUE(Has("a"));
  EXPECT_FALSE(Has("b"));
  EXPECT_TRUE(Has("c"));
  EXPECT_EQ(lists_.bytes(), 2 * one_bytes_);
}

TEST_F(ValueListsTest, ListsAskedForInTurnsDoNotThrowOutEachOther) {
  int found = 0;
  for (int round = 0; round < 4; ++round) {
    for (const std::string key : {"a", "b", "c"}) {
      if (Has(key)) {
        ++found;
      } else {
        Put(key, lists_.At());
      }
    }
  }
  EXPECT_EQ(found, 3 * 2);
}

// A list that has shared its texts begins a block for what is added then.
TEST_F(ValueListsTest, CopiesNothingOfAListThatItDoesNotKeep) {
  const auto is_copied = [](ValueLists& lists, ValueLists::Moment moment) {
    TextList list = Many('a');
    const size_t bytes = list.MemoryBytes();
    lists.Put("a", moment, list);
    list.Add("b");
    return list.MemoryBytes() > bytes;
  };
  ValueLists small(one_bytes_ - 1);
  EXPECT_FALSE(is_copied(small, small.At()));
  EXPECT_EQ(small.bytes(), 0u);
  const ValueLists::Moment before = lists_.At();
  DropByChange({"a"});
  EXPECT_FALSE(is_copied(lists_, before));
  EXPECT_TRUE(is_copied(lists_, lists_.At()));
  EXPECT_FALSE(is_copied(lists_, lists_.At())) << "kept already";
}

TEST_F(ValueListsTest, DropsWhatWasUsedLongestAgoToShrink) {
  Put("a", lists_.At());
  Put("b", lists_.At());
  EXPECT_TRUE(Has("a"));
  EXPECT_EQ(lists_.Shrink(1), one_bytes_);
  EXPECT_FALSE(Has("b"));
  EXPECT_TRUE(Has("a"));
  EXPECT_EQ(lists_.Shrink(3 * one_bytes_), one_bytes_);
  EXPECT_EQ(lists_.bytes(), 0u);
}

TEST_F(ValueListsTest, TakesWhatItKeepsOfABudgetAndReturnsIt) {
  const Status exceeded(StatusCode::kResourceExhausted, "too much");
  MemoryBudget budget(100 * one_bytes_, exceeded);
  {
    ValueLists lists(10 * one_bytes_, &budget);
    TextList list = Many('a');
    lists.Put("a", lists.At(), list);
    lists.Put("b", lists.At(), list);
    lists.Put("c", lists.At(), list);
    EXPECT_EQ(budget.used(), 3 * one_bytes_);
    Change(lists, {"a"}, TooMany());
    EXPECT_EQ(budget.used(), 2 * one_bytes_);
    lists.Shrink(1);
    EXPECT_EQ(budget.used(), one_bytes_);
  }
  EXPECT_EQ(budget.used(), 0u);
}

TEST_F(ValueListsTest, WhereTheBudgetIsShortItTakesNoMoreThanItHas) {
  MemoryBudget budget(3 * one_bytes_, Status(StatusCode::kResourceExhausted, "too much"));
  ValueLists lists(10 * one_bytes_, &budget);
  const auto put = [&](const std::string& key) {
    TextList list = Many('a');
    lists.Put(key, lists.At(), list);
    return Get(lists, key, lists.At()).has_value();
  };
  ASSERT_TRUE(put("a"));
  ASSERT_TRUE(budget.TakeSpare(one_bytes_ + one_bytes_ / 2));
  EXPECT_FALSE(put("b")) << "the first is spared once";
  EXPECT_EQ(lists.bytes(), one_bytes_);
  EXPECT_TRUE(put("b")) << "in the place of the first";
  EXPECT_FALSE(Get(lists, "a", lists.At()).has_value());
  EXPECT_EQ(lists.bytes(), one_bytes_);
  lists.ChangedUnder("");
  ASSERT_TRUE(budget.TakeSpare(one_bytes_ + one_bytes_ / 2));
  EXPECT_FALSE(put("a")) << "nothing is left of the budget";
  EXPECT_EQ(lists.bytes(), 0u);
}

TEST_F(ValueListsTest, KeepsWhatItWouldDropInVainWhereTheBudgetIsShort) {
  MemoryBudget budget(3 * one_bytes_, Status(StatusCode::kResourceExhausted, "too much"));
  ValueLists lists(10 * one_bytes_, &budget);
  const auto put = [&](const std::string& key, TextList list) {
    lists.Put(key, lists.At(), list);
    return Get(lists, key, lists.At()).has_value();
  };
  TextList large = Many('l');
  large.Add(std::string(2 * one_bytes_, 'x'));
  ASSERT_TRUE(put("a", Many('a')));
  ASSERT_TRUE(budget.TakeSpare(one_bytes_ + one_bytes_ / 2));
  ASSERT_FALSE(put("large", large.Share())) << "the first is spared once";
  ASSERT_FALSE(put("large", large.Share())) << "with the first gone there is too little as well";
  EXPECT_EQ(lists.bytes(), one_bytes_);
  EXPECT_TRUE(Get(lists, "a", lists.At()).has_value());
}

TEST_F(ValueListsTest, KeepsNoShortLists) {
  TextList list{"a", "b"};
  lists_.Put("a", lists_.At(), list);
  EXPECT_FALSE(Get(lists_, "a", lists_.At()).has_value());
}

}  // namespace
}  // namespace skald::chunkstore
