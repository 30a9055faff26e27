#include "ring/in_memory_member_store.h"

#include <gtest/gtest.h>

#include "support/matchers.h"

namespace skald::ring {
namespace {

using test::IsOk;

TEST(InMemoryMemberStoreTest, HasAnEmptyRingAtFirst) {
  const InMemoryMemberStore store;
  EXPECT_TRUE(store.ring()->members().empty());
}

TEST(InMemoryMemberStoreTest, AddsReplacesAndRemovesMembers) {
  InMemoryMemberStore store;
  ASSERT_THAT(store.Put({.id = "a", .tokens = {1}}), IsOk());
  ASSERT_THAT(store.Put({.id = "b", .tokens = {2}}), IsOk());
  ASSERT_THAT(store.Put({.id = "a", .state = MemberState::kLeaving, .tokens = {3}}), IsOk());
  ASSERT_EQ(store.ring()->members().size(), 2u);
  EXPECT_EQ(store.ring()->members()[0].state, MemberState::kLeaving);
  ASSERT_THAT(store.Remove("a"), IsOk());
  ASSERT_THAT(store.Remove("nobody"), IsOk());
  ASSERT_EQ(store.ring()->members().size(), 1u);
  EXPECT_EQ(store.ring()->members()[0].id, "b");
}

TEST(InMemoryMemberStoreTest, ARingInUseDoesNotChange) {
  InMemoryMemberStore store;
  ASSERT_THAT(store.Put({.id = "a", .tokens = {1}}), IsOk());
  const auto ring = store.ring();
  ASSERT_THAT(store.Remove("a"), IsOk());
  EXPECT_EQ(ring->members().size(), 1u);
}

}  // namespace
}  // namespace skald::ring
