#include "chunkstore/stored_scan.h"

#include <algorithm>
#include <atomic>
#include <functional>
#include <iterator>
#include <limits>
#include <numeric>
#include <optional>
#include <utility>

#include "chunkstore/block_check.h"
#include "chunkstore/format/split/row_filter.h"
#include "common/logging.h"

namespace skald::chunkstore {
namespace {

using model::Direction;
using model::EntryBlock;
using model::LogBatch;

// Times at which other chunks of the stream have entries: [first, last], both included.
struct TimeSpan {
  int64_t first = 0;
  int64_t last = 0;
};

// Takes from `selection` what is not among `rows`; both ascend.
void KeepRows(const std::vector<uint32_t>& rows, std::vector<uint32_t>& selection) {
  std::vector<uint32_t> kept;
  kept.reserve(std::min(rows.size(), selection.size()));
  std::ranges::set_intersection(selection, rows, std::back_inserter(kept));
  selection = std::move(kept);
}

bool SameLiterals(const std::vector<model::RequiredLiteral>& a,
                  const std::vector<model::RequiredLiteral>& b) {
  return std::ranges::equal(a, b, [](const auto& x, const auto& y) {
    return x.fold_case == y.fold_case && x.any_of == y.any_of;
  });
}

// That entries of the stream cannot be read: the query goes on without them.
void WarnUnreadable(const StoredPlan& plan, const model::Labels& stream, const Status& status) {
  plan.decode_failures.Add();
  if (plan.purpose.on_unreadable) plan.purpose.on_unreadable(status);
  LogError("unreadable chunk", {{"stream", stream.ToString()}, {"err", status}});
  plan.context.warnings.Add("entries are missing from this answer: " +
                            std::string(status.message()));
}

// The wanted entries of one chunk in `range`, which lies in the plan's; a batch a block.
class ChunkSource final : public model::BatchSource {
 public:
  ChunkSource(std::shared_ptr<const StoredPlan> plan, std::shared_ptr<const model::Labels> labels,
              model::TimeRange range, ChunkRef chunk, std::vector<TimeSpan> overlaps)
      : plan_(std::move(plan)),
        labels_(std::move(labels)),
        range_(range),
        chunk_(std::move(chunk)),
        overlaps_(std::move(overlaps)) {}

  Result<std::unique_ptr<LogBatch>> Next() override {
    if (!opened_ && !PackMayMatch()) {
      opened_ = true;
      ++plan_->context.stats.blocks_skipped;  // How many they are, only the chunk knows.
    }
    if (!opened_) Open();
    while (blocks_left_ > 0) {
      SKALD_RETURN_IF_ERROR(plan_->context.cancel.Check());
      const size_t count = header_->blocks.size();
      const bool forward = plan_->direction == Direction::kForward;
      const size_t index = forward ? count - blocks_left_ : blocks_left_ - 1;
      --blocks_left_;
      if (IsOfAnotherPart(header_->blocks[index])) continue;
      if (!MayMatch(index)) {
        ++plan_->context.stats.blocks_skipped;
        continue;
      }
      std::unique_ptr<LogBatch> batch = Read(index);
      if (batch != nullptr) return batch;
    }
    return std::unique_ptr<LogBatch>();
  }

 private:
  bool PackMayMatch() const {
    return plan_->packs == nullptr || plan_->packs->MayMatch(chunk_.pack, *labels_, plan_->reads());
  }

  void Open() {
    opened_ = true;
    ++plan_->context.stats.chunks_downloaded;
    if (!plan_->purpose.rewrites) plan_->fetched_chunks.Add();
    auto header = plan_->fetcher->Head(chunk_, plan_->reads());
    if (!header.ok()) return Warn(header.status());
    if (plan_->purpose.rewrites) {
      for (const BlockHeader& block : (*header)->blocks) {
        if (const Status known = CheckColumnsKnown(block); !known.ok()) {
          return Warn(Annotate(known, chunk_.pack));
        }
      }
    }
    header_ = *std::move(header);
    blocks_left_ = header_->blocks.size();
    check_.emplace(plan_->pruner, *labels_, chunk_, *header_, *plan_->fetcher,
                   [this](const Status& status) {
                     // Nothing is missing from the answer: blocks are read without asking filters.
                     plan_->decode_failures.Add();
                     LogWarn("unreadable block filters", {{"err", status}});
                   });
  }

