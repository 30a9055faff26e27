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

// Whether what was read is all that the chunks are said to hold.
Status CheckNothingMissing(std::span<const CommittedChunk> chunks, uint64_t entries,
                           model::ScanContext& context) {
  const std::vector<std::string> warnings = context.warnings.Take();
  if (!warnings.empty()) return DataLoss(warnings.front());
  uint64_t expected = 0;
  for (const CommittedChunk& chunk : chunks) expected += chunk.ref.summary.entries;
  if (entries + context.stats.duplicates == expected) return {};
  return DataLoss("chunks hold " + std::to_string(entries + context.stats.duplicates) +
                  " entries, where the index says " + std::to_string(expected));
}

}  // namespace

StreamMerger::StreamMerger(const Options& options, std::shared_ptr<ChunkFetcher> fetcher,
                           PackLeases::Lease lease)
    : options_(options),
      fetcher_(std::move(fetcher)),
      lease_(std::move(lease)),
      sealer_(options.sealer) {}

Result<MergedStream> StreamMerger::Merge(std::span<const CommittedChunk> chunks,
                                         const CancelToken& cancel) {
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
  const auto plan = std::make_shared<const StoredPlan>(everything, context, fetcher_, lease_);
  const auto source = MakeStoredScan(plan, std::move(stream))->Open();

  MergedStream merged;
  Gatherer gatherer;
  const auto seal = [&] {
    merged.entries += gatherer.rows();
    for (FinishedChunk& chunk : MakeChunks(gatherer.Take(), sealer_, options_.chunks)) {
      merged.chunks.push_back(std::move(chunk));
    }
  };
  for (;;) {
    SKALD_ASSIGN_OR_RETURN(std::unique_ptr<model::LogBatch> batch, source->Next());
    if (batch == nullptr) break;
    gatherer.Add(std::move(batch));
    if (gatherer.bytes() >= options_.gather_bytes) seal();
  }
  if (gatherer.rows() > 0) seal();
  SKALD_RETURN_IF_ERROR(CheckNothingMissing(chunks, merged.entries, context));
  merged.duplicates = context.stats.duplicates;
  return merged;
}

}  // namespace skald::chunkstore
