#include "logql/worker_pool.h"

#include <gtest/gtest.h>

#include "common/executor.h"
#include "support/matchers.h"

namespace skald::logql {
namespace {

using test::HasCode;
using test::IsOk;

TEST(WorkerPoolTest, MakesAnObjectOnlyWhenNoneIsIdle) {
  int made = 0;
  WorkerPool<int> pool(
      [&]() -> Result<std::unique_ptr<int>> { return std::make_unique<int>(made++); });
  ASSERT_THAT(pool.Check(), IsOk());
  int* first = *pool.Take();
  EXPECT_EQ(*first, 0);
  int* second = *pool.Take();
  EXPECT_EQ(*second, 1);
  EXPECT_EQ(pool.Return(first), 2U);
  EXPECT_EQ(*pool.Take(), first);
  pool.Return(first);
  pool.Return(second);
  EXPECT_EQ(pool.TakeAll().size(), 2U);
  EXPECT_EQ(made, 2);
}

TEST(WorkerPoolTest, TellsWhyNoneCanBeMade) {
  WorkerPool<int> pool(
      []() -> Result<std::unique_ptr<int>> { return InvalidArgument("bad stage"); });
  EXPECT_THAT(pool.Check(), HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(pool.Take(), HasCode(StatusCode::kInvalidArgument));
  EXPECT_TRUE(pool.TakeAll().empty());
}

TEST(WorkerPoolTest, NoTwoThreadsHaveTheSameObject) {
  Executor executor("pool", 4);
  WorkerPool<int> pool([]() -> Result<std::unique_ptr<int>> { return std::make_unique<int>(0); });
  ASSERT_THAT(executor.ParallelFor(1000, 0,
                                   [&](size_t) -> Status {
                                     SKALD_ASSIGN_OR_RETURN(int* count, pool.Take());
                                     ++*count;
                                     pool.Return(count);
                                     return Status();
                                   }),
              IsOk());
  int total = 0;
  const auto all = pool.TakeAll();
  for (const auto& count : all) total += *count;
  EXPECT_EQ(total, 1000);
  EXPECT_LE(all.size(), 5U);  // The executor's threads, and the caller's.
}

}  // namespace
}  // namespace skald::logql
