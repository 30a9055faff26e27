#include "common/piecewise_append.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <utility>

#include "support/expiring_clock.h"
#include "support/matchers.h"

namespace skald {
namespace {

using test::HasCode;
using test::IsOk;

// The numbers from begin to end, each with a blank behind it.
void WriteNumbers(size_t begin, size_t end, std::string& to) {
  for (size_t i = begin; i < end; ++i) to.append(std::to_string(i)).push_back(' ');
}

TEST(PiecewiseAppendTest, AppendsAllInOrder) {
  Executor workers("append", 2);
  for (const size_t count : {0, 1, 9, 10, 11, 89, 90, 91, 1000}) {
    std::string expected = "x";
    WriteNumbers(0, count, expected);
    for (Executor* const helpers : {static_cast<Executor*>(nullptr), &workers}) {
      std::string out = "x";
      ASSERT_THAT(AppendPiecewise(count, 10, CancelToken(), helpers, out, WriteNumbers), IsOk());
      EXPECT_EQ(out, expected) << count;
    }
  }
}

TEST(PiecewiseAppendTest, EndsBeforeWhicheverItemsItIsCancelled) {
  Executor workers("append", 2);
  const auto append_until = [&](int looks, Executor* helpers) {
    const test::ExpiringClock clock(looks + 1);  // The first is to set the deadline.
    const CancelToken cancel = CancelToken::WithTimeout(clock, std::chrono::minutes(1));
    std::string out;
    const Status status = AppendPiecewise(1000, 10, cancel, helpers, out, WriteNumbers);
    return std::pair(status.code(), clock.asked() - 1);
  };
  // Threads that look at the same time each learn of it.
  const auto expect_ends = [&](Executor* helpers, int others) {
    const auto [code, looks] = append_until(1000, helpers);
    EXPECT_EQ(code, StatusCode::kOk);
    EXPECT_GE(looks, 100);
    for (int look = 1; look <= looks; ++look) {
      const auto [ended, looked] = append_until(look, helpers);
      EXPECT_EQ(ended, StatusCode::kDeadlineExceeded) << look;
      EXPECT_GE(looked, look);
      EXPECT_LE(looked, look + others);
    }
  };
  expect_ends(nullptr, 0);
  expect_ends(&workers, 2);
}

}  // namespace
}  // namespace skald
