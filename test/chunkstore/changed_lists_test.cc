#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "chunkstore/index/value_lists.h"
#include "chunkstore/value_lists_fixture.h"
#include "common/clock.h"
#include "common/executor.h"
#include "common/memory_budget.h"
#include "common/mutex.h"
#include "support/matchers.h"

namespace skald::chunkstore {
namespace {

using test::HasCode;
using test::IsOk;

using ChangedListsTest = ValueListsTest;

// Whether it has all of a list and `new_values`, in order.
void ExpectWith(const std::optional<TextList>& list, const std::set<std::string>& new_values) {
  ASSERT_TRUE(list.has_value());
  std::set<std::string> expected(new_values);
  const TextList many = Many('a');
  expected.insert(many.begin(), many.end());
  EXPECT_TRUE(std::ranges::equal(*list, expected)) << list->size() << " of " << expected.size();
}

TEST_F(ChangedListsTest, AKeptListHasWhatCame) {
  Put("a", lists_.At());
  Put("b", lists_.At());
  Change(lists_, {"a", "c"}, {"late", "a100007", "early"});
  ExpectWith(Get(lists_, "a", lists_.At()), {"early", "late"});
  Change(lists_, {"a"}, {"late", "z"});
  Change(lists_, {"a"}, {"", "m"});
  ExpectWith(Get(lists_, "a", lists_.At()), {"", "early", "late", "m", "z"});
  ExpectWith(Get(lists_, "a", lists_.At()), {"", "early", "late", "m", "z"});
  EXPECT_TRUE(Has("b"));
  EXPECT_FALSE(Has("c"));
}

// Where nothing is left to unite no token is looked at.
TEST_F(ChangedListsTest, KeepsAUnionInPlaceOfWhatItIsMadeOf) {
  CancelToken cancelled;
  cancelled.Cancel();
  Put("a", lists_.At());
  Change(lists_, {"a"}, {"late"});
  EXPECT_THAT(lists_.Get("a", lists_.At(), cancelled), HasCode(StatusCode::kCancelled));
  ExpectWith(Get(lists_, "a", lists_.At()), {"late"});
  const auto again = lists_.Get("a", lists_.At(), cancelled);
  ASSERT_THAT(again, IsOk());
  ExpectWith(again->value().Share(), {"late"});
}

TEST_F(ChangedListsTest, GivesWhatCameUpToTheMoment) {
  const ValueLists::Moment first = lists_.At();
  Put("a", first);
  Change(lists_, {"a"}, {"second"});
  const ValueLists::Moment second = lists_.At();
  Change(lists_, {"a"}, {"third"});
  ExpectWith(Get(lists_, "a", first), {});
  ExpectWith(Get(lists_, "a", second), {"second"});
  EXPECT_FALSE(Get(lists_, "a", first).has_value()) << "it has become one with the second";
  ExpectWith(Get(lists_, "a", second), {"second"});
  ExpectWith(Get(lists_, "a", lists_.At()), {"second", "third"});
}

TEST_F(ChangedListsTest, ForgetsAListThatSoManyCameTo) {
  std::vector<std::string> values = TooMany();
  const auto half = values.begin() + values.size() / 2;
  const std::vector<std::string> some(values.begin(), half);
  values.erase(values.begin(), half);
  for (const bool is_asked_for : {false, true}) {
    Put("a", lists_.At());
    Change(lists_, {"a"}, some);
    if (is_asked_for) ExpectWith(Get(lists_, "a", lists_.At()), {some.begin(), some.end()});
    Change(lists_, {"a"}, values);
    EXPECT_EQ(Has("a"), is_asked_for);
    lists_.ChangedUnder("");
    EXPECT_EQ(lists_.bytes(), 0u);
  }
}

// What is asked for all the time would consist of ever more pieces.
TEST_F(ChangedListsTest, ForgetsAListThatChangedSoOften) {
  for (const bool is_asked_for : {false, true}) {
    Put("a", lists_.At());
    for (size_t i = 0; i < ValueLists::kMaxChanges; ++i) {
      Change(lists_, {"a"}, {"z" + std::to_string(i % 2)});
      if (is_asked_for && i % 10 == 0) {
        EXPECT_TRUE(Has("a"));
      }
    }
    EXPECT_TRUE(Has("a"));
    Change(lists_, {"a"}, {"z"});
    EXPECT_FALSE(Has("a"));
    EXPECT_EQ(lists_.bytes(), 0u);
  }
}

TEST_F(ChangedListsTest, WhatCameIsOfTheBudgetToo) {
  MemoryBudget budget(2 * one_bytes_, Status(StatusCode::kResourceExhausted, "too much"));
  ValueLists lists(10 * one_bytes_, &budget);
  const std::string large(one_bytes_ / 4, 'x');
  const auto change = [&](int i) { Change(lists, {"a"}, {large + std::to_string(i)}); };
  TextList list = Many('a');
  lists.Put("a", lists.At(), list);
  change(1);
  EXPECT_GT(budget.used(), one_bytes_ + one_bytes_ / 4);
  ExpectWith(Get(lists, "a", lists.At()), {large + "1"});
  EXPECT_GT(budget.used(), one_bytes_ + one_bytes_ / 4);
  change(2);
  EXPECT_GT(budget.used(), one_bytes_ + one_bytes_ / 2);
  EXPECT_GT(lists.Shrink(1), one_bytes_ + one_bytes_ / 2);
  EXPECT_EQ(budget.used(), 0u);

  lists.Put("a", lists.At(), list);
  for (int i = 0; i < 3; ++i) change(i);
  EXPECT_TRUE(Get(lists, "a", lists.At()).has_value());
  change(3);
  EXPECT_FALSE(Get(lists, "a", lists.At()).has_value()) << "what came last did not fit";
  EXPECT_EQ(budget.used(), 0u);
}

TEST_F(ChangedListsTest, TakesNoListThatWasReadBeforeAChangeWhichGoesOn) {
  Put("b", lists_.At());
  const ValueLists::Moment before = lists_.At();
  lists_.Changed({"a", "b"}, [&](std::string_view key) {
    EXPECT_EQ(key, "b");
    Put("a", before);
    EXPECT_TRUE(Has("a")) << "nobody was told of the change yet";
    return std::vector<std::string_view>{"late"};
  });
  EXPECT_FALSE(Has("a"));
  EXPECT_TRUE(Has("b"));
}

// A clock that does something, once, when a deadline is looked at.
class InterruptingClock final : public Clock {
 public:
  int64_t NowNs() const override { return 0; }
  int64_t MonotonicNs() const override {
    if (then_) std::exchange(then_, nullptr)();
    return 0;
  }
  void Then(std::function<void()> then) { then_ = std::move(then); }

