#include "wire/stats_json.h"

#include <charconv>
#include <string_view>

#include "common/json_writer.h"

namespace skald::wire {
namespace {

constexpr double kNanosPerSecond = 1e9;

// Appends "name":value pairs of an object, the commas between them included.
class StatsObject {
 public:
  explicit StatsObject(std::string& out) : out_(out) { out_.push_back('{'); }
  ~StatsObject() { out_.push_back('}'); }
  StatsObject(const StatsObject&) = delete;
  StatsObject& operator=(const StatsObject&) = delete;

  StatsObject& Count(std::string_view name, uint64_t value) {
    char digits[24];
    const char* end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    Name(name).append(digits, static_cast<size_t>(end - digits));
    return *this;
  }
  StatsObject& Seconds(std::string_view name, double value) {
    AppendSampleValue(Name(name), value);
    return *this;
  }
  StatsObject& Bool(std::string_view name, bool value) {
    Name(name).append(value ? "true" : "false");
    return *this;
  }
  // Where the caller appends a value.
  std::string& Name(std::string_view name) {
    if (!first_) out_.push_back(',');
    first_ = false;
    out_.push_back('"');
    out_.append(name);
    out_.append("\":");
    return out_;
  }

 private:
  std::string& out_;
  bool first_ = true;
};

// What a part of the storage has read for a query: the stored chunks, or the ingester's memory.
struct StoreFigures {
  uint64_t chunk_refs = 0;
  uint64_t chunks_downloaded = 0;
  uint64_t download_ns = 0;
  uint64_t refs_fetch_ns = 0;
  uint64_t head_bytes = 0;
  uint64_t head_lines = 0;
  uint64_t head_metadata_bytes = 0;
  uint64_t decompressed_bytes = 0;
  uint64_t decompressed_lines = 0;
  uint64_t decompressed_metadata_bytes = 0;
  uint64_t compressed_bytes = 0;
  uint64_t duplicates = 0;
  uint64_t post_filter_lines = 0;
};

void AppendStore(const StoreFigures& store, std::string& out) {
  StatsObject object(out);
  object.Count("totalChunksRef", store.chunk_refs)
      .Count("totalChunksDownloaded", store.chunks_downloaded)
      .Count("chunksDownloadTime", store.download_ns)
      .Bool("queryReferencedStructuredMetadata",
            store.head_metadata_bytes + store.decompressed_metadata_bytes > 0)
      .Bool("queryUsedV2Engine", false);
  {
    object.Name("chunk");
    StatsObject chunk(out);
    chunk.Count("headChunkBytes", store.head_bytes)
        .Count("headChunkLines", store.head_lines)
        .Count("decompressedBytes", store.decompressed_bytes)
        .Count("decompressedLines", store.decompressed_lines)
        .Count("compressedBytes", store.compressed_bytes)
        .Count("totalDuplicates", store.duplicates)
        .Count("postFilterLines", store.post_filter_lines)
        .Count("headChunkStructuredMetadataBytes", store.head_metadata_bytes)
        .Count("decompressedStructuredMetadataBytes", store.decompressed_metadata_bytes);
  }
  object.Count("chunkRefsFetchTime", store.refs_fetch_ns)
      .Count("congestionControlLatency", 0)
      .Count("pipelineWrapperFilteredLines", 0);
  object.Name("dataobj").append(
      R"({"prePredicateDecompressedRows":0,"prePredicateDecompressedBytes":0,)"
      R"("prePredicateDecompressedStructuredMetadataBytes":0,"postPredicateRows":0,)"
      R"("postPredicateDecompressedBytes":0,"postPredicateStructuredMetadataBytes":0,)"
      R"("postFilterRows":0,"pagesScanned":0,"pagesDownloaded":0,"pagesDownloadedBytes":0,)"
      R"("pageBatches":0,"totalRowsAvailable":0,"totalPageDownloadTime":0,)"
      R"("wireBytesTransferred":0})");
}

void AppendSummary(const model::QuerySummary& summary, const model::ScanStats& stats,
                   std::string& out) {
  const uint64_t bytes = stats.head_bytes + stats.decompressed_bytes;
  const uint64_t lines = stats.head_lines + stats.decompressed_lines;
  const auto per_second = [&](uint64_t count) {
    return summary.exec_seconds > 0
               ? static_cast<uint64_t>(static_cast<double>(count) / summary.exec_seconds)
               : 0;
  };
  StatsObject(out)
      .Count("bytesProcessedPerSecond", per_second(bytes))
      .Count("linesProcessedPerSecond", per_second(lines))
      .Count("totalBytesProcessed", bytes)
      .Count("totalLinesProcessed", lines)
      .Seconds("execTime", summary.exec_seconds)
      .Seconds("queueTime", summary.queue_seconds)
      .Count("subqueries", summary.subqueries)
      .Count("totalEntriesReturned", summary.entries_returned)
      .Count("splits", summary.splits)
      .Count("shards", summary.shards)
      .Count("totalPostFilterLines", stats.post_filter_lines)
      .Count("totalStructuredMetadataBytesProcessed",
             stats.head_metadata_bytes + stats.decompressed_metadata_bytes);
}

void AppendCaches(std::string& out) {
  constexpr std::string_view kCaches[] = {
      "chunk",        "index",        "result",      "statsResult",
      "volumeResult", "seriesResult", "labelResult", "instantMetricResult",
      "logResult",    "taskResult"};
  StatsObject caches(out);
  for (const std::string_view name : kCaches) {
    caches.Name(name).append(
        R"({"entriesFound":0,"entriesRequested":0,"entriesStored":0,"bytesReceived":0,)"
        R"("bytesSent":0,"requests":0,"downloadTime":0,"queryLengthServed":0})");
  }
}

}  // namespace

void AppendStats(const model::QuerySummary& summary, const model::ScanStats& stats,
                 std::string& out) {
  StatsObject object(out);
  AppendSummary(summary, stats, object.Name("summary"));
  {
    object.Name("querier");
    StatsObject querier(out);
    AppendStore({.chunk_refs = stats.chunk_refs,
                 .chunks_downloaded = stats.chunks_downloaded,
                 .download_ns = stats.chunks_download_ns,
                 .refs_fetch_ns = stats.chunk_refs_fetch_ns,
                 .decompressed_bytes = stats.decompressed_bytes,
                 .decompressed_lines = stats.decompressed_lines,
                 .decompressed_metadata_bytes = stats.decompressed_metadata_bytes,
                 .compressed_bytes = stats.compressed_bytes,
                 .duplicates = stats.duplicates,
                 .post_filter_lines = stats.post_filter_lines},
                querier.Name("store"));
    querier.Seconds("querierExecTime", summary.exec_seconds);
  }
  {
    object.Name("ingester");
    StatsObject ingester(out);
    ingester.Count("totalReached", stats.ingesters_reached)
        .Count("totalChunksMatched", stats.ingester_chunks)
        .Count("totalBatches", stats.ingester_batches)
        .Count("totalLinesSent", stats.ingester_lines);
    AppendStore({.head_bytes = stats.head_bytes,
                 .head_lines = stats.head_lines,
                 .head_metadata_bytes = stats.head_metadata_bytes},
                ingester.Name("store"));
    if (const uint64_t wait_ns = stats.ingester_wait_ns; wait_ns > 0) {
      ingester.Seconds("recvWaitTime", static_cast<double>(wait_ns) / kNanosPerSecond);
    }
  }
  AppendCaches(object.Name("cache"));
  object.Name("index");
  StatsObject(out)
      .Count("totalChunks", stats.chunk_refs)
      .Count("postFilterChunks", stats.chunks_downloaded)
      .Count("shardsDuration", 0)
      .Bool("usedBloomFilters", stats.blocks_skipped > 0)
      .Count("totalStreams", stats.streams)
      .Seconds("chunkRefsLookupTime",
               static_cast<double>(stats.chunk_refs_fetch_ns) / kNanosPerSecond)
      .Seconds("bloomFilterTime", 0);
}

}  // namespace skald::wire
