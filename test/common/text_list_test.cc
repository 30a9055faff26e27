#include "common/text_list.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <memory>
#include <random>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/expiring_clock.h"
#include "support/matchers.h"

namespace skald {
namespace {

using test::HasCode;
using test::IsOk;

std::vector<std::string> TextsOf(const TextList& list) { return {list.begin(), list.end()}; }

TextList ListOf(const std::vector<std::string>& texts) {
  TextList list;
  for (const std::string& text : texts) list.Add(text);
  return list;
}

std::vector<std::string> Expected(const std::vector<std::string>& texts) {
  const std::set<std::string> sorted(texts.begin(), texts.end());
  return {sorted.begin(), sorted.end()};
}

// Texts as labels have them, and such as only a test has.
std::vector<std::vector<std::string>> Kinds(size_t count) {
  std::mt19937_64 random(count);
  std::vector<std::vector<std::string>> kinds(8);
  for (size_t i = 0; i < count; ++i) {
    const std::string number = std::to_string(random() % (2 * count));
    kinds[0].push_back("app-" + std::to_string(random() % 100) + "-" + number);
    kinds[1].push_back(std::string(7 + random() % 3, 'p') + number);
    kinds[2].push_back(std::string(random() % 20, '\0') + (random() % 2 == 0 ? "" : number));
    kinds[3].push_back("a prefix of more than sixteen bytes " + number + " and an end of more");
    kinds[4].push_back(std::string(random() % 30, 'x'));
    kinds[5].push_back({static_cast<char>(random()), static_cast<char>(random() % 3)});
    kinds[6].push_back("all the same");
    kinds[7].push_back(std::string(random() % 3000, 'y') + number);
  }
  return kinds;
}

TEST(TextListTest, KeepsTextsOfAnyLengthAsTheyAre) {
  std::vector<std::string> texts;
  for (const size_t length : {0, 1, 7, 1000, 2'000'000, 3, 1 << 20, 0, 5}) {
    texts.push_back(std::string(length, static_cast<char>('a' + texts.size())));
  }
  TextList list = ListOf(texts);
  const TextList moved = std::move(list);
  EXPECT_EQ(TextsOf(moved), texts);
  EXPECT_EQ(moved[3].size(), 1000u);
  EXPECT_TRUE(list.empty());
  list.Add("again");
  EXPECT_EQ(TextsOf(list), std::vector<std::string>{"again"});
}

TEST(TextListTest, BorrowsTextsBesideItsOwn) {
  TextList list;
  list.Add("own");
  {
    const std::shared_ptr<char[]> block = std::make_shared<char[]>(100);
    const uint32_t length = 8;
    std::memcpy(block.get(), &length, sizeof length);
    std::memcpy(block.get() + sizeof length, "borrowed", length);
    list.Borrow(std::span(&block, 1), 100);
    list.AddBorrowed(block.get());
    TextList shared;
    {
      TextList lent;
      lent.Borrow(std::span(&block, 1), 100);
      TextPlaces places;
      places.resize(1);
      places[0] = block.get();
      shared = lent.ShareBorrowed(std::move(places));
      EXPECT_TRUE(lent.empty());
    }
    EXPECT_EQ(block.use_count(), 3);  // Of both lists and here.
    EXPECT_EQ(TextsOf(shared), std::vector<std::string>{"borrowed"});
    EXPECT_GE(shared.MemoryBytes(), 100u);
  }
  list.Add("another");
  EXPECT_EQ(list.text_bytes(), 10u);  // Its own.
  ASSERT_THAT(list.SortUnique(), IsOk());
  EXPECT_EQ(TextsOf(list), (std::vector<std::string>{"another", "borrowed", "own"}));
  list.Close();
  TextList shared = list.Share();
  TextList all{"own", "zebra"};
  ASSERT_THAT(all.Unite(std::move(list)), IsOk());
  EXPECT_EQ(TextsOf(all), (std::vector<std::string>{"another", "borrowed", "own", "zebra"}));
  TextList front{"front"};
  front.Append(std::move(shared));
  EXPECT_EQ(TextsOf(front), (std::vector<std::string>{"front", "another", "borrowed", "own"}));
}

TEST(TextListTest, SortsTextsByTheirBytesAndDropsRepeats) {
  Executor workers("sort", 2);
  for (const size_t count : {0, 1, 2, 12, 13, 300, 5000, 16'385, 60'000}) {
    const auto kinds = Kinds(count);
    for (size_t kind = 0; kind < kinds.size(); ++kind) {
      if (kind == 7 && count > 5000) continue;
      for (Executor* const helpers : {static_cast<Executor*>(nullptr), &workers}) {
        TextList list = ListOf(kinds[kind]);
        ASSERT_THAT(list.SortUnique(CancelToken(), helpers), IsOk());
        ASSERT_EQ(TextsOf(list), Expected(kinds[kind])) << "kind " << kind << " of " << count;
      }
    }
  }
}

TEST(TextListTest, EndsWhenItIsCancelled) {
  Executor workers("sort", 2);
  CancelToken cancel;
  cancel.Cancel();
  for (const size_t count : {3, 60'000}) {
    TextList list = ListOf(Kinds(count)[0]);
    EXPECT_THAT(list.SortUnique(cancel, &workers), HasCode(StatusCode::kCancelled));
    EXPECT_THAT(list.SortUnique(cancel), HasCode(StatusCode::kCancelled));
  }
}

// Texts that part one by one at the front, and `count` that are the same for a kilobyte.
std::vector<std::string> DeepTexts(size_t count) {
  std::vector<std::string> texts;
  for (size_t i = 0; i < 70; ++i) texts.push_back(std::string(16 * i, 'x'));
  for (size_t i = 0; i < count; ++i) {
    texts.push_back(std::string(1120, 'x') + std::to_string(i * 7919 % count / 2));
  }
  return texts;
}

// How often it looks at its token, which expires at one of the looks, or not at all.
int LooksOfSort(const std::vector<std::string>& texts, int expires_at, bool expect_ok) {
  const test::ExpiringClock clock(expires_at + 1);  // The first is to set the deadline.
  TextList list = ListOf(texts);
  const Status status =
      list.SortUnique(CancelToken::WithTimeout(clock, std::chrono::minutes(1)), nullptr);
  if (expect_ok) {
    EXPECT_THAT(status, IsOk());
    EXPECT_EQ(TextsOf(list), Expected(texts));
  } else {
    EXPECT_THAT(status, HasCode(StatusCode::kDeadlineExceeded)) << "at look " << expires_at;
  }
  return clock.asked() - 1;
}

TEST(TextListTest, EndsWhereverItIsCancelled) {
  constexpr int kNever = 1'000'000;
  for (const auto& texts : {DeepTexts(16'000), Kinds(40'000)[0]}) {
    const int looks = LooksOfSort(texts, kNever, true);
    EXPECT_GT(looks, 20);
    for (int look = 1; look <= looks; look += 1 + looks / 10) LooksOfSort(texts, look, false);
    LooksOfSort(texts, looks, false);
  }
  // No step is longer for there being more texts.
  EXPECT_GT(LooksOfSort(DeepTexts(16'000), kNever, true),
            LooksOfSort(DeepTexts(2'000), kNever, true) + 14);
}

TEST(TextListTest, UnitesListsInOrder) {
  const auto kinds = Kinds(2000);
  for (const size_t kind : {0, 2, 5}) {
    std::vector<std::string> texts = kinds[kind];
    TextList all;
    for (size_t begin = 0; begin < texts.size(); begin += 500) {
      TextList some =
          ListOf({texts.begin() + static_cast<ptrdiff_t>(begin),
                  texts.begin() + static_cast<ptrdiff_t>(
                                      begin + 700 < texts.size() ? begin + 700 : texts.size())});
      ASSERT_THAT(some.SortUnique(), IsOk());
      ASSERT_THAT(all.Unite(std::move(some)), IsOk());
    }
    EXPECT_EQ(TextsOf(all), Expected(texts)) << "kind " << kind;
  }
}

TEST(TextListTest, SharesTextsButNotWhatIsAddedLater) {
  TextList list = ListOf({"b", "a", std::string(5000, 'x')});
  list.Close();
  TextList shared = list.Share();
  list.Add("of the one");
  shared.Add("of the other");
  EXPECT_EQ(TextsOf(list),
            (std::vector<std::string>{"b", "a", std::string(5000, 'x'), "of the one"}));
  ASSERT_THAT(shared.SortUnique(), IsOk());
  list = TextList();
  EXPECT_EQ(TextsOf(shared),
            (std::vector<std::string>{"a", "b", "of the other", std::string(5000, 'x')}));
}

// Two lists of texts of one kind, either of which has some that the other lacks.
std::pair<TextList, TextList> Halves(const std::vector<std::string>& texts) {
  std::pair<TextList, TextList> halves;
  for (size_t i = 0; i < texts.size(); ++i) {
    if (i % 3 != 0) halves.first.Add(texts[i]);
    if (i % 3 != 1) halves.second.Add(texts[i]);
  }
  EXPECT_THAT(halves.first.SortUnique(), IsOk());
  EXPECT_THAT(halves.second.SortUnique(), IsOk());
  return halves;
}

TEST(TextListTest, UnitesLongListsWithTheHelpOfOtherThreads) {
  Executor workers("unite", 2);
  const auto kinds = Kinds(60'000);
  for (const size_t kind : {0, 1, 2, 5, 6}) {
    auto [left, right] = Halves(kinds[kind]);
    ASSERT_THAT(left.Unite(std::move(right), CancelToken(), &workers), IsOk());
    EXPECT_EQ(TextsOf(left), Expected(kinds[kind])) << "kind " << kind;
  }
}

TEST(TextListTest, UnitesAFewTextsWithMany) {
  std::mt19937_64 random(1);
  const auto kinds = Kinds(20'000);
  for (const size_t kind : {0, 1, 2, 3, 5}) {
    const std::vector<std::string>& texts = kinds[kind];
    for (const size_t few : {1, 2, 10, 100}) {
      std::set<std::string> left(texts.begin(), texts.begin() + 15'000);
      std::set<std::string> right;
      while (right.size() < few) right.insert(texts[random() % texts.size()]);
      if (few == 10) right.insert({"", *left.begin(), *left.rbegin(), std::string(40, '\xff')});
      if (few == 100) {  // All within one gap.
        const auto gap = std::next(left.begin(), static_cast<ptrdiff_t>(left.size() / 2));
        right = {gap, std::next(gap, std::min(static_cast<ptrdiff_t>(few),
                                              std::distance(gap, left.end())))};
        left.erase(left.find(*right.begin()), left.upper_bound(*right.rbegin()));
      }
      TextList list = ListOf({left.begin(), left.end()});
      ASSERT_THAT(list.Unite(ListOf({right.begin(), right.end()})), IsOk());
      left.merge(right);
      EXPECT_EQ(TextsOf(list), Expected({left.begin(), left.end()})) << few << " of kind " << kind;
    }
  }
  TextList list = ListOf(Expected(kinds[0]));
  CancelToken cancel;
  cancel.Cancel();
  EXPECT_THAT(list.Unite({"a"}, cancel), HasCode(StatusCode::kCancelled));
}

TEST(TextListTest, EndsWhereverItIsCancelledAmidstAUnion) {
  const std::vector<std::string> texts = Kinds(60'000)[0];
  const auto unite_until = [&](int looks) {
    auto [left, right] = Halves(texts);
    const test::ExpiringClock clock(looks + 1);  // The first is to set the deadline.
    const CancelToken cancel = CancelToken::WithTimeout(clock, std::chrono::minutes(1));
    const Status status = left.Unite(std::move(right), cancel);
    return std::pair(status.code(), clock.asked() - 1);
  };
  const auto [code, looks] = unite_until(1'000'000);
  EXPECT_EQ(code, StatusCode::kOk);
  EXPECT_GE(looks, 3);
  for (int look = 1; look <= looks; ++look) {
    EXPECT_EQ(unite_until(look), std::pair(StatusCode::kDeadlineExceeded, look));
  }
}

// As the values of a label on many days are.
TEST(TextListTest, KeepsTextsOnceThatManyListsHave) {
  std::vector<std::string> texts = Expected(Kinds(20'000)[0]);
  TextList all = ListOf(texts);
  const size_t text_bytes = all.text_bytes();
  const size_t memory_bytes = all.MemoryBytes();
  EXPECT_GT(memory_bytes, text_bytes);
  ASSERT_THAT(all.Unite(ListOf(texts)), IsOk());
  EXPECT_EQ(all.text_bytes(), text_bytes);
  EXPECT_EQ(all.MemoryBytes(), memory_bytes);
  const size_t count = texts.size();
  for (int day = 10; day < 40; ++day) {
    TextList more = ListOf({texts.begin(), texts.begin() + static_cast<ptrdiff_t>(count)});
    texts.push_back("day-" + std::to_string(day));
    more.Add(texts.back());
    ASSERT_THAT(all.Unite(std::move(more)), IsOk());
  }
  EXPECT_EQ(TextsOf(all), texts);
  EXPECT_EQ(all.text_bytes(), text_bytes + 30 * 6);
  EXPECT_LT(all.MemoryBytes(), 2 * memory_bytes);
}

TEST(TextListTest, TakesListsOverThatAreNew) {
  const std::vector<std::string> texts = Expected(Kinds(20'000)[0]);
  const auto half = texts.begin() + 10'000;
  TextList all = ListOf({half, texts.end()});
  const TextList whole = ListOf(texts);
  TextList more = ListOf({texts.begin(), half + 10});
  const std::string_view first = more[0];
  ASSERT_THAT(all.Unite(std::move(more)), IsOk());
  EXPECT_EQ(TextsOf(all), texts);
  EXPECT_EQ(all[0].data(), first.data());
  EXPECT_EQ(all.text_bytes(), whole.text_bytes());
}

TEST(TextListTest, WhatIsAddedToASharedListTakesNoWholeBlock) {
  const std::vector<std::string> texts = Expected(Kinds(60'000)[0]);
  TextList all = ListOf(texts);
  const size_t memory_bytes = all.MemoryBytes();
  size_t added_bytes = 0;
  for (int i = 100; i < 400; ++i) {
    TextList more = ListOf({texts.begin(), texts.begin() + 20});
    more.Add("new " + std::to_string(i));
    added_bytes += more[20].size();
    all.Close();
    all = all.Share();
    ASSERT_THAT(all.Unite(std::move(more)), IsOk());
  }
  EXPECT_EQ(all.size(), texts.size() + 300);
  EXPECT_LT(all.MemoryBytes(), memory_bytes + 10 * added_bytes);
}

TEST(TextListTest, UnitesASharedListWithoutAChangeToIt) {
  const std::vector<std::string> texts = Expected(Kinds(20'000)[0]);
  for (const size_t count : {size_t{0}, size_t{1}, size_t{10'000}, texts.size()}) {
    const auto half = texts.begin() + static_cast<ptrdiff_t>(count);
    TextList list = ListOf({texts.begin(), half});
    list.Close();
    for (const auto& more : {texts, std::vector<std::string>(half, texts.end())}) {
      auto united = std::as_const(list).United(ListOf(more));
      ASSERT_THAT(united, IsOk());
      EXPECT_EQ(TextsOf(*united), texts);
      united->Add("its own");
      EXPECT_EQ(TextsOf(list), std::vector<std::string>(texts.begin(), half));
    }
    const auto same = std::as_const(list).United(list.Share());
    ASSERT_THAT(same, IsOk());
    EXPECT_EQ(TextsOf(*same), TextsOf(list));
  }
}

TEST(TextListTest, WhatIsReservedForLiesInOneBlockOfThatSize) {
  TextList list = {"a"};
  list.ReserveMore(1001, 10'003);
  const size_t memory_bytes = list.MemoryBytes();
  for (int i = 0; i < 1000; ++i) list.Add("ten bytes.");
  list.Add("abc");
  EXPECT_EQ(list.MemoryBytes(), memory_bytes);
  EXPECT_EQ(list[1000].data() + 10 + kTextLengthBytes, list[1001].data());
  list.Add("");
  EXPECT_GT(list.MemoryBytes(), memory_bytes);
}

// Its texts may be added by their places later.
TEST(TextListTest, AppendingKeepsWhatAListWithoutPlacesHasBorrowed) {
  const std::shared_ptr<char[]> block = std::make_shared<char[]>(100);
  TextList list;
  TextList lent;
  lent.Borrow(std::span(&block, 1), 100);
  list.Append(std::move(lent));
  list.Append({"some", "more"});
  EXPECT_EQ(block.use_count(), 2);
  EXPECT_EQ(TextsOf(list), (std::vector<std::string>{"some", "more"}));
  EXPECT_EQ(list.text_bytes(), 8u);
}

TEST(TextListTest, AppendsInTheOrderOfCalls) {
  TextList list = {"b", "a"};
  list.Append({"c"});
  list.Append({});
  list.Add("a");
  EXPECT_EQ(TextsOf(list), (std::vector<std::string>{"b", "a", "c", "a"}));
}

}  // namespace
}  // namespace skald
