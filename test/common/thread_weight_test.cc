#include "common/thread_weight.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <thread>

#include "common/executor.h"

namespace skald {
namespace {

int LevelOfThisThread() { return getpriority(PRIO_PROCESS, static_cast<id_t>(gettid())); }

// The tests themselves may run at any level, of which the last is 19.
int LevelBelowThis(ThreadWeight weight) {
  return std::min(LevelOfThisThread() + static_cast<int>(weight), 19);
}

int LevelInExecutor(ThreadWeight weight) {
  std::promise<int> level;
  Executor executor("weighed", 1, weight);
  executor.Submit([&] { level.set_value(LevelOfThisThread()); });
  return level.get_future().get();
}

TEST(ThreadWeightTest, IsOfTheCallingThreadAlone) {
  const int before = LevelOfThisThread();
  int lowered = before;
  std::thread([&] {
    SetWeightOfThisThread(ThreadWeight::kFlush);
    lowered = LevelOfThisThread();
  }).join();
  EXPECT_EQ(lowered, LevelBelowThis(ThreadWeight::kFlush));
  EXPECT_EQ(LevelOfThisThread(), before);
}

TEST(ThreadWeightTest, IsThatOfAnExecutorsThreads) {
  EXPECT_EQ(LevelInExecutor(ThreadWeight::kFlush), LevelBelowThis(ThreadWeight::kFlush));
  EXPECT_EQ(LevelInExecutor(ThreadWeight::kRequests), LevelOfThisThread());
}

TEST(ThreadWeightTest, IsThatOfAPeriodicTask) {
  std::promise<int> level;
  PeriodicTask task(
      "weighed", std::chrono::hours(1), [&] { level.set_value(LevelOfThisThread()); },
      ThreadWeight::kFlush);
  task.Trigger();
  EXPECT_EQ(level.get_future().get(), LevelBelowThis(ThreadWeight::kFlush));
}

}  // namespace
}  // namespace skald
