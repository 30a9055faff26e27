#include "ingester/value_order.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "support/matchers.h"

namespace skald::ingester {
namespace {

using test::HasCode;
using test::IsOk;

std::shared_ptr<const ValueOrder> OrderOf(const std::vector<ValueTable>& tables,
                                          Executor* workers = nullptr) {
  std::vector<ValueOrder::Part> parts;
  for (const ValueTable& table : tables) parts.push_back(ValueOrder::PartOf(table));
  auto order = ValueOrder::Make(std::move(parts), CancelToken(), workers);
  EXPECT_THAT(order, IsOk());
  return *order;
}

using Marks = std::vector<uint8_t>;

// Which values are wanted, by number: of those that are there such as is(text) says so of.
template <typename Is>
Marks MarksOf(const ValueOrder& order, const std::vector<ValueTable>& tables, const Is& is) {
  Marks wanted(order.size());
  for (size_t i = 0; i < tables.size(); ++i) {
    const auto values = tables[i].values();
    for (size_t number = 0; number < order.CountOf(i); ++number) {
      if (values[number].streams.empty()) continue;
      wanted[order.BeginOf(i) + number] = is(values[number].text()) ? 1 : 0;
    }
  }
  return wanted;
}

std::vector<std::string> Pick(const ValueOrder& order, const Marks& wanted,
                              Executor* workers = nullptr) {
  const auto picked = order.Pick(wanted, CancelToken(), workers);
  EXPECT_THAT(picked, IsOk());
  std::vector<std::string> texts;
  for (const TextPlace place : *picked) texts.emplace_back(TextAt(place));
  return texts;
}

TEST(ValueOrderTest, PicksOneOfEachTextWhereverItIsWanted) {
  std::vector<ValueTable> tables(4);
  for (const char* value : {"b", "a", ""}) tables[0].Add(value, 1);
  for (const char* value : {"c", "b"}) tables[1].Add(value, 1);
  for (const char* value : {"a", "b", "gone"}) tables[3].Add(value, 1);
  tables[3].Remove("gone", 1);
  const auto order = OrderOf(tables);
  EXPECT_EQ(order->size(), 8u);
  Marks wanted = MarksOf(*order, tables, [](auto) { return true; });
  EXPECT_EQ(Pick(*order, wanted), (std::vector<std::string>{"", "a", "b", "c"}));
  wanted[order->BeginOf(0)] = 0;  // Two "b" are left, then one, then none.
  EXPECT_EQ(Pick(*order, wanted), (std::vector<std::string>{"", "a", "b", "c"}));
  wanted[order->BeginOf(3) + 1] = 0;
  EXPECT_EQ(Pick(*order, wanted), (std::vector<std::string>{"", "a", "b", "c"}));
  wanted[order->BeginOf(1) + 1] = 0;
  EXPECT_EQ(Pick(*order, wanted), (std::vector<std::string>{"", "a", "c"}));
  std::ranges::fill(wanted, 0);
  EXPECT_TRUE(Pick(*order, wanted).empty());
}

TEST(ValueOrderTest, HoldsUntilValuesAreMoved) {
  std::vector<ValueTable> tables(2);
  for (int i = 0; i < 100; ++i) tables[0].Add("value " + std::to_string(i), i);
  const auto order = OrderOf(tables);
  EXPECT_TRUE(order->Holds(0, tables[0].numbering()));
  EXPECT_TRUE(order->Holds(1, tables[1].numbering()));
  tables[0].Add("another", 100);
  for (int i = 0; i < 10; ++i) tables[0].Remove("value " + std::to_string(i), i);
  EXPECT_TRUE(order->Holds(0, tables[0].numbering()));
  EXPECT_EQ(order->CountOf(0), 100u);
  for (int i = 10; i < 90; ++i) tables[0].Remove("value " + std::to_string(i), i);
  EXPECT_FALSE(order->Holds(0, tables[0].numbering()));
  tables[1].Add("first", 1);
  EXPECT_FALSE(order->Holds(1, tables[1].numbering()));
  // Not those of a table that takes the place of one that is gone.
  const auto second = OrderOf(tables);
  tables[1] = ValueTable();
  tables[1].Add("other", 1);
  EXPECT_FALSE(second->Holds(1, tables[1].numbering()));
}

TEST(ValueOrderTest, EndsSoonAfterItIsCancelled) {
  std::vector<ValueTable> tables(1);
  for (int i = 0; i < 100; ++i) tables[0].Add(std::to_string(i), i);
  const auto order = OrderOf(tables);
  CancelToken cancel;
  cancel.Cancel();
  EXPECT_THAT(ValueOrder::Make({ValueOrder::PartOf(tables[0])}, cancel, nullptr),
              HasCode(StatusCode::kCancelled));
  EXPECT_THAT(order->Pick(Marks(100), cancel, nullptr), HasCode(StatusCode::kCancelled));
}

// Of so many values that other threads help, many of them in several tables, some in each of them:
// repeats of one text are in several pieces then.
TEST(ValueOrderPropertyTest, PicksWhatASortOfTextsHas) {
  constexpr uint32_t kTables = 8;
  std::mt19937 random(11);
  Executor workers("work", 2);
  std::vector<ValueTable> tables(kTables);
  for (uint32_t i = 0; i < 100'000; ++i) {
    const uint32_t number = random() % 30'000;
    tables[random() % kTables].Add("pod-" + std::string(number % 13, 'p') + std::to_string(number),
                                   i);
  }
  const auto order = OrderOf(tables, &workers);
  for (const uint32_t of : {1u, 2u, 7u, 50'000u}) {
    std::set<std::string> texts;
    const Marks wanted = MarksOf(*order, tables, [&](std::string_view text) {
      if (random() % of != 0) return false;
      texts.emplace(text);
      return true;
    });
    const std::vector<std::string> expected(texts.begin(), texts.end());
    EXPECT_EQ(Pick(*order, wanted, &workers), expected);
    EXPECT_EQ(Pick(*order, wanted), expected);
  }
}

// So many tables have one value that its repeats are more than a piece.
TEST(ValueOrderTest, PicksOneOfMoreRepeatsThanAreLookedAtAtOnce) {
  std::vector<ValueTable> tables(40'000);
  for (ValueTable& table : tables) table.Add("all", 1);
  tables.back().Add("zebra", 1);
  tables.front().Add("a", 1);
  const auto order = OrderOf(tables);
  Marks wanted = MarksOf(*order, tables, [](auto) { return true; });
  EXPECT_EQ(Pick(*order, wanted), (std::vector<std::string>{"a", "all", "zebra"}));
  // Of "all" none but the one in the last table.
  for (size_t i = 0; i + 1 < tables.size(); ++i) wanted[order->BeginOf(i)] = 0;
  EXPECT_EQ(Pick(*order, wanted), (std::vector<std::string>{"a", "all", "zebra"}));
  wanted[order->BeginOf(tables.size() - 1)] = 0;
  EXPECT_EQ(Pick(*order, wanted), (std::vector<std::string>{"a", "zebra"}));
}

}  // namespace
}  // namespace skald::ingester
