// What queries over stored packs decompress: no block for each of an operator's sides that want it.

#include <gtest/gtest.h>

#include <cstdint>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "chunkstore/store_fixture.h"
#include "common/executor.h"
#include "common/limits.h"
#include "querier/querier.h"
#include "querier/store_source.h"

namespace skald::querier {
namespace {

using test::IsOk;
using test::kSecond;
using test::kStartNs;
using test::TestEntry;

// Sums of raw bytes over all blocks, as often as they are decompressed.
struct Cost {
  uint64_t entries = 0;
  uint64_t bytes = 0;
  uint64_t metadata_bytes = 0;

  friend bool operator==(const Cost&, const Cost&) = default;
  Cost operator+(const Cost& other) const {
    return {entries + other.entries, bytes + other.bytes, metadata_bytes + other.metadata_bytes};
  }
};

std::ostream& operator<<(std::ostream& out, const Cost& cost) {
  return out << cost.entries << " entries, " << cost.bytes << " bytes, " << cost.metadata_bytes
             << " of metadata";
}

// Three streams of some dozen blocks each; six packs.
class ReadOnceTest : public chunkstore::StoreFixture {
 protected:
  void SetUp() override {
    clock_.Set(kStartNs + 7200 * kSecond);
    for (const int half : {0, 1}) {
      for (const auto& [app, pod] : {std::pair("a", "1"), {"a", "2"}, {"b", "3"}}) {
        std::vector<TestEntry> entries =
            generator_.Entries(4000, kStartNs + half * 2000 * kSecond, int64_t{900} * 1'000'000);
        entries[1000].line += " needle-in-the-haystack-" + std::string(pod);
        for (const TestEntry& entry : entries) line_bytes_ += entry.line.size();
        entries_ += entries.size();
        Put({{"app", app}, {"pod", pod}}, entries, {.block_bytes = 16 << 10});
      }
    }
  }

  QueryRequest Request(const std::string& text) const {
    QueryRequest request;
    request.tenants = {kTenant};
    request.text = text;
    request.start_ns = kStartNs + 600 * kSecond;
    request.end_ns = kStartNs + 3000 * kSecond;
    request.step_ns = 60 * kSecond;
    request.has_time_range = true;
    return request;
  }

  Cost CostOf(const std::string& text) {
    StoreSource source(*store_);
    Querier querier(source, limits_, executor_, clock_);
    model::ScanContext context;
    const auto result = querier.Run(Request(text), context);
    EXPECT_THAT(result, IsOk()) << text;
    EXPECT_EQ(context.stats.head_lines, 0u);
    const Cost cost{.entries = context.stats.decompressed_lines,
                    .bytes = context.stats.decompressed_bytes,
                    .metadata_bytes = context.stats.decompressed_metadata_bytes};
    EXPECT_GT(cost.entries, 0u) << text;
    return cost;
  }

