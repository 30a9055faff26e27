#include "notify/alert_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace skald::notify {
namespace {

using testing::ElementsAre;

Alert Of(const char* name, int64_t updated_at) {
  return {.labels = {{"alertname", name}}, .updated_at = updated_at};
}

std::vector<std::string> Names(const std::vector<Alert>& alerts) {
  std::vector<std::string> names;
  for (const Alert& alert : alerts) {
    names.push_back(std::string(alert.labels.Get("alertname")) + "@" +
                    std::to_string(alert.updated_at));
  }
  return names;
}

TEST(AlertQueueTest, GivesAlertsInOrder) {
  AlertQueue queue(10);
  queue.Push(std::vector{Of("a", 1), Of("b", 1), Of("c", 1)});
  EXPECT_THAT(Names(queue.Take(2)), ElementsAre("a@1", "b@1"));
  EXPECT_THAT(Names(queue.Take(2)), ElementsAre("c@1"));
  EXPECT_TRUE(queue.empty());
}

TEST(AlertQueueTest, KeepsTheLatestStateInTheFirstOnesPlace) {
  AlertQueue queue(10);
  queue.Push(std::vector{Of("a", 1), Of("b", 1), Of("a", 2)});
  queue.Push(std::vector{Of("b", 0)});
  EXPECT_THAT(Names(queue.Take(9)), ElementsAre("a@2", "b@1"));
}

TEST(AlertQueueTest, DropsTheOldestAboveItsCapacity) {
  AlertQueue queue(2);
  EXPECT_EQ(queue.Push(std::vector{Of("a", 1), Of("b", 1), Of("c", 1)}), 1u);
  EXPECT_THAT(Names(queue.Take(9)), ElementsAre("b@1", "c@1"));
}

TEST(AlertQueueTest, PutsBackWhatNoLaterStateReplaces) {
  AlertQueue queue(10);
  queue.Push(std::vector{Of("a", 1), Of("b", 1), Of("c", 1)});
  std::vector<Alert> taken = queue.Take(2);
  queue.Push(std::vector{Of("a", 2)});
  EXPECT_EQ(queue.PutBack(std::move(taken)), 0u);
  EXPECT_THAT(Names(queue.Take(9)), ElementsAre("b@1", "c@1", "a@2"));
}

TEST(AlertQueueTest, DropsStatesThatNobodyRenewed) {
  AlertQueue queue(10);
  queue.Push(std::vector{Of("a", 1), Of("b", 5), Of("c", 2)});
  EXPECT_EQ(queue.DropOlderThan(3), 2u);
  queue.Push(std::vector{Of("a", 6)});
  EXPECT_THAT(Names(queue.Take(9)), ElementsAre("b@5", "a@6"));
}

}  // namespace
}  // namespace skald::notify