  // Which counts it, as read or as skipped.
  bool IsOfAnotherPart(const BlockHeader& block) const {
    return !range_.Touches(block.min_time, block.max_time) &&
           plan_->range.Touches(block.min_time, block.max_time);
  }

  bool MayMatch(size_t index) {
    const BlockHeader& block = header_->blocks[index];
    if (!range_.Touches(block.min_time, block.max_time)) return false;
    return check_->MayMatch(index, plan_->reads());
  }

  // Null when the block is unreadable or no entry of it is wanted.
  std::unique_ptr<LogBatch> Read(size_t index) {
    const bool overlapped = IsOverlapped(header_->blocks[index]);
    const model::ColumnSet columns = overlapped ? model::ColumnSet() : plan_->columns;
    std::unique_ptr<LogBatch> decided;
    if (columns.lines || columns.all_metadata) {
      const model::ColumnSet deciding{.lines = false,
                                      .line_lengths = false,
                                      .all_metadata = false,
                                      .metadata = plan_->pruner.DecidingMetadata(*labels_)};
      if (!deciding.metadata.empty()) {
        decided = ReadColumns({.index = index, .columns = deciding});
        if (decided == nullptr) {
          ++plan_->context.stats.blocks_skipped;
          return nullptr;
        }
      }
    }
    return ReadColumns({.index = index,
                        .columns = columns,
                        .known = decided == nullptr ? nullptr : decided->block.get(),
                        .excerpt = overlapped ? nullptr : plan_->excerpt.get()});
  }

  // As Read, of what is chosen, which has no search yet.
  std::unique_ptr<LogBatch> ReadColumns(BlockChoice choice) {
    const BlockHeader& header = header_->blocks[choice.index];
    const bool searches =
        choice.columns.lines && header.FindColumn(ColumnKind::kSplitLines) != nullptr;
    if (searches) MakeRowFilter(plan_->pruner.LineLiterals(*labels_, header));
    RowSearch search{.filter = row_filter_, .rows = {}};
    if (searches && row_filter_.selective()) choice.search = &search;
    auto block = plan_->fetcher->Block(chunk_, *header_, choice, plan_->reads());
    if (!block.ok()) {
      Warn(block.status());
      return nullptr;
    }
    if (search.told && search.rows.empty()) return nullptr;
    const std::vector<int64_t>& times = (*block)->times;
    const auto first = std::ranges::lower_bound(times, range_.start);
    const auto last = std::lower_bound(first, times.end(), range_.end);
    auto batch = std::make_unique<LogBatch>();
    batch->selection.resize(static_cast<size_t>(last - first));
    std::iota(batch->selection.begin(), batch->selection.end(),
              static_cast<uint32_t>(first - times.begin()));
    if (search.told) KeepRows(search.rows, batch->selection);
    plan_->pruner.Narrow(*labels_, **block, batch->selection);
    if (batch->selection.empty()) return nullptr;
    batch->stream = labels_;
    batch->block = *std::move(block);
    if (!batch->block->has_lines || !batch->block->has_all_metadata) {
      batch->read_whole = WholeReader(choice.index);
    }
    return batch;
  }

  // What is damaged is told of once.
  std::function<Result<std::shared_ptr<const EntryBlock>>()> WholeReader(size_t index) const {
    return [plan = plan_, labels = labels_, chunk = chunk_, header = header_, index,
            told = std::make_shared<std::atomic<bool>>(
                false)]() -> Result<std::shared_ptr<const EntryBlock>> {
      if (*told) return std::shared_ptr<const EntryBlock>();
      const model::ColumnSet everything;
      auto whole = plan->fetcher->Block(chunk, *header, {.index = index, .columns = everything},
                                        plan->reads());
      if (whole.ok()) return whole;
      *told = true;
      WarnUnreadable(*plan, *labels, whole.status());
      return std::shared_ptr<const EntryBlock>();
    };
  }

