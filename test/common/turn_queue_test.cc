#include "common/turn_queue.h"

#include <gtest/gtest.h>

namespace skald {
namespace {

// All that waits, in the order of the turns.
std::string Drain(TurnQueue<std::string>& queue) {
  std::string text;
  while (!queue.empty()) {
    const auto [owner, item] = queue.Pop();
    text += owner + item + " ";
  }
  return text;
}

TEST(TurnQueueTest, OwnersTakeTurnsAndEachKeepsItsOrder) {
  TurnQueue<std::string> queue;
  for (const char* item : {"1", "2", "3"}) queue.Push("a", item);
  queue.Push("c", "1");
  for (const char* item : {"1", "2"}) queue.Push("b", item);
  EXPECT_EQ(queue.Waiting("a"), 3u);
  EXPECT_EQ(Drain(queue), "a1 b1 c1 a2 b2 a3 ");
  EXPECT_EQ(queue.Waiting("a"), 0u);
}

TEST(TurnQueueTest, AnOwnerThatComesLaterWaitsForOneTurnOfTheOthers) {
  TurnQueue<std::string> queue;
  for (const char* item : {"1", "2", "3"}) queue.Push("a", item);
  EXPECT_EQ(queue.Pop().second, "1");
  queue.Push("b", "1");
  EXPECT_EQ(Drain(queue), "b1 a2 a3 ");
}

TEST(TurnQueueTest, WhatIsToComeNextComesBeforeTheOwnersOtherItems) {
  TurnQueue<std::string> queue;
  queue.Push("a", "2");
  queue.Push("b", "1");
  queue.PushNext("a", "1");
  EXPECT_EQ(Drain(queue), "a1 b1 a2 ");
}

}  // namespace
}  // namespace skald
