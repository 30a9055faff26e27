#include "ingester/stream_scan.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

#include "chunkstore/format/block_decoder.h"
#include "chunkstore/format/block_filters.h"

namespace skald::ingester {
namespace {

using chunkstore::SealedBlock;
using model::EntryBlock;

// Hands out one block: the entries of a part in memory, or a compressed one once it is asked for.
class BlockSource : public model::BatchSource {
 public:
  BlockSource(std::shared_ptr<const ScanPlan> plan, std::shared_ptr<const Stream> stream,
              model::TimeRange range)
      : plan_(std::move(plan)), stream_(std::move(stream)), range_(range) {}

  Result<std::unique_ptr<model::LogBatch>> Next() final {
    if (std::exchange(done_, true)) return std::unique_ptr<model::LogBatch>();
    SKALD_RETURN_IF_ERROR(plan_->context.cancel.Check());
    SKALD_ASSIGN_OR_RETURN(std::shared_ptr<const EntryBlock> block, Load());
    if (block == nullptr) return std::unique_ptr<model::LogBatch>();
    auto batch = std::make_unique<model::LogBatch>();
    Select(*block, batch->selection);
    if (batch->selection.empty()) return std::unique_ptr<model::LogBatch>();
    model::ScanStats& stats = plan_->context.stats;
    ++stats.ingester_batches;
    stats.ingester_lines += batch->selection.size();
    batch->stream = stream_->labels();
    batch->block = std::move(block);
    batch->read_whole = WholeReader();
    return batch;
  }

 protected:
  // As LogBatch has it.
  virtual std::function<Result<std::shared_ptr<const EntryBlock>>()> WholeReader() const {
    return {};
  }
  // Null when no entry of the block can be wanted.
  virtual Result<std::shared_ptr<const EntryBlock>> Load() = 0;
  // The highest sequence number wanted.
  virtual uint64_t last_seq() const = 0;

  const ScanPlan& plan() const { return *plan_; }
  const Stream& stream() const { return *stream_; }

 private:
  void Select(const EntryBlock& block, std::vector<uint32_t>& selection) const {
    const auto first = std::ranges::lower_bound(block.times, range_.start);
    const auto last = std::lower_bound(first, block.times.end(), range_.end);
    const auto begin = static_cast<uint32_t>(first - block.times.begin());
    const auto end = static_cast<uint32_t>(last - block.times.begin());
    selection.resize(end - begin);
    std::iota(selection.begin(), selection.end(), begin);
    std::erase_if(selection, [&](uint32_t row) { return block.seqs[row] > last_seq(); });
    plan_->pruner.Narrow(*stream_->labels(), block, selection);
  }

  const std::shared_ptr<const ScanPlan> plan_;
  const std::shared_ptr<const Stream> stream_;
  const model::TimeRange range_;
  bool done_ = false;
};

// Of a part that is not compressed.
class RawSource final : public BlockSource {
 public:
  RawSource(std::shared_ptr<const ScanPlan> plan, std::shared_ptr<const Stream> stream,
            model::TimeRange range, std::shared_ptr<HeadBlock> raw, uint64_t last_seq)
      : BlockSource(std::move(plan), std::move(stream), range),
        raw_(std::move(raw)),
        last_seq_(last_seq) {}

 private:
  Result<std::shared_ptr<const EntryBlock>> Load() override {
    auto block = Normalize(stream().Snapshot(*raw_));
    model::ScanStats& stats = plan().context.stats;
    stats.head_lines += block->size();
    stats.head_bytes += block->lines.offsets.back() - block->size();
    return block;
  }

  uint64_t last_seq() const override { return last_seq_; }

  const std::shared_ptr<HeadBlock> raw_;
  const uint64_t last_seq_;
};

// Of a compressed block.
class SealedSource final : public BlockSource {
 public:
  SealedSource(std::shared_ptr<const ScanPlan> plan, std::shared_ptr<const Stream> stream,
               model::TimeRange range, std::shared_ptr<const SealedBlock> block)
      : BlockSource(std::move(plan), std::move(stream), range), block_(std::move(block)) {}

