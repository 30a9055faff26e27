#include "chunkstore/index/key_span.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "support/matchers.h"

namespace skald::chunkstore {
namespace {

using test::HasCode;
using test::IsOk;
using testing::ElementsAre;
using testing::IsEmpty;

// Keys of one byte each, in files.
struct Keys {
  std::vector<std::string> keys;  // Ascending.
  int calls = 0;

  Result<std::vector<std::string>> Cuts(uint64_t step) {
    calls = 0;
    return KeySpan(keys.front(), keys.back())
        .Cuts(keys.size(), step, [this](const std::string& text) -> Result<uint64_t> {
          ++calls;
          return static_cast<uint64_t>(std::ranges::lower_bound(keys, text) - keys.begin());
        });
  }
};

// With no cut, and behind all cuts, is the rest.
std::vector<size_t> Pieces(const Keys& keys, const std::vector<std::string>& cuts) {
  std::vector<size_t> pieces(cuts.size() + 1);
  for (const std::string& key : keys.keys) {
    ++pieces[static_cast<size_t>(std::ranges::upper_bound(cuts, key) - cuts.begin())];
  }
  return pieces;
}

TEST(KeySpanTest, CutsIntoPiecesOfOneSize) {
  Keys keys;
  for (int i = 1000; i < 2000; ++i) keys.keys.push_back("app-" + std::to_string(i));
  const auto cuts = keys.Cuts(250);
  ASSERT_THAT(cuts, IsOk());
  EXPECT_THAT(Pieces(keys, *cuts), ElementsAre(250, 250, 250, 250));
  EXPECT_THAT(*keys.Cuts(500), testing::SizeIs(1));
  EXPECT_THAT(*keys.Cuts(501), IsEmpty());
  EXPECT_EQ(keys.calls, 0);
}

// Most keys are the same for more than is told apart: the cuts are around them.
TEST(KeySpanTest, GivesNoCutTwice) {
  Keys keys;
  for (int i = 100; i < 200; ++i) keys.keys.push_back("a" + std::to_string(i));
  for (int i = 1000; i < 2000; ++i) keys.keys.push_back("more-than-eight-" + std::to_string(i));
  for (int i = 100; i < 200; ++i) keys.keys.push_back("z" + std::to_string(i));
  const auto cuts = keys.Cuts(50);
  ASSERT_THAT(cuts, IsOk());
  EXPECT_THAT(Pieces(keys, *cuts), ElementsAre(50, 50, 1000, 50, 50));
  EXPECT_LE(keys.calls, 5 * 65);
}

TEST(KeySpanTest, EndsWithTheErrorOfWhoCountsBytes) {
  int calls = 0;
  const auto cuts = KeySpan("a", "z").Cuts(100, 10, [&](const std::string&) -> Result<uint64_t> {
    if (++calls == 10) return Unavailable("enough");
    return 0;
  });
  EXPECT_THAT(cuts, HasCode(StatusCode::kUnavailable));
  EXPECT_EQ(calls, 10);
}

}  // namespace
}  // namespace skald::chunkstore
