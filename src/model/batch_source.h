#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "common/executor.h"
#include "common/mutex.h"
#include "common/status.h"
#include "model/ids.h"
#include "model/line_excerpt.h"
#include "model/log_batch.h"
#include "model/matcher.h"

namespace skald::model {

// A literal that every line the query keeps must contain: lets blocks be skipped by their filters.
struct RequiredLiteral {
  std::vector<std::string> any_of;  // One of these.
  bool fold_case = false;           // Compared without case; any_of is lower-cased then.
};

// A literal for entries that get none of these labels from their stream or structured metadata:
// a label that only a parser can set, from the line.
struct LabelLiteral {
  RequiredLiteral literal;
  std::vector<std::string> unless_labels;
};

// A label that every entry the query keeps has: of its stream, else of its structured metadata,
// else, if it may be parsed, of its line.
struct RequiredLabel {
  std::string name;
  std::vector<std::string> any_of;  // Its value is one of these; empty: any.
  bool may_be_parsed = false;
};

// Which entries a reader wants, and what it needs of them.
struct ScanRequest {
  TenantId tenant;
  Matchers matchers;
  TimeRange range;
  Direction direction = Direction::kBackward;
  ColumnSet columns;
  // All must hold. Hints: a source may ignore them.
  std::vector<RequiredLiteral> literals;
  std::vector<LabelLiteral> label_literals;
  std::vector<RequiredLabel> labels;  // Their names are among the columns.
  // All that is looked at of the lines among the columns; null: lines are wanted whole. A hint.
  std::shared_ptr<const LineExcerpt> excerpt = nullptr;

  bool counted = false;  // What is read for it has been held against the query's limits already.
};

// What reading has cost, added to by everyone who reads for one query.
// Threads: any thread may add.
struct ScanStats {
  // Entries still in an ingester's memory.
  std::atomic<uint64_t> head_bytes = 0;
  std::atomic<uint64_t> head_lines = 0;
  std::atomic<uint64_t> head_metadata_bytes = 0;
  std::atomic<uint64_t> ingester_chunks = 0;
  std::atomic<uint64_t> ingester_batches = 0;
  std::atomic<uint64_t> ingester_lines = 0;
  std::atomic<uint64_t> ingesters_reached = 0;
  std::atomic<uint64_t> ingester_wait_ns = 0;  // For their answers.
  // Stored chunks.
  std::atomic<uint64_t> chunk_refs = 0;         // That the index named.
  std::atomic<uint64_t> chunks_downloaded = 0;  // That were read.
  std::atomic<uint64_t> chunks_download_ns = 0;
  std::atomic<uint64_t> chunk_refs_fetch_ns = 0;
  std::atomic<uint64_t> packs_skipped = 0;   // Whose filters left nothing of them to read.
  std::atomic<uint64_t> blocks_skipped = 0;  // By filters or time.
  std::atomic<uint64_t> compressed_bytes = 0;
  std::atomic<uint64_t> decompressed_bytes = 0;
  std::atomic<uint64_t> decompressed_lines = 0;
  std::atomic<uint64_t> decompressed_metadata_bytes = 0;
  std::atomic<uint64_t> duplicates = 0;
  std::atomic<uint64_t> streams = 0;
  // Lines left after the pipeline; added by the engine.
  std::atomic<uint64_t> post_filter_lines = 0;
};

// Things that went wrong without ending the query, for the answer's `warnings`.
// Threads: any thread may call.
class Warnings {
 public:
  // Equal texts are kept once.
  void Add(std::string text);
  std::vector<std::string> Take();

 private:
  Mutex mutex_;
  std::vector<std::string> texts_ SKALD_GUARDED_BY(mutex_);
};

// What a query carries to everyone who works for it. Must outlive their work.
struct ScanContext {
  CancelToken cancel;
  ScanStats stats;
  Warnings warnings;
};

// Entries of one stream in batches, pulled one after the other.
//
// Order:   Next until it returns null or an error. Batches come in the request's direction: all
//          times of a batch are at or after (forward) those of the one before it; rows within a
//          batch always ascend. No entry comes twice.
// Threads: one caller at a time; distinct sources are independent.
// Cost:    one batch in memory.
class BatchSource {
 public:
  virtual ~BatchSource() = default;

  // A batch with at least one row selected; null at the end.
  virtual Result<std::unique_ptr<LogBatch>> Next() = 0;
};

// Entries of a stream that are stored together, at times from first to last.
struct ScanSpan {
  int64_t first_ns = 0;
  int64_t last_ns = 0;
  uint64_t line_bytes = 0;
};

// A stream that matches a request, with nothing read of it yet. Cheap: there may be a million.
//
// Order:     OpenPart for parts that have no time in common; or Open, once.
// Ownership: keeps alive what it needs of its store; borrows the ScanContext given to Select.
// Threads:   any thread may call; parts may be read at once.
class StreamScan {
 public:
  virtual ~StreamScan() = default;

  virtual const std::shared_ptr<const Labels>& labels() const = 0;
  // No entry wanted lies outside [first_ns, last_ns]. May be wider than what is there.
  virtual int64_t first_ns() const = 0;
  virtual int64_t last_ns() const = 0;
  // Line bytes of blocks that the request touches; an estimate.
  virtual uint64_t estimated_bytes() const = 0;
  // What it is put together of, in any order: cut where no span is cut, it costs no more to read.
  virtual std::vector<ScanSpan> Spans() const {
    return {{.first_ns = first_ns(), .last_ns = last_ns(), .line_bytes = estimated_bytes()}};
  }

  // The entries at times in `part`. A block that reaches into several parts is read in each.
  virtual std::unique_ptr<BatchSource> OpenPart(TimeRange part) = 0;
  // All entries.
  std::unique_ptr<BatchSource> Open() { return OpenPart(TimeRange::All()); }
};

using StreamScans = std::vector<std::unique_ptr<StreamScan>>;

// One source over several of the same stream and request: ordered by (time, seq); of entries of
// different sources that are equal in time, line and metadata only the first is kept, whatever the
// columns read. (Where these lack lines or metadata, equal (time, seq) make equal entries, so
// readers of replicas, which number entries differently, must ask for all columns.) Scans are
// opened when the merge gets to them, and where they do not overlap in time their batches pass
// without a copy.
std::unique_ptr<BatchSource> MergeSources(StreamScans scans, Direction direction, ScanStats& stats);

// The union of scans from several stores, one StreamScan for each stream, ordered by labels.
StreamScans MergeScans(std::vector<StreamScans> parts, Direction direction, ScanStats& stats);

}  // namespace skald::model
