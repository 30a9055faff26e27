#include "chunkstore/index/value_lists.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace skald::chunkstore {
namespace {

TextList Many(char first) {
  TextList list;
  for (size_t i = 0; i < ValueLists::kMinValues; ++i) list.Add(first + std::to_string(i));
  return list;
}

class ValueListsTest : public testing::Test {
 protected:
  void Put(const std::string& key, ValueLists::Moment moment) {
    TextList list = Many(key[0]);
    lists_.Put(key, moment, list);
  }
  bool Has(const std::string& key) {
    const auto list = lists_.Get(key, lists_.At());
    if (list) {
      EXPECT_EQ((*list)[0], key.substr(0, 1) + "0");
    }
    return list.has_value();
  }

  const size_t one_bytes_ = Many('a').MemoryBytes();
  ValueLists lists_{2 * one_bytes_ + one_bytes_ / 2};
};

TEST_F(ValueListsTest, KeepsListsUntilSomethingChanges) {
  Put("a", lists_.At());
  EXPECT_TRUE(Has("a"));
  EXPECT_FALSE(Has("b"));
  EXPECT_EQ(lists_.bytes(), one_bytes_);
  lists_.Changed();
  EXPECT_FALSE(Has("a"));
  EXPECT_EQ(lists_.bytes(), 0u);
}

// What is read before a change may lack what came with it.
TEST_F(ValueListsTest, NeitherTakesNorGivesAcrossAChange) {
  const ValueLists::Moment before = lists_.At();
  lists_.Changed();
  Put("a", before);
  EXPECT_FALSE(Has("a"));
  Put("a", lists_.At());
  EXPECT_TRUE(Has("a"));
  EXPECT_FALSE(lists_.Get("a", before).has_value());
}

TEST_F(ValueListsTest, KeepsWhatWasUsedLastAndNoMoreThanItMay) {
  Put("a", lists_.At());
  Put("b", lists_.At());
  EXPECT_TRUE(Has("a"));
  Put("c", lists_.At());
  EXPECT_TRUE(Has("a"));
  EXPECT_FALSE(Has("b"));
  EXPECT_TRUE(Has("c"));
  EXPECT_EQ(lists_.bytes(), 2 * one_bytes_);
  ValueLists small(one_bytes_ - 1);
  TextList list = Many('a');
  small.Put("a", small.At(), list);
  EXPECT_EQ(small.bytes(), 0u);
}

TEST_F(ValueListsTest, KeepsNoShortLists) {
  TextList list{"a", "b"};
  lists_.Put("a", lists_.At(), list);
  EXPECT_FALSE(lists_.Get("a", lists_.At()).has_value());
}

}  // namespace
}  // namespace skald::chunkstore
