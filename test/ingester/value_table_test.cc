#include "ingester/value_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace skald::ingester {
namespace {

using Streams = std::set<IdList::Id>;

// As a map, by a walk over all values.
std::map<std::string, Streams> Walk(const ValueTable& table) {
  std::map<std::string, Streams> all;
  for (const ValueTable::Value& value : table.values()) {
    if (value.streams.empty()) continue;
    const auto ids = value.streams.ids();
    EXPECT_TRUE(all.emplace(value.text(), Streams(ids.begin(), ids.end())).second) << value.text();
  }
  return all;
}

// What all texts lie in.
size_t TextBytesOf(const ValueTable& table) {
  TextList list;
  table.LendTo(list);
  return list.MemoryBytes();
}

TEST(ValueTableTest, FindsTheStreamsOfAValue) {
  ValueTable table;
  table.Add("a", 1);
  table.Add("", 2);
  table.Add("a", 3);
  ASSERT_NE(table.Find("a"), nullptr);
  EXPECT_EQ(table.Find("a")->size(), 2u);
  ASSERT_NE(table.Find(""), nullptr);
  EXPECT_EQ(table.Find("")->ids().front(), 2u);
  EXPECT_EQ(table.Find("b"), nullptr);
  EXPECT_EQ(table.size(), 2u);
}

TEST(ValueTableTest, WalksValuesAsTheyCame) {
  ValueTable table;
  std::vector<std::string> values;
  for (IdList::Id id = 0; id < 1000; ++id) {
    values.push_back("value " + std::to_string(id * 7919 % 1000));
    table.Add(values.back(), id);
  }
  std::vector<std::string> walked;
  for (const ValueTable::Value& value : table.values()) walked.emplace_back(value.text());
  EXPECT_EQ(walked, values);
}

TEST(ValueTableTest, FreesWhatIsRemoved) {
  ValueTable table;
  const std::string long_value(100, 'x');
  for (IdList::Id id = 0; id < 10'000; ++id) {
    table.Add(long_value + std::to_string(id), id);
    if (id > 0) table.Remove(long_value + std::to_string(id - 1), id - 1);
  }
  EXPECT_EQ(Walk(table), (std::map<std::string, Streams>{{long_value + "9999", {9999}}}));
  EXPECT_LE(table.values().size(), 10u);
  EXPECT_LT(TextBytesOf(table), 10'000u);
}

TEST(ValueTableTest, LeavesValuesWhereTheyAreUntilTheirNumberingIsAnother) {
  ValueTable table;
  EXPECT_EQ(table.numbering(), nullptr);
  for (IdList::Id id = 0; id < 100; ++id) table.Add("value " + std::to_string(id), id);
  const auto numbering = table.numbering();
  for (IdList::Id id = 0; id < 100; ++id) {
    const TextPlace last = table.values()[99].place;
    EXPECT_EQ(ValueTable::NumberAt(last), 99u);
    table.Remove("value " + std::to_string(id), id);
    if (table.numbering() != numbering) break;
    table.Add("other " + std::to_string(id), id);
    ASSERT_EQ(table.values().size(), 101 + id);
    EXPECT_EQ(table.values()[99].place, last);
    EXPECT_EQ(table.values().back().text(), "other " + std::to_string(id));
  }
  EXPECT_NE(table.numbering(), numbering);
  for (size_t i = 0; i < table.values().size(); ++i) {
    EXPECT_EQ(ValueTable::NumberAt(table.values()[i].place), i);
  }
}

TEST(ValueTableTest, LendsTextsThatStayAsTheyAre) {
  TextList list;
  {
    ValueTable table;
    for (IdList::Id id = 0; id < 1000; ++id) table.Add("value " + std::to_string(id), id);
    table.LendTo(list);
    for (const ValueTable::Value& value : table.values()) list.AddBorrowed(value.place);
    // Those that come lie elsewhere, and once most are gone all others are copied.
    for (IdList::Id id = 0; id < 1000; ++id) {
      table.Add("other " + std::to_string(id), id);
      table.Remove("value " + std::to_string(id), id);
    }
    const size_t before = TextBytesOf(table);
    for (IdList::Id id = 0; id < 500; ++id) table.Remove("other " + std::to_string(id), id);
    EXPECT_LT(TextBytesOf(table), before / 2);
  }
  ASSERT_EQ(list.size(), 1000u);
  for (size_t i = 0; i < list.size(); ++i) EXPECT_EQ(list[i], "value " + std::to_string(i));
}

TEST(ValueTableTest, CountsNoMemoryOnceAllIsRemoved) {
  ValueTable table;
  table.Add("a", 1);
  const size_t one = table.memory_bytes();
  EXPECT_GT(one, sizeof(ValueTable::Value));
  table.Add("a", 2);
  EXPECT_EQ(table.memory_bytes(), one + sizeof(IdList::Id));
  table.Add("a", 2);
  EXPECT_EQ(table.memory_bytes(), one + sizeof(IdList::Id));
  table.Remove("a", 1);
  table.Remove("a", 1);
  table.Remove("b", 1);
  EXPECT_EQ(table.memory_bytes(), one);
  table.Remove("a", 2);
  EXPECT_EQ(table.memory_bytes(), 0u);
  EXPECT_TRUE(table.empty());
}

// Enough texts come and go that they are copied together again and again.
TEST(ValueTablePropertyTest, HoldsWhatAMapHolds) {
  std::mt19937 random(7);
  const auto pick = [&](uint32_t count) { return static_cast<uint32_t>(random() % count); };
  ValueTable table;
  std::map<std::string, Streams> expected;
  for (int round = 0; round < 200'000; ++round) {
    const uint32_t number = pick(3000);
    const std::string value = std::string(number % 50, 'v') + std::to_string(number);
    const IdList::Id id = pick(3);
    // Grows and shrinks in turns.
    if (pick(10) < (round / 20'000 % 2 == 0 ? 8u : 2u)) {
      table.Add(value, id);
      expected[value].insert(id);
    } else {
      table.Remove(value, id);
      if (const auto found = expected.find(value); found != expected.end()) {
        found->second.erase(id);
        if (found->second.empty()) expected.erase(found);
      }
    }
    const IdList* found = table.Find(value);
    ASSERT_EQ(found != nullptr, expected.contains(value));
    if (found != nullptr) {
      ASSERT_TRUE(std::ranges::equal(found->ids(), expected[value]));
    }
    if (round % 5'000 == 0) {
      ASSERT_EQ(Walk(table), expected) << round;
    }
  }
  EXPECT_EQ(Walk(table), expected);
  EXPECT_EQ(table.size(), expected.size());
}

}  // namespace
}  // namespace skald::ingester
