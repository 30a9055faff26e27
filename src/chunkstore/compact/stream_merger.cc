#include "chunkstore/compact/stream_merger.h"

#include <string>
#include <utility>

#include "chunkstore/stored_scan.h"
#include "model/row_gather.h"

namespace skald::chunkstore {
namespace {

// What a row takes besides its texts.
constexpr size_t kRowBytes = 40;

// Rows of batches, until there are enough of them to be sealed together.
class Gatherer {
 public:
  void Add(std::unique_ptr<model::LogBatch> batch) {
    for (const uint32_t row : batch->selection) {
      rows_.push_back({batch->block.get(), row});
      bytes_ += batch->block->lines.Length(row) + batch->block->RowMetadataBytes(row) + kRowBytes;
    }
    batches_.push_back(std::move(batch));
  }

  size_t bytes() const { return bytes_; }
  size_t rows() const { return rows_.size(); }

  model::EntryBlock Take() {
    model::EntryBlock gathered = model::GatherRows(rows_);
    rows_.clear();
    batches_.clear();
    bytes_ = 0;
    return gathered;
  }

 private:
  std::vector<std::unique_ptr<model::LogBatch>> batches_;  // Keep the rows' blocks.
  std::vector<model::RowRef> rows_;
  size_t bytes_ = 0;
};

// The first thing that could not be read of some chunks, or that there were too few of.
class Completeness {
 public:
  explicit Completeness(std::span<const CommittedChunk> chunks) {
    for (const CommittedChunk& chunk : chunks) expected_ += chunk.ref.summary.entries;
  }

  void Unreadable(const Status& status) {
    if (first_.ok()) first_ = status;
  }
  Status Check(uint64_t entries) {
    if (!first_.ok() || entries == expected_) return first_;
    return DataLoss("chunks hold " + std::to_string(entries) + " entries, where the index says " +
                    std::to_string(expected_));
  }
  bool ok() const { return first_.ok(); }

 private:
  uint64_t expected_ = 0;
  Status first_;
};

}  // namespace

StreamMerger::StreamMerger(const Options& options, std::shared_ptr<ChunkFetcher> fetcher,
                           PackLeases::Lease lease)
    : options_(options),
      fetcher_(std::move(fetcher)),
      lease_(std::move(lease)),
      sealer_(options.sealer) {}

Result<MergedStream> StreamMerger::Merge(std::span<const CommittedChunk> chunks,
                                         model::EntryFilter* filter, const CancelToken& cancel,
                                         const Output& out) {
  model::ScanContext context;
  context.cancel = cancel;
  const model::ScanRequest everything{.tenant = chunks.front().tenant,
                                      .matchers = {},
                                      .range = model::TimeRange::All(),
                                      .direction = model::Direction::kForward,
                                      .columns = {},
                                      .literals = {},
                                      .label_literals = {},
                                      .labels = {}};
  StreamChunks stream{.labels = chunks.front().labels, .chunks = {}};
  for (const CommittedChunk& chunk : chunks) stream.chunks.push_back(chunk.ref);
  Completeness completeness(chunks);
  const auto plan = std::make_shared<const StoredPlan>(
      everything, context, fetcher_, lease_,
      ScanPurpose{.rewrites = true,
                  .on_unreadable = [&](const Status& status) { completeness.Unreadable(status); }});
  const auto source = MakeStoredScan(plan, std::move(stream))->Open();

  MergedStream merged;
  Gatherer gatherer;
  const auto seal = [&] {
    merged.entries += gatherer.rows();
    return out(MakeChunks(gatherer.Take(), sealer_, options_.chunks));
  };
  while (completeness.ok()) {
    SKALD_ASSIGN_OR_RETURN(std::unique_ptr<model::LogBatch> batch, source->Next());
    if (batch == nullptr) break;
    if (filter != nullptr) {
      const size_t rows = batch->selection.size();
      if (const Status applied = filter->Apply(*batch); !applied.ok()) {
        completeness.Unreadable(applied);
        break;
      }
      merged.erased += rows - batch->selection.size();
    }
    gatherer.Add(std::move(batch));
    if (gatherer.bytes() >= options_.gather_bytes) SKALD_RETURN_IF_ERROR(seal());
  }
  if (completeness.ok() && gatherer.rows() > 0) SKALD_RETURN_IF_ERROR(seal());
  merged.duplicates = context.stats.duplicates;
  merged.unreadable = completeness.Check(merged.entries + merged.duplicates + merged.erased);
  return merged;
}

}  // namespace skald::chunkstore