  // Blocks of a chunk mostly ask for the same literals: to get ready for them is done once.
  void MakeRowFilter(std::vector<model::RequiredLiteral> literals) {
    if (SameLiterals(literals, row_literals_)) return;
    row_filter_ = RowFilter(literals);
    row_literals_ = std::move(literals);
  }

  // Where chunks overlap everything is read, so that entries stored twice can be told from
  // entries that merely share a time, whatever columns the query wants.
  bool IsOverlapped(const BlockHeader& block) const {
    return std::ranges::any_of(overlaps_, [&](const TimeSpan& span) {
      return span.first <= block.max_time && block.min_time <= span.last;
    });
  }

  void Warn(const Status& status) { WarnUnreadable(*plan_, *labels_, status); }

  const std::shared_ptr<const StoredPlan> plan_;
  const std::shared_ptr<const model::Labels> labels_;
  const model::TimeRange range_;
  const ChunkRef chunk_;
  const std::vector<TimeSpan> overlaps_;
  bool opened_ = false;
  std::shared_ptr<const ChunkHeader> header_;
  std::optional<BlockCheck> check_;  // Once it is opened.
  std::vector<model::RequiredLiteral> row_literals_;
  RowFilter row_filter_{row_literals_};
  size_t blocks_left_ = 0;
};

int64_t FirstIn(model::TimeRange range, const ChunkRef& chunk) {
  return std::max(range.start, chunk.summary.min_time);
}
int64_t LastIn(model::TimeRange range, const ChunkRef& chunk) {
  return std::min(range.end - 1, chunk.summary.max_time);
}

// One of several chunks, as what a merge is made of.
class ChunkScan final : public model::StreamScan {
 public:
  ChunkScan(std::shared_ptr<const StoredPlan> plan, std::shared_ptr<const model::Labels> labels,
            model::TimeRange range, ChunkRef chunk, std::vector<TimeSpan> overlaps)
      : plan_(std::move(plan)),
        labels_(std::move(labels)),
        range_(range),
        chunk_(std::move(chunk)),
        overlaps_(std::move(overlaps)) {}

  const std::shared_ptr<const model::Labels>& labels() const override { return labels_; }
  int64_t first_ns() const override { return FirstIn(range_, chunk_); }
  int64_t last_ns() const override { return LastIn(range_, chunk_); }
  uint64_t estimated_bytes() const override { return chunk_.summary.line_bytes; }
  std::unique_ptr<model::BatchSource> OpenPart(model::TimeRange part) override {
    return std::make_unique<ChunkSource>(plan_, labels_, range_.Intersect(part), chunk_, overlaps_);
  }

 private:
  const std::shared_ptr<const StoredPlan> plan_;
  const std::shared_ptr<const model::Labels> labels_;
  const model::TimeRange range_;
  const ChunkRef chunk_;
  const std::vector<TimeSpan> overlaps_;
};

// For each chunk, the spans of others that it overlaps with. Chunks come by first time.
std::vector<std::vector<TimeSpan>> FindOverlaps(const std::vector<ChunkRef>& chunks) {
  std::vector<std::vector<TimeSpan>> overlaps(chunks.size());
  std::vector<size_t> open;  // Earlier chunks that may reach into later ones.
  for (size_t i = 0; i < chunks.size(); ++i) {
    const TimeSpan span{chunks[i].summary.min_time, chunks[i].summary.max_time};
    std::erase_if(open, [&](size_t j) { return chunks[j].summary.max_time < span.first; });
    for (const size_t j : open) {
      overlaps[i].push_back({chunks[j].summary.min_time, chunks[j].summary.max_time});
      overlaps[j].push_back(span);
    }
    open.push_back(i);
  }
  return overlaps;
}

class StoredScan final : public model::StreamScan {
 public:
  StoredScan(std::shared_ptr<const StoredPlan> plan, StreamChunks stream)
      : plan_(std::move(plan)), stream_(std::move(stream)) {
    for (const ChunkRef& chunk : stream_.chunks) {
      first_ns_ = std::min(first_ns_, FirstIn(plan_->range, chunk));
      last_ns_ = std::max(last_ns_, LastIn(plan_->range, chunk));
      estimated_bytes_ += BytesOf(chunk);
    }
  }