  const StaticLimits limits_{Limits()};
  Executor executor_{"test", 2};
  test::EntryGenerator generator_{8};
  uint64_t entries_ = 0;
  uint64_t line_bytes_ = 0;
};

constexpr const char* kLines = R"(sum(rate({app="a"} |= "TIMEOUT" [5m])))";
constexpr const char* kTimes = R"(sum(rate({app="a"} [5m])))";
constexpr const char* kAllLines = R"(sum(rate({app="a"} != "TIMEOUT" [5m])))";

// Queries with several sides, and one that has to read as much.
const std::vector<std::pair<std::string, std::string>> kCases = {
    {std::string(kLines) + " / " + kLines, kLines},
    {std::string(kLines) + " / sum(bytes_rate({app=\"a\"} |= \"TIMEOUT\" [4m]))", kLines},
    {R"(sum(rate({app="a"} |= "TIMEOUT" [5m])) / sum(rate({app="a"} |= "commit" [5m])))",
     R"(sum(rate({app="a"} |~ "TIMEOUT|commit" [5m])))"},
    {R"(sum by (pod) (rate({app="a"} |= "needle-in-the-haystack-1" [5m])) or
        sum(rate({app="a"} |= "needle-in-the-haystack-1" [3m])))",
     R"(sum by (pod) (rate({app="a"} |= "needle-in-the-haystack-1" [5m])))"},
    // Nothing but times, or lengths of lines.
    {std::string(kTimes) + " / " + kTimes, kTimes},
    {std::string(kTimes) + R"( / sum(bytes_over_time({app="a"} [5m])))",
     R"(sum(bytes_over_time({app="a"} [5m])))"},
    {std::string(kTimes) + R"( - sum(rate({app="a"} [5m] offset 3m)))",
     R"(sum(rate({app="a"} [8m])))"},
    {std::string(kLines) + R"( - sum(rate({app="a"} |= "TIMEOUT" [5m] offset 3m)))",
     R"(sum(rate({app="a"} |= "TIMEOUT" [8m])))"},
    // All lines are read for one side: the other has their times of it.
    {std::string(kAllLines) + " / " + kTimes, kAllLines},
    {std::string(kTimes) + " / " + kAllLines + R"( + sum(bytes_over_time({app="a"} [2m])))",
     kAllLines},
    // Three sides, functions over vectors, sets.
    {std::string(kLines) + " / " + kLines + " * " + kLines, kLines},
    {std::string("topk(1, ") + kLines + ") unless " + kLines, kLines},
    {std::string("label_replace(") + kTimes + R"(, "x", "y", "", "") or max()" + kTimes + ")",
     kTimes},
    // Streams of one side are among those of the other.
    {R"(sum(rate({app="a", pod="1"} [5m])) / sum(rate({app="a"} [5m])))", kTimes},
    {R"(sum(rate({app="a", pod="1"} |= "TIMEOUT" [5m])) /
        sum(rate({app="a"} |= "TIMEOUT" [5m])))",
     kLines},
    {R"(sum(rate({pod="1", app="a"} != "x" [2m])) / sum(rate({app="a"} != "TIMEOUT" [5m])))",
     kAllLines},
    {R"(sum(rate({app="a"} | detected_level="error" [5m])) /
        sum(rate({app="a"} | detected_level="error" [1m])))",
     R"(sum(rate({app="a"} | detected_level="error" [5m])))"},
};

TEST_F(ReadOnceTest, SidesTogetherCostWhatOneOfThemCosts) {
  for (const auto& [text, alone] : kCases) EXPECT_EQ(CostOf(text), CostOf(alone)) << text;
}

// The lines of few blocks are read for one side, and for the other no line of any.
TEST_F(ReadOnceTest, LinesAreDecompressedForTheSideAloneThatNeedsThem) {
  const std::string lines = R"(sum(rate({app="a"} |= "needle-in-the-haystack-1" [5m])))";
  for (const std::string times :
       {R"(sum(rate({app="a"} [5m])))", R"(sum(bytes_rate({app="a"} [5m])))",
        R"(sum(count_over_time({app="a", pod="2"} [3m] offset 1m)))"}) {
    const Cost of_lines = CostOf(lines);
    const Cost of_times = CostOf(times);
    EXPECT_LT(of_times.bytes, of_times.entries * 20) << "bytes of times and lengths: " << times;
    EXPECT_LT(of_lines.entries * 10, of_times.entries) << times;
    EXPECT_EQ(CostOf(lines + " / " + times), of_lines + of_times) << times;
  }
}

TEST_F(ReadOnceTest, MetadataIsDecompressedForTheSideAloneThatNeedsIt) {
  const std::string metadata = R"(sum(rate({app="a"} | trace_id="0123" [5m] offset 1s)))";
  const std::string times = R"(sum(rate({app="a"} [5m])))";
  EXPECT_EQ(CostOf(times).metadata_bytes, 0u);
  EXPECT_LT(CostOf(metadata + " / " + times).metadata_bytes, entries_);
}

TEST_F(ReadOnceTest, NoBlockIsReadOftenerThanOnce) {
  const Cost cost = CostOf(R"(sum(rate({app=~".+"} |~ "[a-z]" [10m])) by (app) / on () group_left
      sum(rate({app=~".+", pod="1"} [10m])) + on () group_left
      sum(bytes_rate({app=~".+", pod!="1"} |~ "[0-9]" [5m])))");
  EXPECT_LE(cost.entries, entries_);
  EXPECT_LT(cost.bytes, line_bytes_ + entries_ * 20);
}

}  // namespace
}  // namespace skald::querier
