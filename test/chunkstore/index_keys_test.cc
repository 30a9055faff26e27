#include "chunkstore/index/index_keys.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "support/matchers.h"

namespace skald::chunkstore {
namespace {

using model::TenantId;
using test::HasCode;
using test::IsOk;

const TenantId kKeyTenant("t");

std::string Rest(const std::string& key, const std::string& prefix) {
  EXPECT_TRUE(key.starts_with(prefix));
  return key.substr(prefix.size());
}

TEST(IndexKeysTest, PeriodsSortByTimeAlsoBefore1970) {
  EXPECT_LT(PeriodKey(kKeyTenant, -3), PeriodKey(kKeyTenant, -2));
  EXPECT_LT(PeriodKey(kKeyTenant, -1), PeriodKey(kKeyTenant, 0));
  EXPECT_LT(PeriodKey(kKeyTenant, 255), PeriodKey(kKeyTenant, 256));
  for (const Period period : {-40000, -1, 0, 19675}) {
    EXPECT_EQ(*DecodePeriod(Rest(PeriodKey(kKeyTenant, period), PeriodsPrefix(kKeyTenant))),
              period);
  }
}

TEST(IndexKeysTest, ADaysMarkTellsTenantAndDay) {
  for (const Period period : {-40000, -1, 0, 19675}) {
    const std::string rest = Rest(ThinnedKey(kKeyTenant, period), ThinnedPrefix());
    const auto day = DecodeTenantDay(rest);
    ASSERT_THAT(day, IsOk());
    EXPECT_EQ(*day, std::pair(kKeyTenant, period));
    for (size_t bytes = 0; bytes < rest.size(); ++bytes) {
      EXPECT_THAT(DecodeTenantDay(rest.substr(0, bytes)), HasCode(StatusCode::kDataLoss));
    }
  }
}

TEST(IndexKeysTest, NoTenantsKeysAreAmongAnothers) {
  EXPECT_FALSE(PeriodKey(TenantId("ab"), 1).starts_with(PeriodsPrefix(TenantId("a"))));
  EXPECT_FALSE(
      ValueKey(TenantId("a"), 1, "bc", "d").starts_with(ValuesPrefix(TenantId("a"), 1, "b")));
}

TEST(IndexKeysTest, ContainersComeBack) {
  const std::string prefix = PostingsPrefix(kKeyTenant, 1, "app", "x");
  for (const SeriesId id : {0u, 1u, 65535u, 65536u, 0xfffefdfcu}) {
    std::vector<SeriesId> ids;
    ASSERT_THAT(DecodeContainer(Rest(ContainerKey(prefix, id), prefix), ContainerItem(id), ids),
                IsOk());
    EXPECT_EQ(ids, std::vector<SeriesId>{id});
  }
  std::vector<SeriesId> ids;
  EXPECT_THAT(DecodeContainer("xx", "odd", ids), HasCode(StatusCode::kDataLoss));
}

TEST(IndexKeysTest, ANamesPostingsTellValueAndContainer) {
  const std::string all = NamePostingsPrefix(kKeyTenant, 1, "app");
  for (const std::string& value : {std::string("x"), std::string(200, 'y')}) {
    const std::string prefix = PostingsPrefix(kKeyTenant, 1, "app", value);
    const std::string key = ContainerKey(prefix, 0x12345);
    const std::string rest = Rest(key, all);
    const auto posting = DecodeNamePosting(rest);
    ASSERT_THAT(posting, IsOk());
    EXPECT_EQ(posting->first, value);
    EXPECT_EQ(posting->second, Rest(key, prefix));
    const size_t value_end = rest.size() - posting->second.size();
    for (size_t bytes = 0; bytes < value_end; ++bytes) {
      EXPECT_THAT(DecodeNamePosting(rest.substr(0, bytes)), HasCode(StatusCode::kDataLoss));
    }
  }
  // Of "app", none of "ap".
  EXPECT_FALSE(all.starts_with(NamePostingsPrefix(kKeyTenant, 1, "ap")));
}

TEST(IndexKeysTest, ChunksSortBySeriesThenTimeAndComeBack) {
  ChunkRef chunk{.pack = "packs/a/1",
                 .offset = 8,
                 .bytes = 900,
                 .head_bytes = 77,
                 .summary = {.min_time = -5,
                             .max_time = 10,
                             .max_seq = 3,
                             .entries = 2,
                             .line_bytes = 100,
                             .metadata_bytes = 1,
                             .metadata_volume = 500}};
  const std::string first = ChunkKey(kKeyTenant, 0, 7, chunk);
  EXPECT_TRUE(first.starts_with(SeriesKey(kKeyTenant, 0, 7)));
  EXPECT_LT(SeriesKey(kKeyTenant, 0, 7), first);
  EXPECT_EQ(*DecodeChunk(EncodeChunkValue(chunk)), chunk);
  EXPECT_THAT(DecodeChunk(EncodeChunkValue(chunk) + "x"), HasCode(StatusCode::kDataLoss));
  chunk.summary.min_time = 5;
  EXPECT_LT(first, ChunkKey(kKeyTenant, 0, 7, chunk));
  EXPECT_LT(ChunkKey(kKeyTenant, 0, 7, chunk), ChunkKey(kKeyTenant, 0, 8, chunk));
}

// As a chunk that is decoded whole, also where there is more than one byte to a number.
TEST(IndexKeysTest, ChunkTouchesWhatItsTimesDo) {
  for (const auto& [min_time, max_time] : std::vector<std::pair<int64_t, int64_t>>{
           {-5, 10}, {7, 7}, {-2'000'000'000'000, 3'000'000'000'000}}) {
    const ChunkRef chunk{.pack = "packs/a/1",
                         .offset = 1 << 20,
                         .bytes = 900,
                         .head_bytes = 300,
                         .summary = {.min_time = min_time, .max_time = max_time, .entries = 2}};
    const std::string value = EncodeChunkValue(chunk);
    const ChunkSummary decoded = DecodeChunk(value)->summary;
    for (const int64_t start : {min_time - 1, min_time, min_time + 1, max_time, max_time + 1}) {
      for (const int64_t end : {start, start + 1, min_time, min_time + 1, max_time + 2}) {
        const model::TimeRange range{start, end};
        const auto touches = ChunkTouches(value, range);
        ASSERT_THAT(touches, IsOk());
        EXPECT_EQ(*touches, range.Touches(decoded.min_time, decoded.max_time));
      }
    }
  }
}

// Wherever a value ends, no time is made up; what is behind the times is not looked at.
TEST(IndexKeysTest, ChunkTouchesTellsThatAValueIsCutShort) {
  const ChunkRef chunk{.pack = "packs/a/1",
                       .offset = 1 << 20,
                       .bytes = 900,
                       .head_bytes = 300,
                       .summary = {.min_time = -1000, .max_time = 1000, .max_seq = 3}};
  const std::string value = EncodeChunkValue(chunk);
  constexpr size_t kBehindTimes = 5;  // Numbers of a byte each: max_seq and those that follow.
  const size_t times_end = value.size() - kBehindTimes;
  const auto all = model::TimeRange::All();
  for (size_t bytes = 0; bytes < times_end; ++bytes) {
    EXPECT_THAT(ChunkTouches(value.substr(0, bytes), all), HasCode(StatusCode::kDataLoss));
    EXPECT_THAT(DecodeChunk(value.substr(0, bytes)), HasCode(StatusCode::kDataLoss));
  }
  for (size_t bytes = times_end; bytes <= value.size(); ++bytes) {
    EXPECT_THAT(ChunkTouches(value.substr(0, bytes), all), IsOk());
  }
}

TEST(IndexKeysTest, ChunksOfBeforeHaveNoVolumeOfMetadata) {
  ChunkRef chunk{.pack = "packs/a/1", .bytes = 900, .summary = {.entries = 2}};
  std::string value = EncodeChunkValue(chunk);
  value.pop_back();  // The volume, 0.
  chunk.summary.metadata_volume = EstimateMetadataVolume(2);
  EXPECT_EQ(*DecodeChunk(value), chunk);
}

}  // namespace
}  // namespace skald::chunkstore