 private:
  Result<std::shared_ptr<const EntryBlock>> Load() override {
    model::ScanStats& stats = plan().context.stats;
    SKALD_ASSIGN_OR_RETURN(const bool may_match, MayMatch());
    if (!may_match) {
      ++stats.blocks_skipped;
      return std::shared_ptr<const EntryBlock>();
    }
    const model::ColumnSet& columns = plan().columns;
    std::shared_ptr<const EntryBlock> deciding;
    if (columns.lines || columns.all_metadata) {
      SKALD_ASSIGN_OR_RETURN(deciding, Deciding());
      if (deciding != nullptr && !HasWantedRow(*deciding)) {
        ++stats.blocks_skipped;
        return std::shared_ptr<const EntryBlock>();
      }
    }
    return Decode(columns, deciding.get());
  }

  // `known` may be null: what of the block was decoded already.
  Result<std::shared_ptr<const EntryBlock>> Decode(const model::ColumnSet& columns,
                                                   const EntryBlock* known) const {
    SKALD_ASSIGN_OR_RETURN(EntryBlock block, chunkstore::DecodeBlock(*block_, columns, known));
    model::ScanStats& stats = plan().context.stats;
    for (const chunkstore::ColumnEntry& column : block_->header.columns) {
      if (!chunkstore::WantsColumn(column, columns)) continue;
      if (chunkstore::KnowsColumn(known, column)) continue;
      stats.compressed_bytes += column.stored_bytes;
      stats.decompressed_bytes += column.raw_bytes;
    }
    if (known == nullptr) stats.decompressed_lines += block.size();
    return std::make_shared<const EntryBlock>(std::move(block));
  }

  Result<bool> MayMatch() const {
    const chunkstore::BlockPruner& pruner = plan().pruner;
    const model::Labels& labels = *stream().labels();
    if (!pruner.MayMatch(labels, block_->header)) return false;
    const chunkstore::FilterChoice asked = pruner.AsksFilters(labels, block_->header);
    if (asked == chunkstore::kNoFilters) return true;
    SKALD_ASSIGN_OR_RETURN(const chunkstore::BlockFilters filters,
                           chunkstore::FindFilters(block_->header, block_->filters, asked));
    return pruner.MayMatch(labels, block_->header, filters);
  }

  // The columns whose values rule out rows; null if there are none.
  Result<std::shared_ptr<const EntryBlock>> Deciding() const {
    std::vector<std::string> names = plan().pruner.DecidingMetadata(*stream().labels());
    if (names.empty()) return std::shared_ptr<const EntryBlock>();
    return Decode({.lines = false,
                   .line_lengths = false,
                   .all_metadata = false,
                   .metadata = std::move(names)},
                  nullptr);
  }

  bool HasWantedRow(const EntryBlock& deciding) const {
    std::vector<uint32_t> rows(deciding.size());
    std::iota(rows.begin(), rows.end(), 0);
    plan().pruner.Narrow(*stream().labels(), deciding, rows);
    return !rows.empty();
  }

  std::function<Result<std::shared_ptr<const EntryBlock>>()> WholeReader() const override {
    return [block = block_]() -> Result<std::shared_ptr<const EntryBlock>> {
      SKALD_ASSIGN_OR_RETURN(EntryBlock whole, chunkstore::DecodeBlock(*block, {}));
      return std::make_shared<const EntryBlock>(std::move(whole));
    };
  }

  uint64_t last_seq() const override { return block_->header.max_seq; }

  const std::shared_ptr<const SealedBlock> block_;
};

// A scan of one block, as what a merge is made of.
class BlockScan final : public model::StreamScan {
 public:
  BlockScan(std::shared_ptr<const ScanPlan> plan, std::shared_ptr<const Stream> stream,
            model::TimeRange range, const StreamPart& part)
      : plan_(std::move(plan)),
        stream_(std::move(stream)),
        range_(range),
        raw_(part.raw),
        first_ns_(part.first_ns),
        last_ns_(part.last_ns),
        last_seq_(part.last_seq),
        bytes_(part.line_bytes) {}

  // Of `part.sealed`, which it keeps alive.
  BlockScan(std::shared_ptr<const ScanPlan> plan, std::shared_ptr<const Stream> stream,
            model::TimeRange range, const StreamPart& part, const SealedBlock& block)
      : plan_(std::move(plan)),
        stream_(std::move(stream)),
        range_(range),
        block_(part.sealed, &block),
        first_ns_(block.header.min_time),
        last_ns_(block.header.max_time),
        bytes_(block.header.line_bytes) {}

