#include "api/query_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "common/metrics.h"
#include "support/manual_clock.h"

namespace skald::api {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

class QueryQueueTest : public testing::Test {
 protected:
  void TearDown() override { threads_.Stop(); }

  // Whether a query of the tenant was admitted; it notes its name when it runs.
  bool Ask(const std::string& tenant, const std::string& name) {
    requests_.push_back(std::make_unique<net::Request>());
    net::Request& request = *requests_.back();
    request.headers.Add("X-Scope-OrgID", tenant);
    return queue_.Admit(request, [this, name, &request] {
      const std::lock_guard lock(mutex_);
      ran_.push_back(name);
      waits_ns_.push_back(request.queue_time.count());
    });
  }

  // Takes a place in which nothing else runs until Release.
  void Occupy() {
    requests_.push_back(std::make_unique<net::Request>());
    ASSERT_TRUE(queue_.Admit(*requests_.back(), [this] {
      entered_.set_value();
      released_.get_future().wait();
    }));
    entered_.get_future().wait();
  }

  // Lets all run, one after the other.
  void Release() {
    released_.set_value();
    while (true) {
      const std::lock_guard lock(mutex_);
      if (ran_.size() == expected_) return;
    }
  }

  size_t expected_ = 0;
  std::mutex mutex_;
  std::vector<std::string> ran_;
  std::vector<int64_t> waits_ns_;
  std::vector<std::unique_ptr<net::Request>> requests_;
  std::promise<void> entered_;
  std::promise<void> released_;
  test::ManualClock clock_;
  TenantAuth auth_{{.enabled = true, .multi_tenant_queries = true}};
  Executor threads_{"query", 3};
  QueryQueue queue_{{.max_running = 1, .max_waiting = 3},
                    {.auth = auth_, .threads = threads_, .clock = clock_}};
};

TEST_F(QueryQueueTest, TenantsTakeTurns) {
  Occupy();
  for (const char* name : {"a1", "a2", "a3"}) EXPECT_TRUE(Ask("a", name));
  for (const char* name : {"b1", "b2"}) EXPECT_TRUE(Ask("b", name));
  EXPECT_TRUE(Ask("c", "c1"));
  expected_ = 6;
  Release();
  EXPECT_THAT(ran_, ElementsAre("a1", "b1", "c1", "a2", "b2", "a3"));
}

TEST_F(QueryQueueTest, ATenantWithTooManyWaitingIsRefusedAndOthersAreNot) {
  Occupy();
  for (const char* name : {"x1", "x2", "x3"}) EXPECT_TRUE(Ask("crowd", name));
  EXPECT_FALSE(Ask("crowd", "x4"));
  EXPECT_TRUE(Ask("other", "y1"));
  const net::Response refusal = queue_.Refusal(*requests_[4]);
  EXPECT_EQ(refusal.status, 429);
  EXPECT_EQ(refusal.body, "too many outstanding requests");
  EXPECT_THAT(Metrics::Expose(),
              HasSubstr(R"(loki_query_scheduler_discarded_requests_total{user="crowd"} 1)"));
  EXPECT_THAT(Metrics::Expose(), HasSubstr(R"(loki_query_scheduler_queue_length{user="crowd"} 3)"));
  expected_ = 4;
  Release();
  EXPECT_THAT(ran_, UnorderedElementsAre("x1", "x2", "x3", "y1"));
  EXPECT_THAT(Metrics::Expose(), HasSubstr(R"(loki_query_scheduler_queue_length{user="crowd"} 0)"));
}

TEST_F(QueryQueueTest, TellsTheRequestHowLongItWaited) {
  Occupy();
  EXPECT_TRUE(Ask("a", "first"));
  clock_.Advance(std::chrono::nanoseconds(5));
  EXPECT_TRUE(Ask("a|b", "second"));
  clock_.Advance(std::chrono::nanoseconds(20));
  expected_ = 2;
  Release();
  EXPECT_THAT(waits_ns_, ElementsAre(25, 20));
}

TEST_F(QueryQueueTest, GivesItsPlaceBackWhenNothingWaits) {
  for (size_t i = 1; i <= 100; ++i) {
    ASSERT_TRUE(Ask("a", "q"));
    while (true) {
      const std::lock_guard lock(mutex_);
      if (ran_.size() == i) break;
    }
  }
}

TEST_F(QueryQueueTest, RunsAsManyAtOnceAsItMay) {
  QueryQueue queue({.max_running = 2, .max_waiting = 0},
                   {.auth = auth_, .threads = threads_, .clock = clock_});
  std::promise<void> both[2];
  net::Request requests[2];
  std::promise<void> done;
  // Each waits for the other.
  ASSERT_TRUE(queue.Admit(requests[0], [&] {
    both[0].set_value();
    both[1].get_future().wait();
  }));
  ASSERT_TRUE(queue.Admit(requests[1], [&] {
    both[1].set_value();
    both[0].get_future().wait();
    done.set_value();
  }));
  done.get_future().wait();
  threads_.Stop();  // Before its queue ends.
}

}  // namespace
}  // namespace skald::api
