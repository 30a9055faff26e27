#include "common/executor.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <numeric>
#include <thread>

#include "support/manual_clock.h"
#include "support/matchers.h"

namespace skald {
namespace {

using test::HasCode;
using test::HasMessage;
using test::IsOk;
using test::ManualClock;

TEST(ExecutorTest, RunsWhatIsSubmittedInOrder) {
  Executor executor("one", 1);
  std::vector<int> seen;
  std::promise<void> done;
  for (int i = 0; i < 100; ++i) executor.Submit([&, i] { seen.push_back(i); });
  executor.Submit([&] { done.set_value(); });
  done.get_future().wait();
  std::vector<int> expected(100);
  std::iota(expected.begin(), expected.end(), 0);
  EXPECT_EQ(seen, expected);
}

TEST(ExecutorTest, StopWaitsForTheTaskUnderWayAndDropsTheRest) {
  std::atomic<bool> finished = false;
  std::atomic<bool> ran_second = false;
  std::promise<void> started;
  std::promise<void> release;
  Executor executor("one", 1);
  executor.Submit([&] {
    started.set_value();
    release.get_future().wait();
    finished = true;
  });
  started.get_future().wait();
  executor.Submit([&] { ran_second = true; });
  std::thread stopper([&] { executor.Stop(); });
  release.set_value();
  stopper.join();
  EXPECT_TRUE(finished);
  executor.Stop();
  executor.Submit([&] { ran_second = true; });
}

TEST(ExecutorTest, ParallelForCallsEachItemOnce) {
  Executor executor("pool", 3);
  for (const size_t count : {0, 1, 2, 1000}) {
    std::vector<std::atomic<int>> calls(count);
    EXPECT_THAT(executor.ParallelFor(count, 0,
                                     [&](size_t i) {
                                       ++calls[i];
                                       return Status();
                                     }),
                IsOk());
    for (const auto& call : calls) EXPECT_EQ(call, 1);
  }
}

TEST(ExecutorTest, ParallelForKeepsToItsBound) {
  Executor executor("pool", 4);
  std::atomic<int> running = 0;
  std::atomic<int> most = 0;
  EXPECT_THAT(executor.ParallelFor(500, 2,
                                   [&](size_t) {
                                     const int now = ++running;
                                     int seen = most;
                                     while (seen < now && !most.compare_exchange_weak(seen, now)) {
                                     }
                                     std::this_thread::yield();
                                     --running;
                                     return Status();
                                   }),
              IsOk());
  EXPECT_LE(most, 2);
}

TEST(ExecutorTest, ParallelForReturnsTheErrorAndSkipsTheRest) {
  Executor executor("pool", 2);
  std::atomic<int> calls = 0;
  const Status status = executor.ParallelFor(1'000'000, 0, [&](size_t i) {
    ++calls;
    return i == 10 ? InvalidArgument("item 10") : Status();
  });
  EXPECT_THAT(status, HasMessage("item 10"));
  EXPECT_LT(calls, 1'000'000);
}

TEST(ExecutorTest, ParallelForReturnsTheErrorOfTheLowestItemThatHasOne) {
  Executor executor("pool", 2);
  std::promise<void> later_failed;
  const Status status = executor.ParallelFor(2, 0, [&](size_t i) {
    if (i == 1) {
      later_failed.set_value();
      return InvalidArgument("item 1");
    }
    later_failed.get_future().wait();
    return InvalidArgument("item 0");
  });
  EXPECT_THAT(status, HasMessage("item 0"));
}

TEST(ExecutorTest, NestedParallelForDoesNotDeadlock) {
  Executor executor("pool", 2);
  std::atomic<int> calls = 0;
  EXPECT_THAT(executor.ParallelFor(8, 0,
                                   [&](size_t) {
                                     return executor.ParallelFor(8, 0, [&](size_t) {
                                       return executor.ParallelFor(8, 0, [&](size_t) {
                                         ++calls;
                                         return Status();
                                       });
                                     });
                                   }),
              IsOk());
  EXPECT_EQ(calls, 512);
}

TEST(ExecutorTest, ParallelForWorksWhenAllThreadsAreBusyOrStopped) {
  Executor executor("one", 1);
  std::promise<void> release;
  executor.Submit([&] { release.get_future().wait(); });
  std::atomic<int> calls = 0;
  const auto count = [&](size_t) {
    ++calls;
    return Status();
  };
  EXPECT_THAT(executor.ParallelFor(10, 0, count), IsOk());
  release.set_value();
  executor.Stop();
  EXPECT_THAT(executor.ParallelFor(10, 0, count), IsOk());
  EXPECT_EQ(calls, 20);
}

TEST(CancelTokenTest, CopiesShareOneState) {
  const CancelToken token;
  CancelToken copy = token;
  EXPECT_FALSE(token.cancelled());
  EXPECT_THAT(token.Check(), IsOk());
  copy.Cancel();
  EXPECT_TRUE(token.cancelled());
  EXPECT_THAT(token.Check(), HasMessage("the request was cancelled by the client"));
}

TEST(CancelTokenTest, ExpiresWithItsClock) {
  ManualClock clock;
  const CancelToken token = CancelToken::WithTimeout(clock, std::chrono::seconds(5));
  clock.Advance(std::chrono::milliseconds(4999));
  EXPECT_FALSE(token.cancelled());
  clock.Advance(std::chrono::milliseconds(1));
  EXPECT_TRUE(token.cancelled());
  EXPECT_THAT(token.Check(), HasCode(StatusCode::kDeadlineExceeded));
}

TEST(CancelTokenTest, FollowsTheTokenItWasMadeWithin) {
  test::ManualClock clock;
  CancelToken outer;
  const CancelToken inner = outer.Within(clock, std::chrono::seconds(5));
  const CancelToken short_lived = outer.Within(clock, std::chrono::seconds(1));
  clock.Advance(std::chrono::seconds(2));
  EXPECT_FALSE(inner.cancelled());
  EXPECT_THAT(short_lived.Check(), HasCode(StatusCode::kDeadlineExceeded));
  EXPECT_FALSE(outer.cancelled());
  outer.Cancel();
  EXPECT_THAT(inner.Check(), HasCode(StatusCode::kCancelled));
}

TEST(PeriodicTaskTest, RunsWhenTriggeredAndStopsAtOnce) {
  std::promise<void> ran;
  std::atomic<int> runs = 0;
  PeriodicTask task("hourly", std::chrono::hours(1), [&] {
    if (++runs == 1) ran.set_value();
  });
  task.Trigger();
  ran.get_future().wait();
  task.Stop();
  task.Stop();
  EXPECT_EQ(runs, 1);
}

TEST(PeriodicTaskTest, RunsAgainAndAgain) {
  std::promise<void> third;
  int runs = 0;
  PeriodicTask task("often", std::chrono::microseconds(10), [&] {
    if (++runs == 3) third.set_value();
  });
  third.get_future().wait();
}

}  // namespace
}  // namespace skald
