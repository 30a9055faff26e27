#include "patterns/drain.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace skald::patterns {
namespace {

// The patterns of the clusters that the lines go to, each once, in order of first lines.
std::vector<std::string> PatternsOf(const std::vector<std::string>& lines,
                                    Drain::Options options = {}) {
  Drain drain(options);
  std::vector<uint32_t> order;
  std::set<uint32_t> seen;
  for (const std::string& line : lines) {
    const Drain::Placed placed = drain.Add(line);
    if (placed.cluster == Drain::Placed::kNowhere) continue;
    if (seen.insert(placed.cluster).second) order.push_back(placed.cluster);
  }
  std::vector<std::string> patterns;
  for (const uint32_t cluster : order) patterns.push_back(drain.Pattern(cluster));
  return patterns;
}

using Strings = std::vector<std::string>;

TEST(DrainTest, FindsThePatternsOfLines) {
  const struct {
    Strings lines;
    Strings patterns;
  } rows[] = {
      {{"user 1 logged in from 10.0.0.1", "user 22 logged in from 10.1.0.2"},
       {"user <_> logged in from <_>"}},
      {{"level=error msg=failed code=0", "level=error msg=failed code=17"},
       {"level=error msg=failed code=<_>"}},
      {{R"({"level":"warn","msg":"disk 0 is full","dev":"sd0"})",
        R"({"level":"warn","msg":"disk 9 is full","dev":"sd9"})"},
       {R"({"level":"warn","msg":"disk <_> is full","dev":"<_>"})"}},
      {{"GET /api/v1/users/0 200 0ms", "GET /api/v1/users/1 200 31ms"}, {"GET <_> 200 <_>"}},
      {{"2024-01-02 10:00:01,123 INFO [http-1] c.x.Foo - took 1.5ms (id=3f2a)",
        "2024-01-02 10:00:02,456 INFO [http-9] c.x.Foo - took 20us (id=00ff)"},
       {"2024-01-02 <_> INFO [<_>] c.x.Foo - took <_> (id=<_>)"}},
      {{"id 3c1a6c4e-1d2b-4f3a-8b1c-0123456789ab done",
        "id 5b0e7d2a-77aa-4c11-9a3d-abcdef012345 "
        "done"},
       {"id <_> done"}},
      {{"took=3ms trace=0af7651916cd43dd8448eb211c80319c", "took=1h2m trace=b7ad6b7169203331"},
       {"took=<_> trace=<_>"}},
      // Words that differ meet in the tree, if most of the line is alike.
      {{"connection to db from alice was closed", "connection to db from bob was closed"},
       {"connection to db from <_> was closed"}},
      {{"cache was flushed", "disk is full"}, {"cache was flushed", "disk is full"}},
      // Other keys, other patterns.
      {{"a=1 b=2", "a=1 c=2"}, {"a=1 b=2", "a=1 c=2"}},
      // The same line again has no placeholder.
      {{"worker 3 started", "worker 3 started"}, {"worker 3 started"}},
      {{"trace\n  at a", "trace\n  at b"}, {"trace<_>"}},
      {{"a <b> c", "a <b> c"}, {"a <_> c"}},
      {{""}, {}},
      {{"7", "8"}, {"<_>"}},
      {{"{}"}, {"{}"}},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(PatternsOf(row.lines), row.patterns) << row.lines.front();
  }
}

TEST(DrainTest, ShowsTheFieldsOfJson) {
  EXPECT_EQ(
      PatternsOf({R"({"ts":"2024-05-01T10:00:01Z","level":"info","msg":"order 1 taken","n":1})",
                  R"({"ts":"2024-05-01T10:00:02Z","level":"info","msg":"order 2 taken","n":9})",
                  R"({"ts":"2024-05-01T10:00:03Z","level":"info","msg":"out of stock","n":9})"}),
      (Strings{R"({"ts":"<_>","level":"info","msg":"order <_> taken","n":<_>})",
               R"({"ts":"2024-05-01T10:00:03Z","level":"info","msg":"out of stock","n":9})"}));
}

TEST(DrainTest, TakesTextsOfOtherJsonFieldsAsOne) {
  Drain drain({});
  const JsonFields msg("msg", "", "");
  const auto add = [&](std::string_view line) { return drain.Add(line, msg).cluster; };
  const uint32_t cluster = add(R"({"msg":"signed in","by":"Ann Lee","from":"Rue 1, Lyon"})");
  EXPECT_EQ(add(R"({"msg":"signed in","by":"Bo","from":"12 High Street"})"), cluster);
  EXPECT_EQ(drain.Pattern(cluster), R"({"msg":"signed in","by":"<_>","from":"<_>"})");
}

TEST(DrainTest, ShowsTheFieldsOfLogfmt) {
  EXPECT_EQ(
      PatternsOf({R"(ts=10:00:01 caller=http.go:194 level=info msg="GET /a/1 (200) 1.5ms" err=)",
                  R"(ts=10:00:02 caller=http.go:194 level=info msg="GET /a/2 (200) 12µs" err=)"}),
      Strings{R"(ts=<_> caller=http.go:194 level=info msg="GET <_> (200) <_>" err=)"});
}

TEST(DrainTest, ShowsTheShapeOfAccessLogs) {
  EXPECT_EQ(
      PatternsOf(
          {R"(10.0.0.1 - ann [10/Oct/2024:13:55:36 +0000] "GET /a/1 HTTP/1.1" 200 23 "-" "curl/8")",
           R"(10.0.0.9 - ann [10/Oct/2024:13:55:37 +0000] "GET /b?c=2 HTTP/1.1" 200 7 "-" "curl/8")"}),
      Strings{R"(<_> - ann [<_> +0000] "GET <_> HTTP/1.1" 200 <_> "-" "curl/8")"});
}

TEST(DrainTest, ShowsTheFirstLineOfATrace) {
  EXPECT_EQ(PatternsOf({"12:00:01,250 ERROR [pool-1] c.x.Orders - order 7 "
                        "failed\njava.io.IOException: a\n\tat c.x.B",
                        "12:00:02,750 ERROR [pool-3] c.x.Orders - order 9 "
                        "failed\njava.lang.Error\n\tat c.x.D\n"}),
            Strings{"<_> ERROR [<_>] c.x.Orders - order <_> failed<_>"});
}

TEST(DrainTest, FindsNumbersInTextsWithoutBlanks) {
  EXPECT_EQ(PatternsOf({"注文42を処理しました: user=田中", "注文7を処理しました: user=鈴木",
                        "注文42を取り消しました: user=田中"}),
            (Strings{"注文<_>を処理しました: user=<_>", "注文42を取り消しました: user=田中"}));
  // Placeholders that touch are one.
  EXPECT_EQ(PatternsOf({"a b c d 1日", "a b c d 2月"}), Strings{"a b c d <_>"});
}

TEST(DrainTest, LooksAtTheBeginningOfALongLine) {
  const std::string words = [] {
    std::string text;
    for (int i = 0; i < 10'000; ++i) text += "word ";
    return text;
  }();
  const Strings patterns = PatternsOf({"id 1 " + words, "id 2 " + words});
  ASSERT_EQ(patterns.size(), 1u);
  EXPECT_EQ(patterns.front().substr(0, 20), "id <_> word word wor");
  EXPECT_EQ(patterns.front().substr(patterns.front().size() - 3), "<_>");
  EXPECT_LE(patterns.front().size(), 1100u);
  EXPECT_EQ(PatternsOf({std::string(100'000, 'x'), std::string(100'001, 'x')}), Strings{"<_>"});
}

TEST(DrainTest, HidesBytesThatAreNoText) {
  const std::string binary("\x00\x01\xff\xfe", 4);
  EXPECT_EQ(PatternsOf({"got " + binary + " from a", "got " + binary + binary + " from a"}),
            Strings{"got <_> from a"});
  std::string all;
  for (int i = 0; i < 256; ++i) all.push_back(static_cast<char>(255 - i));
  EXPECT_EQ(PatternsOf({all, all}).size(), 1u);
}

TEST(DrainTest, EndsAPatternOpenWhereItsLastWordComesTwice) {
  EXPECT_EQ(PatternsOf({"retry after the error a closed", "retry after the error b closed"}),
            Strings{"retry after the error <_> closed"});
  EXPECT_EQ(PatternsOf({"retry after the error a closed", "retry after the error b closed",
                        "retry after the closed b closed"}),
            Strings{"retry after the <_> <_>"});
  EXPECT_EQ(PatternsOf({"f(1) g(2)", "f(3) g(4)"}), Strings{"f(<_>) g(<_>"});
  // Behind the last key it need not be the only one.
  EXPECT_EQ(PatternsOf({R"(a="x 1" b="y 2")", R"(a="x 3" b="y 4")"}),
            Strings{R"(a="x <_>" b="y <_>")"});
}

TEST(DrainTest, PutsWordsTogetherOnceANodeHasAllItsBranches) {
  Drain drain({.max_children = 4});
  std::set<uint32_t> clusters;
  for (char c = 'a'; c <= 'z'; ++c) {
    clusters.insert(drain.Add("name" + std::string(1, c) + " has signed up today").cluster);
  }
  EXPECT_EQ(clusters.size(), 4u);
  EXPECT_EQ(drain.Pattern(*clusters.rbegin()), "<_> has signed up today");
}

TEST(DrainTest, EvictsTheClusterUnusedForLongest) {
  Drain drain({.max_clusters = 2, .max_eviction_ratio = 1});
  const uint32_t a = drain.Add("alpha").cluster;
  const uint32_t b = drain.Add("beta").cluster;
  drain.Add("alpha");
  const Drain::Placed c = drain.Add("gamma");
  EXPECT_TRUE(c.created);
  EXPECT_TRUE(c.evicted);
  EXPECT_EQ(c.cluster, b);
  EXPECT_EQ(drain.Add("alpha").cluster, a);
  EXPECT_TRUE(drain.Add("beta").created);
  EXPECT_EQ(drain.size(), 2u);
}

TEST(DrainTest, MakesNoNewClustersForAWhileIfTooManyDisplaceOthers) {
  Drain drain({.max_clusters = 4, .max_eviction_ratio = 0.25, .max_children = 1000});
  const auto name = [](int i) {
    return std::string(1, static_cast<char>('a' + i % 26)) +
           std::string(1, static_cast<char>('a' + i / 26 % 26)) +
           std::string(1, static_cast<char>('a' + i / 676));
  };
  int created = 0;
  for (int i = 0; i < 1000; ++i) created += drain.Add(name(i)).created ? 1 : 0;
  EXPECT_EQ(created, 4 + 256);
  EXPECT_EQ(drain.Add(name(999)).cluster, Drain::Placed::kNowhere);
  EXPECT_NE(drain.Add(name(259)).cluster, Drain::Placed::kNowhere);
}

TEST(DrainTest, ForgetsWhatIsRemoved) {
  Drain drain({});
  EXPECT_EQ(drain.memory_bytes(), 0u);
  const uint32_t cluster = drain.Add("user 1 logged in").cluster;
  EXPECT_GT(drain.memory_bytes(), 0u);
  drain.Remove(cluster);
  EXPECT_EQ(drain.memory_bytes(), 0u);
  EXPECT_EQ(drain.size(), 0u);
  const Drain::Placed again = drain.Add("user 2 logged in");
  EXPECT_TRUE(again.created);
  EXPECT_FALSE(again.evicted);
  EXPECT_EQ(drain.Pattern(again.cluster), "user 2 logged in");
}

TEST(DrainTest, StaysWithinItsMemory) {
  Drain drain({.max_clusters = 50, .max_eviction_ratio = 1});
  for (int i = 0; i < 5000; ++i) {
    std::string line;
    for (int word = 0; word < 300; ++word) {
      line += static_cast<char>('a' + (i + word) % 26);
      line += static_cast<char>('a' + i / 26 % 26);
      line += ' ';
    }
    drain.Add(line);
    ASSERT_LE(drain.size(), 50u);
    ASSERT_LE(drain.memory_bytes(), 50u * 4096);
  }
}

TEST(DrainTest, TakesNoLinesWithoutRoomForAny) {
  Drain drain({.max_clusters = 0});
  EXPECT_EQ(drain.Add("a line").cluster, Drain::Placed::kNowhere);
}

}  // namespace
}  // namespace skald::patterns