  const std::shared_ptr<const model::Labels>& labels() const override { return stream_->labels(); }
  int64_t first_ns() const override { return first_ns_; }
  int64_t last_ns() const override { return last_ns_; }
  uint64_t estimated_bytes() const override { return bytes_; }

  std::unique_ptr<model::BatchSource> OpenPart(model::TimeRange part) override {
    const model::TimeRange range = range_.Intersect(part);
    if (block_ != nullptr) return std::make_unique<SealedSource>(plan_, stream_, range, block_);
    return std::make_unique<RawSource>(plan_, stream_, range, raw_, last_seq_);
  }

 private:
  const std::shared_ptr<const ScanPlan> plan_;
  const std::shared_ptr<const Stream> stream_;
  const model::TimeRange range_;
  const std::shared_ptr<const SealedBlock> block_;  // Null: raw_.
  const std::shared_ptr<HeadBlock> raw_;
  const int64_t first_ns_;
  const int64_t last_ns_;
  const uint64_t last_seq_ = 0;
  const uint64_t bytes_;
};

class MemoryScan final : public model::StreamScan {
 public:
  // Requires: parts are not empty.
  MemoryScan(std::shared_ptr<const ScanPlan> plan, std::shared_ptr<const Stream> stream,
             std::vector<StreamPart> parts)
      : plan_(std::move(plan)), stream_(std::move(stream)), parts_(std::move(parts)) {
    for (const StreamPart& part : parts_) {
      first_ns_ = std::min(first_ns_, part.first_ns);
      last_ns_ = std::max(last_ns_, part.last_ns);
      bytes_ += part.line_bytes;
    }
  }

  const std::shared_ptr<const model::Labels>& labels() const override { return stream_->labels(); }
  int64_t first_ns() const override { return first_ns_; }
  int64_t last_ns() const override { return last_ns_; }
  uint64_t estimated_bytes() const override { return bytes_; }

  std::vector<model::ScanSpan> Spans() const override {
    std::vector<model::ScanSpan> spans;
    for (const auto& block : Blocks(plan_->range)) {
      spans.push_back({.first_ns = block->first_ns(),
                       .last_ns = block->last_ns(),
                       .line_bytes = block->estimated_bytes()});
    }
    return spans;
  }

  std::unique_ptr<model::BatchSource> OpenPart(model::TimeRange part) override {
    return model::MergeSources(Blocks(plan_->range.Intersect(part)), plan_->direction,
                               plan_->context.stats);
  }

 private:
  // Those that touch the range.
  model::StreamScans Blocks(model::TimeRange range) const {
    model::StreamScans blocks;
    for (const StreamPart& part : parts_) {
      if (part.sealed == nullptr) {
        if (!range.Touches(part.first_ns, part.last_ns)) continue;
        blocks.push_back(std::make_unique<BlockScan>(plan_, stream_, range, part));
        continue;
      }
      for (const SealedBlock& block : *part.sealed) {
        if (!range.Touches(block.header.min_time, block.header.max_time)) continue;
        blocks.push_back(std::make_unique<BlockScan>(plan_, stream_, range, part, block));
      }
    }
    return blocks;
  }

  const std::shared_ptr<const ScanPlan> plan_;
  const std::shared_ptr<const Stream> stream_;
  const std::vector<StreamPart> parts_;
  int64_t first_ns_ = std::numeric_limits<int64_t>::max();
  int64_t last_ns_ = std::numeric_limits<int64_t>::min();
  uint64_t bytes_ = 0;
};

}  // namespace

ScanPlan::ScanPlan(const model::ScanRequest& request, model::ScanContext& scan_context)
    : range(request.range),
      direction(request.direction),
      columns(request.columns),
      pruner(request),
      context(scan_context) {}

std::unique_ptr<model::StreamScan> MakeStreamScan(std::shared_ptr<const ScanPlan> plan,
                                                  std::shared_ptr<const Stream> stream) {
  if (!plan->pruner.MayMatch(*stream->labels())) return nullptr;
  std::vector<StreamPart> parts = stream->Parts(plan->range);
  if (parts.empty()) return nullptr;
  plan->context.stats.ingester_chunks += parts.size();
  return std::make_unique<MemoryScan>(std::move(plan), std::move(stream), std::move(parts));
}

}  // namespace skald::ingester