 private:
  mutable std::function<void()> then_;
};

// What Get gives if `then` is done while it unites.
std::optional<TextList> GetWhile(ValueLists& lists, const std::string& key,
                                 std::function<void()> then) {
  InterruptingClock clock;
  const CancelToken cancel = CancelToken::WithTimeout(clock, std::chrono::minutes(1));
  bool done = false;
  clock.Then([&] {
    then();
    done = true;
  });
  auto list = lists.Get(key, lists.At(), cancel);
  EXPECT_TRUE(done);
  EXPECT_THAT(list, IsOk());
  return *std::move(list);
}

TEST_F(ChangedListsTest, WhatComesWhileAListIsUnitedIsNotLost) {
  Put("a", lists_.At());
  Change(lists_, {"a"}, {"first"});
  ExpectWith(GetWhile(lists_, "a", [&] { Change(lists_, {"a"}, {"second"}); }), {"first"});
  ExpectWith(Get(lists_, "a", lists_.At()), {"first", "second"});
}

TEST_F(ChangedListsTest, OfTwoUnionsTheFirstIsKept) {
  Put("a", lists_.At());
  Change(lists_, {"a"}, {"first"});
  const auto get_another = [&] {
    Change(lists_, {"a"}, {"second"});
    ExpectWith(Get(lists_, "a", lists_.At()), {"first", "second"});
    Change(lists_, {"a"}, {"third"});
  };
  ExpectWith(GetWhile(lists_, "a", get_another), {"first"});
  ExpectWith(Get(lists_, "a", lists_.At()), {"first", "second", "third"});
}

TEST_F(ChangedListsTest, AUnionTakesNotThePlaceOfAListThatWasReadSince) {
  Put("a", lists_.At());
  Change(lists_, {"a"}, {"gone"});
  const auto read_anew = [&] {
    lists_.ChangedUnder("");
    Put("a", lists_.At());
  };
  ExpectWith(GetWhile(lists_, "a", read_anew), {"gone"});
  ExpectWith(Get(lists_, "a", lists_.At()), {});
  Change(lists_, {"a"}, {"gone"});
  ExpectWith(GetWhile(lists_, "a", [&] { lists_.ChangedUnder(""); }), {"gone"});
  EXPECT_FALSE(Has("a"));
  EXPECT_EQ(lists_.bytes(), 0u);
}

// What is in an index of which lists are kept: writers tell of a value once it is there.
class ChangedListsThreadsTest : public ValueListsTest {
 protected:
  void Write(const std::string& value) {
    {
      MutexLock lock(mutex_);
      written_.Add(value);
    }
    Change(lists_, {"a"}, {value});
    ++told_;
  }
  TextList Read() {
    const ValueLists::Moment moment = lists_.At();
    TextList snapshot;
    {
      MutexLock lock(mutex_);
      written_.Close();
      snapshot = written_.Share();
    }
    if (auto list = Get(lists_, "a", moment, &workers_)) {
      ++kept_;
      return *std::move(list);
    }
    EXPECT_THAT(snapshot.SortUnique(), IsOk());
    lists_.Put("a", moment, snapshot);
    return snapshot;
  }

  Executor workers_{"lookups", 1};
  std::atomic<size_t> told_ = 0;
  std::atomic<size_t> kept_ = 0;
  Mutex mutex_;
  TextList written_ SKALD_GUARDED_BY(mutex_) = Many('a');
};

TEST_F(ChangedListsThreadsTest, EachListHasAllThatWasToldBeforeItWasAskedFor) {
  constexpr size_t kWrites = 100;
  std::atomic<int> reading = 2;
  const auto read = [&] {
    for (size_t before = 0; before < kWrites;) {
      before = told_;
      const TextList list = Read();
      EXPECT_GE(list.size(), ValueLists::kMinValues + before);
      EXPECT_TRUE(std::ranges::is_sorted(list));
    }
    --reading;
  };
  std::thread reader(read);
  std::thread other_reader(read);
  for (size_t i = 0; i < kWrites; ++i) {
    const size_t kept = kept_;
    Write("late-" + std::to_string(i));
    while (kept_ == kept && reading > 0) std::this_thread::yield();
  }
  reader.join();
  other_reader.join();
  EXPECT_EQ(Read().size(), ValueLists::kMinValues + kWrites);
}

}  // namespace
}  // namespace skald::chunkstore
