#include "ring/token_ring.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace skald::ring {
namespace {

using Places = std::vector<uint32_t>;

std::vector<Member> FourMembers() {
  return {{.id = "a", .tokens = {10, 50}},
          {.id = "b", .tokens = {20, 60}},
          {.id = "c", .tokens = {30}},
          {.id = "d", .tokens = {40}}};
}

TEST(TokenRingTest, GivesAKeyToTheNextTokens) {
  const TokenRing ring(FourMembers());
  EXPECT_EQ(ring.ReplicasOf(0, 1), Places({0}));
  EXPECT_EQ(ring.ReplicasOf(9, 2), Places({0, 1}));
  EXPECT_EQ(ring.ReplicasOf(10, 2), Places({1, 2}));
  EXPECT_EQ(ring.ReplicasOf(45, 3), Places({0, 1, 2}));
  EXPECT_EQ(ring.ReplicasOf(60, 1), Places({0})) << "past the last token the circle begins anew";
}

TEST(TokenRingTest, TakesEachMemberOnce) {
  const TokenRing ring({{.id = "a", .tokens = {1, 2, 3}}, {.id = "b", .tokens = {4}}});
  EXPECT_EQ(ring.ReplicasOf(0, 2), Places({0, 1}));
  EXPECT_EQ(ring.ReplicasOf(0, 5), Places({0, 1}));
}

TEST(TokenRingTest, AddsAReplicaForEachThatIsNotActive) {
  std::vector<Member> members = FourMembers();
  members[1].state = MemberState::kLeaving;
  const TokenRing ring(members);
  EXPECT_EQ(ring.ReplicasOf(0, 2), Places({0, 1, 2}));
  EXPECT_EQ(ring.ReplicasOf(25, 2), Places({2, 3}));
  EXPECT_EQ(ring.CountInState(MemberState::kActive), 3u);
  EXPECT_EQ(ring.CountInState(MemberState::kLeaving), 1u);
}

TEST(TokenRingTest, AnEmptyRingHasNoReplicas) {
  EXPECT_EQ(TokenRing().ReplicasOf(5, 3), Places());
  EXPECT_EQ(TokenRing({{.id = "no tokens"}}).ReplicasOf(5, 3), Places());
}

TEST(TokenRingTest, MovesFewKeysWhenAMemberJoins) {
  std::vector<Member> members;
  for (uint64_t i = 0; i < 4; ++i) {
    members.push_back({.id = std::to_string(i), .tokens = MakeTokens(128, i)});
  }
  const TokenRing before(members);
  members.push_back({.id = "new", .tokens = MakeTokens(128, 99)});
  const TokenRing after(members);
  int moved = 0;
  constexpr int kKeys = 10'000;
  for (uint64_t i = 0; i < kKeys; ++i) {
    const uint32_t key = StreamKey("tenant", i);
    const Places replicas = after.ReplicasOf(key, 1);
    if (replicas == before.ReplicasOf(key, 1)) continue;
    EXPECT_EQ(replicas, Places({4})) << "a key moved between members that were there before";
    ++moved;
  }
  EXPECT_GT(moved, kKeys / 10);
  EXPECT_LT(moved, kKeys * 3 / 10);
}

TEST(TokenRingTest, AQuorumIsMoreThanHalf) {
  EXPECT_EQ(TokenRing::Quorum(1), 1u);
  EXPECT_EQ(TokenRing::Quorum(2), 2u);
  EXPECT_EQ(TokenRing::Quorum(3), 2u);
  EXPECT_EQ(TokenRing::Quorum(5), 3u);
}

TEST(TokenRingTest, MakesDistinctTokensThatDependOnTheSeedAlone) {
  const std::vector<uint32_t> tokens = MakeTokens(512, 7);
  EXPECT_EQ(tokens.size(), 512u);
  EXPECT_EQ(std::adjacent_find(tokens.begin(), tokens.end()), tokens.end());
  EXPECT_TRUE(std::is_sorted(tokens.begin(), tokens.end()));
  EXPECT_EQ(tokens, MakeTokens(512, 7));
  EXPECT_NE(tokens, MakeTokens(512, 8));
}

TEST(TokenRingTest, KeysDifferByTenantAndStream) {
  EXPECT_NE(StreamKey("a", 1), StreamKey("b", 1));
  EXPECT_NE(StreamKey("a", 1), StreamKey("a", 2));
}

// Who owns each of many groups of rules, by their number; -1 unless it is exactly one.
std::vector<int> Owners(const TokenRing& ring) {
  std::vector<int> owners;
  for (int n = 0; n < 3000; ++n) {
    const uint32_t key = NameKey("t", "ns", "group-" + std::to_string(n));
    int owner = -1;
    int count = 0;
    for (size_t m = 0; m < ring.members().size(); ++m) {
      if (!ring.IsOwner(key, ring.members()[m].id)) continue;
      owner = static_cast<int>(m);
      ++count;
    }
    owners.push_back(count == 1 ? owner : -1);
  }
  return owners;
}

TokenRing ThreeMembers(MemberState last) {
  return TokenRing({{.id = "a", .tokens = MakeTokens(128, 1)},
                    {.id = "b", .tokens = MakeTokens(128, 2)},
                    {.id = "c", .state = last, .tokens = MakeTokens(128, 3)}});
}

TEST(TokenRingTest, EveryNameHasOneOwnerAndMembersLikeShares) {
  const std::vector<int> owners = Owners(ThreeMembers(MemberState::kActive));
  for (int member = 0; member < 3; ++member) {
    EXPECT_NEAR(static_cast<double>(std::count(owners.begin(), owners.end(), member)), 1000, 350);
  }
  EXPECT_EQ(std::count(owners.begin(), owners.end(), -1), 0);
}

TEST(TokenRingTest, OnlyWhatAMemberHadMovesWhenItLeaves) {
  const std::vector<int> before = Owners(ThreeMembers(MemberState::kActive));
  for (const TokenRing& ring : {ThreeMembers(MemberState::kLeaving),
                                TokenRing({{.id = "a", .tokens = MakeTokens(128, 1)},
                                           {.id = "b", .tokens = MakeTokens(128, 2)}})}) {
    const std::vector<int> after = Owners(ring);
    for (size_t n = 0; n < before.size(); ++n) {
      if (before[n] == 2) {
        EXPECT_TRUE(after[n] == 0 || after[n] == 1) << n;
      } else {
        EXPECT_EQ(after[n], before[n]) << n;
      }
    }
  }
}

TEST(TokenRingTest, AMemberOnItsOwnHasEverythingWhateverItsState) {
  const TokenRing leaving({{.id = "a", .state = MemberState::kLeaving, .tokens = {7}}});
  EXPECT_TRUE(leaving.IsOwner(1, "a"));
  EXPECT_FALSE(leaving.IsOwner(1, "b"));
  EXPECT_FALSE(TokenRing().IsOwner(1, "a"));
}

}  // namespace
}  // namespace skald::ring
