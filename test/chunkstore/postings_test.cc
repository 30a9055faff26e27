#include "chunkstore/index/postings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <set>

namespace skald::chunkstore {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(PostingsTest, AndKeepsCommonIds) {
  EXPECT_THAT(And({1, 3, 5}, {3, 4, 5}), ElementsAre(3, 5));
  EXPECT_THAT(And({1, 2}, {}), IsEmpty());
  EXPECT_TRUE(Intersect({1, 9}, {9}));
  EXPECT_FALSE(Intersect({1, 9}, {2, 8}));
}

TEST(PostingsTest, MinusDropsIds) {
  EXPECT_THAT(Minus({1, 2, 3}, {2, 7}), ElementsAre(1, 3));
  EXPECT_THAT(Minus({}, {2}), IsEmpty());
}

TEST(PostingsTest, NormalizedOrdersAndDropsRepeats) {
  EXPECT_THAT(Normalized({}), IsEmpty());
  EXPECT_THAT(Normalized({1, 2, 9}), ElementsAre(1, 2, 9));
  EXPECT_THAT(Normalized({9, 1, 9}), ElementsAre(1, 9));
  EXPECT_THAT(Normalized({4000000000u, 7, 7}), ElementsAre(7, 4000000000u));
}

TEST(PostingsTest, AgreesWithSetsOnRandomIds) {
  std::mt19937 random(1);
  for (int round = 0; round < 200; ++round) {
    const auto draw = [&](size_t count) {
      Postings ids;
      for (size_t i = 0; i < count; ++i) ids.push_back(random() % 3000);
      return ids;
    };
    const Postings a = Normalized(draw(random() % 2000));
    const Postings b = Normalized(draw(random() % 60));
    const std::set<SeriesId> in_a(a.begin(), a.end());
    const std::set<SeriesId> in_b(b.begin(), b.end());
    Postings both;
    Postings only_a;
    for (const SeriesId id : in_a) (in_b.contains(id) ? both : only_a).push_back(id);
    ASSERT_EQ(And(a, b), both);
    ASSERT_EQ(And(b, a), both);
    ASSERT_EQ(Minus(a, b), only_a);
    ASSERT_EQ(Intersect(a, b), !both.empty());
  }
}

}  // namespace
}  // namespace skald::chunkstore
