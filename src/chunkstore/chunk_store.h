#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "chunkstore/chunk_fetcher.h"
#include "chunkstore/format/chunk_writer.h"
#include "chunkstore/index/label_index.h"
#include "chunkstore/objstore/object_store.h"
#include "chunkstore/pack_leases.h"
#include "chunkstore/pack_names.h"
#include "chunkstore/store_parts.h"
#include "chunkstore/unreadable_packs.h"
#include "common/clock.h"
#include "common/status.h"
#include "common/text_list.h"
#include "model/batch_source.h"
#include "model/ids.h"
#include "model/labels.h"
#include "model/stream_lookup.h"

namespace skald::chunkstore {

struct StoredPlan;

// A finished chunk on its way to the store.
struct ChunkToStore {
  model::TenantId tenant;
  std::shared_ptr<const model::Labels> labels;
  model::Fingerprint fingerprint;
  FinishedChunk chunk;
  // All entries of the stream with sequence numbers up to this are stored once this chunk is, so
  // that replay of a log may skip them. 0 claims nothing.
  uint64_t flushed_seq = 0;
};

// What is stored of a stream, or of many, in a time range: sizes are scaled by how much of each
// chunk's time lies in the range.
struct StoredVolume {
  std::shared_ptr<const model::Labels> labels;  // Null in a sum.
  uint64_t streams = 0;
  uint64_t chunks = 0;
  uint64_t bytes = 0;  // Of lines.
  uint64_t metadata_volume = 0;
  uint64_t entries = 0;
};

// What is known of a request without reading entries.
struct StoredForecast {
  uint64_t streams = 0;
  uint64_t chunks = 0;
  uint64_t packs = 0;
  uint64_t line_bytes = 0;  // Of chunks, scaled as in StoredVolume.
  // Those of packs whose filters rule them out.
  uint64_t packs_skipped = 0;
  uint64_t chunks_skipped = 0;
  // Of the first of the other chunks, whose block tables and filters were asked: blocks, and those
  // of them that are not read. Values of columns are not looked at.
  uint64_t chunks_seen = 0;
  uint64_t blocks = 0;
  uint64_t blocks_skipped = 0;
};

// The stored entries of all streams: packs of chunks in an object store, found by a label index.
//
// Ownership: borrows object store and clock, which must outlive it and every scan it hands out.
// Threads:   any thread may call.
// Cost:      Put blocks until the packs it writes are durable.
class ChunkStore {
 public:
  struct Options {
    std::string index_folder;
    // Packs of this process are packs/<writer>/<name>. No two that run at once may share it.
    std::string writer = "local";
    uint64_t pack_bytes = 64 << 20;  // Put begins another pack at this size.
    size_t index_cache_bytes = 32 << 20;
    size_t labels_cache_bytes = 16 << 20;
    rocksdb::Env* index_env = nullptr;  // As KvStore has it.
    Executor* lookups = nullptr;        // As LabelIndex has it.
    ChunkFetcher::Options fetcher;      // Its budget is that of the index's labels and lists, too.
  };

  // Removes packs of this writer that the index does not name, or takes them in, as
  // SettleUnnamedPacks says. An index that is new or damaged is made anew from all packs.
  static Result<std::unique_ptr<ChunkStore>> Open(const Options& options, ObjectStore& objects,
                                                  const Clock& clock);
  ChunkStore(const ChunkStore&) = delete;
  ChunkStore& operator=(const ChunkStore&) = delete;

  // When it returns OK all chunks are durable and found by queries; else none is found.
  // kResourceExhausted when there is no room; it may be called again with the same chunks.
  Status Put(const std::vector<ChunkToStore>& chunks);

  // One scan for each stream that matches and has a chunk in the range, ordered by labels. The
  // scans read lazily: newest block first or oldest first as the request says, and of each block
  // only the wanted columns, if its time and filters do not rule it out. What is unreadable is
  // left out, named in ctx.warnings and counted, packs included that the index does not name.
  Result<model::StreamScans> Select(const model::ScanRequest& request, model::ScanContext& ctx);

  // What Select would hand out. Asks the filters of all packs, and looks at no more than
  // `max_chunks` chunks; unreadable ones are left out. Ends with the error of `cancel` soon after
  // it is cancelled.
  Result<StoredForecast> Forecast(const model::ScanRequest& request, size_t max_chunks,
                                  const CancelToken& cancel);

  // As LabelIndex has them.
  Result<std::vector<std::string>> LabelNames(const model::StreamLookup& of) const;
  Result<TextList> LabelValues(const model::StreamLookup& of, std::string_view name) const;
  // 0 as well where the index is damaged: then a replay skips nothing, and what that stores twice
  // is dropped when read.
  Result<uint64_t> FlushedSeq(const model::TenantId& tenant, model::Fingerprint fingerprint);
  uint64_t HighestSeq() const { return index_->HighestSeq(); }

  // Streams with a chunk that touches the range, ordered by labels.
  Result<model::SeriesList> Series(const model::StreamLookup& of) const;
  // The streams that match, with their chunks that touch the range, as the index knows them.
  Result<std::vector<StreamChunks>> Chunks(const model::StreamLookup& of) const {
    return index_->Find(of.tenant, of.matchers, of.range, nullptr, of.cancel);
  }
  // For each stream; and their sum.
  Result<std::vector<StoredVolume>> Volumes(const model::StreamLookup& of) const;
  Result<StoredVolume> Stats(const model::StreamLookup& of) const;

  // Drops about `bytes` of what is cached of packs, or else of the index.
  void ShrinkCaches(uint64_t bytes);

  // For compaction and tools. Lives as long as the store.
  StoreParts parts() { return {objects_, *index_, fetcher_, names_, leases_}; }

 private:
  ChunkStore(const Options& options, ObjectStore& objects, const Clock& clock,
             std::unique_ptr<LabelIndex> index, UnreadablePacks unreadable);
  Result<std::vector<StreamChunks>> FindChunks(const model::StreamLookup& of,
                                               const PackChoice& wants = nullptr) const;
  // Those that may have what the request wants, as far as packs tell.
  Result<std::vector<StreamChunks>> FindWanted(const model::ScanRequest& request,
                                               const StoredPlan& plan) const;
  // Appends the chunks to `commit`, and the keys of packs to `packs`, also when it fails midway.
  Status WritePacks(const std::vector<ChunkToStore>& chunks, FlushCommit& commit,
                    std::vector<std::string>& packs);
  // Counts it and has the index made anew at the next start.
  void ReportDamagedIndex(const Status& damage);
  void RemovePacks(const std::vector<std::string>& packs);

  const Options options_;
  ObjectStore& objects_;
  const Clock& clock_;
  const std::unique_ptr<LabelIndex> index_;
  const UnreadablePacks unreadable_;
  const std::shared_ptr<ChunkFetcher> fetcher_;
  PackNames names_;
  PackLeases leases_;
  std::atomic<bool> index_marked_ = false;  // As damaged.
};

}  // namespace skald::chunkstore
