#include "wire/stats_json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace skald::wire {
namespace {

using nlohmann::json;

TEST(StatsJsonTest, TellsWhatWasDone) {
  model::ScanStats stats;
  stats.head_bytes = 100;
  stats.head_lines = 3;
  stats.head_metadata_bytes = 7;
  stats.decompressed_bytes = 900;
  stats.decompressed_lines = 17;
  stats.decompressed_metadata_bytes = 13;
  stats.compressed_bytes = 300;
  stats.chunk_refs = 5;
  stats.chunks_downloaded = 4;
  stats.chunk_refs_fetch_ns = 2'000'000'000;
  stats.ingesters_reached = 1;
  stats.ingester_wait_ns = 250'000'000;
  stats.post_filter_lines = 6;
  stats.duplicates = 2;
  const model::QuerySummary summary = {.exec_seconds = 0.5,
                                       .queue_seconds = 0.25,
                                       .splits = 3,
                                       .shards = 8,
                                       .subqueries = 1,
                                       .entries_returned = 6};
  std::string text;
  AppendStats(summary, stats, text);
  const json object = json::parse(text);
  EXPECT_EQ(object["summary"], json::parse(R"({
      "bytesProcessedPerSecond": 2000, "linesProcessedPerSecond": 40, "totalBytesProcessed": 1000,
      "totalLinesProcessed": 20, "execTime": 0.5, "queueTime": 0.25, "subqueries": 1,
      "totalEntriesReturned": 6, "splits": 3, "shards": 8, "totalPostFilterLines": 6,
      "totalStructuredMetadataBytesProcessed": 20})"));
  const json& store = object["querier"]["store"];
  EXPECT_EQ(store["totalChunksRef"], 5);
  EXPECT_EQ(store["chunkRefsFetchTime"], 2'000'000'000);
  EXPECT_EQ(store["chunk"], json::parse(R"({
      "headChunkBytes": 0, "headChunkLines": 0, "decompressedBytes": 900, "decompressedLines": 17,
      "compressedBytes": 300, "totalDuplicates": 2, "postFilterLines": 6,
      "headChunkStructuredMetadataBytes": 0, "decompressedStructuredMetadataBytes": 13})"));
  EXPECT_EQ(object["ingester"]["totalReached"], 1);
  EXPECT_EQ(object["ingester"]["recvWaitTime"], 0.25);
  EXPECT_EQ(object["ingester"]["store"]["chunk"]["headChunkBytes"], 100);
  EXPECT_EQ(object["index"]["chunkRefsLookupTime"], 2.0);
}

TEST(StatsJsonTest, HasEveryMemberThatClientsRead) {
  const model::ScanStats stats;
  std::string text;
  AppendStats({}, stats, text);
  const json object = json::parse(text);
  const std::vector<std::string> parts = {"summary", "querier", "ingester", "cache", "index"};
  for (const std::string& part : parts) EXPECT_TRUE(object.contains(part)) << part;
  for (const json* owner : {&object["querier"], &object["ingester"]}) {
    const json& store = (*owner)["store"];
    for (const char* name :
         {"totalChunksRef", "totalChunksDownloaded", "chunksDownloadTime",
          "queryReferencedStructuredMetadata", "queryUsedV2Engine", "chunk", "chunkRefsFetchTime",
          "congestionControlLatency", "pipelineWrapperFilteredLines", "dataobj"}) {
      EXPECT_TRUE(store.contains(name)) << name;
    }
    EXPECT_EQ(store["chunk"].size(), 9u);
    EXPECT_EQ(store["dataobj"].size(), 14u);
  }
  EXPECT_EQ(object["cache"].size(), 10u);
  for (const json& cache : object["cache"]) EXPECT_EQ(cache.size(), 8u);
  EXPECT_EQ(object["index"].size(), 7u);
  EXPECT_EQ(object["summary"]["bytesProcessedPerSecond"], 0);
}

}  // namespace
}  // namespace skald::wire
