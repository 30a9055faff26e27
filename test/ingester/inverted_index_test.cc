#include "ingester/inverted_index.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

namespace skald::ingester {
namespace {

using Ids = InvertedIndex::Ids;
using model::MatchOp;

model::Matcher Match(MatchOp op, std::string_view name, std::string_view value) {
  auto matcher = model::Matcher::Make(op, name, value);
  EXPECT_TRUE(matcher.ok());
  return *matcher;
}

class InvertedIndexTest : public testing::Test {
 protected:
  InvertedIndexTest() {
    index_.Add(0, {{"app", "a"}, {"env", "prod"}});
    index_.Add(1, {{"app", "b"}, {"env", "prod"}});
    index_.Add(2, {{"app", "a"}, {"env", "dev"}, {"pod", "x"}});
  }

  InvertedIndex index_;
};

TEST_F(InvertedIndexTest, IntersectsMatchers) {
  // Enough that lists are worth it: odd ids have app="c", every third env="test".
  Ids odd_thirds;
  for (InvertedIndex::Id id = 3; id < 600; ++id) {
    const bool odd = id % 2 == 1;
    const bool third = id % 3 == 0;
    index_.Add(id, {{"app", odd ? "c" : "d"}, {"env", third ? "test" : "prod"}});
    if (odd && third) odd_thirds.push_back(id);
  }
  EXPECT_EQ(index_.Candidates(
                {Match(MatchOp::kEqual, "app", "c"), Match(MatchOp::kEqual, "env", "test")}),
            odd_thirds);
  EXPECT_EQ(index_.Candidates(
                {Match(MatchOp::kRegex, "app", "c|e"), Match(MatchOp::kRegex, "env", "t.*")}),
            odd_thirds);
}

TEST_F(InvertedIndexTest, LeavesTheRestToLabelsWhenFewAreLeft) {
  EXPECT_EQ(index_.Candidates({Match(MatchOp::kEqual, "app", "a")}), (Ids{0, 2}));
  EXPECT_EQ(index_.Candidates(
                {Match(MatchOp::kEqual, "env", "prod"), Match(MatchOp::kEqual, "pod", "x")}),
            Ids{2});
}

TEST_F(InvertedIndexTest, FindsNothingForUnknownNamesAndValues) {
  EXPECT_EQ(index_.Candidates({Match(MatchOp::kEqual, "app", "z")}), Ids());
  EXPECT_EQ(index_.Candidates({Match(MatchOp::kRegex, "nope", ".+")}), Ids());
}

TEST_F(InvertedIndexTest, DoesNotChooseByMatchersOfTheEmptyValue) {
  EXPECT_EQ(index_.Candidates({}), std::nullopt);
  EXPECT_EQ(index_.Candidates({Match(MatchOp::kNotEqual, "app", "a")}), std::nullopt);
  EXPECT_EQ(index_.Candidates({Match(MatchOp::kEqual, "pod", "")}), std::nullopt);
  EXPECT_EQ(index_.Candidates(
                {Match(MatchOp::kRegex, "pod", ".*"), Match(MatchOp::kEqual, "env", "dev")}),
            Ids{2});
}

TEST_F(InvertedIndexTest, ForgetsRemovedStreams) {
  index_.Remove(2, {{"app", "a"}, {"env", "dev"}, {"pod", "x"}});
  EXPECT_EQ(index_.Candidates({Match(MatchOp::kEqual, "app", "a")}), Ids{0});
  EXPECT_EQ(index_.Candidates({Match(MatchOp::kEqual, "pod", "x")}), Ids());
  index_.Add(2, {{"app", "b"}});
  EXPECT_EQ(index_.Candidates({Match(MatchOp::kEqual, "app", "b")}), (Ids{1, 2}));
}

TEST(InvertedIndexMemoryTest, IsGivenBackWithTheStreams) {
  InvertedIndex index;
  const model::Labels a{{"app", "a"}, {"pod", "a longer one"}};
  const model::Labels b{{"app", "a"}, {"pod", "b"}};
  index.Add(1, a);
  const size_t one = index.memory_bytes();
  index.Add(2, b);
  EXPECT_GT(one, sizeof(IdList));
  EXPECT_LT(index.memory_bytes(), 2 * one);  // They share a value.
  index.Remove(2, b);
  EXPECT_EQ(index.memory_bytes(), one);
  index.Remove(1, a);
  EXPECT_EQ(index.memory_bytes(), 0u);
}

TEST(InvertedIndexPropertyTest, NeverMissesAStreamThatMatches) {
  std::mt19937 random(7);
  const auto pick = [&](int count) { return static_cast<int>(random() % count); };
  InvertedIndex index;
  std::map<InvertedIndex::Id, model::Labels> streams;
  const MatchOp ops[] = {MatchOp::kEqual, MatchOp::kNotEqual, MatchOp::kRegex, MatchOp::kNotRegex};
  for (int round = 0; round < 2000; ++round) {
    const auto id = static_cast<InvertedIndex::Id>(pick(60));
    if (const auto it = streams.find(id); it != streams.end()) {
      index.Remove(id, it->second);
      streams.erase(it);
    } else {
      model::LabelsBuilder builder;
      for (const char* name : {"a", "b", "c"}) {
        if (pick(4) > 0) builder.Set(name, "v" + std::to_string(pick(5)));
      }
      streams[id] = builder.Build();
      index.Add(id, streams[id]);
    }
    model::Matchers matchers;
    for (int i = pick(3); i >= 0; --i) {
      const char* names[] = {"a", "b", "c"};
      const std::string values[] = {"v1", "v2", "", "v[12]", "v1|v3", ".*", ".+"};
      matchers.push_back(Match(ops[pick(4)], names[pick(3)], values[pick(7)]));
    }
    const auto candidates = index.Candidates(matchers);
    if (!candidates) continue;
    for (const auto& [stream, labels] : streams) {
      if (!model::MatchesAll(matchers, labels)) continue;
      EXPECT_TRUE(std::ranges::binary_search(*candidates, stream))
          << model::ToString(matchers) << " misses " << labels.ToString();
    }
  }
}

}  // namespace
}  // namespace skald::ingester