  const std::shared_ptr<const model::Labels>& labels() const override { return stream_.labels; }
  int64_t first_ns() const override { return first_ns_; }
  int64_t last_ns() const override { return last_ns_; }
  uint64_t estimated_bytes() const override { return estimated_bytes_; }

  std::vector<model::ScanSpan> Spans() const override {
    std::vector<model::ScanSpan> spans;
    spans.reserve(stream_.chunks.size());
    for (const ChunkRef& chunk : stream_.chunks) {
      spans.push_back({.first_ns = FirstIn(plan_->range, chunk),
                       .last_ns = LastIn(plan_->range, chunk),
                       .line_bytes = BytesOf(chunk)});
    }
    return spans;
  }

  std::unique_ptr<model::BatchSource> OpenPart(model::TimeRange part) override {
    const model::TimeRange range = plan_->range.Intersect(part);
    std::vector<ChunkRef> chunks;
    for (const ChunkRef& chunk : stream_.chunks) {
      if (range.Touches(chunk.summary.min_time, chunk.summary.max_time)) chunks.push_back(chunk);
    }
    if (chunks.size() == 1) {
      return std::make_unique<ChunkSource>(plan_, stream_.labels, range, std::move(chunks.front()),
                                           std::vector<TimeSpan>());
    }
    std::ranges::stable_sort(chunks, {}, [](const ChunkRef& c) { return c.summary.min_time; });
    std::vector<std::vector<TimeSpan>> overlaps = FindOverlaps(chunks);
    model::StreamScans scans;
    for (size_t i = 0; i < chunks.size(); ++i) {
      scans.push_back(std::make_unique<ChunkScan>(plan_, stream_.labels, range,
                                                  std::move(chunks[i]), std::move(overlaps[i])));
    }
    return model::MergeSources(std::move(scans), plan_->direction, plan_->context.stats);
  }

 private:
  uint64_t BytesOf(const ChunkRef& chunk) const {
    return chunk.summary.LineBytesWithin(plan_->range.start, plan_->range.end);
  }

  const std::shared_ptr<const StoredPlan> plan_;
  const StreamChunks stream_;
  int64_t first_ns_ = std::numeric_limits<int64_t>::max();
  int64_t last_ns_ = std::numeric_limits<int64_t>::min();
  uint64_t estimated_bytes_ = 0;
};

Counter TenantCounter(const char* name, const char* help, const model::TenantId& tenant) {
  return Metrics::GetCounter(name, help, {{"user", tenant.value()}});
}

}  // namespace

StoredPlan::StoredPlan(const model::ScanRequest& request, model::ScanContext& scan_context,
                       std::shared_ptr<ChunkFetcher> chunk_fetcher, PackLeases::Lease pack_lease,
                       ScanPurpose scan_purpose)
    : range(request.range),
      direction(request.direction),
      columns(request.columns),
      excerpt(scan_purpose.rewrites ? nullptr : request.excerpt),
      pruner(request),
      context(scan_context),
      fetcher(std::move(chunk_fetcher)),
      packs(scan_purpose.rewrites ? nullptr : std::make_unique<PackCheck>(pruner, *fetcher)),
      lease(std::move(pack_lease)),
      purpose(std::move(scan_purpose)),
      cache_allowances(fetcher->AllowancesOfScan()),
      fetched_chunks(TenantCounter("loki_chunk_store_fetched_chunks_total",
                                   "Chunks read for queries.", request.tenant)),
      decode_failures(TenantCounter("loki_chunk_store_decode_failures_total",
                                    "Chunks, or blocks of them, that could not be read.",
                                    request.tenant)) {}

std::unique_ptr<model::StreamScan> MakeStoredScan(std::shared_ptr<const StoredPlan> plan,
                                                  StreamChunks stream) {
  if (!plan->pruner.MayMatch(*stream.labels)) return nullptr;
  return std::make_unique<StoredScan>(std::move(plan), std::move(stream));
}

}  // namespace skald::chunkstore
