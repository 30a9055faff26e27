#include "logql/log_query.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <numeric>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "common/hash.h"
#include "logql/entry_selection.h"
#include "logql/metric/label_group.h"
#include "logql/plan/scan_plan.h"
#include "logql/stages/label_set.h"
#include "logql/stages/pipeline.h"
#include "logql/worker_pool.h"

namespace skald::logql {
namespace {

constexpr size_t kMinSlice = 32;           // Rows run through the stages at a time, to begin with.
constexpr size_t kThinningEntries = 4096;  // Read at a time for a query with an interval.

// Where a stream stands among others with entries of the same time.
// Compat: clients that ask for few lines see which of them Loki takes first.
uint64_t TieRank(const model::Labels& labels) {
  std::string text;
  for (const model::LabelView label : labels) {
    text.append(label.name).push_back('\xff');
    text.append(label.value).push_back('\xff');
  }
  return Xxh64(text);
}

// Reads streams for one worker.
//
// Threads: not synchronised.
class StreamReader {
 public:
  StreamReader(const Query& query, std::unique_ptr<Pipeline> pipeline)
      : forward_(query.direction == model::Direction::kForward),
        categorize_(query.categorize_labels),
        pipeline_(std::move(pipeline)) {}

  // Reads a scan in the query's direction for as long as its entries have a chance.
  Status Read(model::StreamScan& scan, size_t limit, EntrySelection& selection,
              model::ScanContext& context) {
    if (!selection.HasChance(forward_ ? scan.first_ns() : scan.last_ns())) {
      return Status();
    }
    stream_ = TieRank(*scan.labels());
    position_ = 0;
    size_t wanted = limit;
    const std::unique_ptr<model::BatchSource> source = scan.Open();
    while (wanted > 0) {
      SKALD_RETURN_IF_ERROR(context.cancel.Check());
      SKALD_ASSIGN_OR_RETURN(const std::unique_ptr<model::LogBatch> batch, source->Next());
      if (batch == nullptr || !selection.HasChance(NearestTime(*batch))) {
        break;
      }
      DropHopeless(*batch, selection);
      ReadBatch(*batch, wanted);
      wanted -= found_.size();
      context.stats.post_filter_lines += found_.size();
      selection.Add(found_);
    }
    return Status();
  }

 private:
  // The first time of the batch in the direction.
  int64_t NearestTime(const model::LogBatch& batch) const {
    return batch.block->times[forward_ ? batch.selection.front() : batch.selection.back()];
  }

  void DropHopeless(model::LogBatch& batch, const EntrySelection& selection) const {
    std::vector<uint32_t>& rows = batch.selection;
    const auto has_chance = [&](uint32_t row) {
      return selection.HasChance(batch.block->times[row]);
    };
    if (forward_) {
      rows.erase(std::partition_point(rows.begin(), rows.end(), has_chance), rows.end());
    } else {
      rows.erase(rows.begin(), std::partition_point(rows.begin(), rows.end(), [&](uint32_t row) {
                   return !has_chance(row);
                 }));
    }
  }

  // Appends to found_ up to `wanted` entries, in the direction.
  void ReadBatch(const model::LogBatch& batch, size_t wanted) {
    std::span<const uint32_t> rest = pipeline_->Start(batch);
    size_t size = std::max(kMinSlice, wanted);
    while (!rest.empty() && found_.size() < wanted) {
      const size_t count = std::min({rest.size(), size, kSliceRows});
      const auto rows = forward_ ? rest.first(count) : rest.last(count);
      rest = forward_ ? rest.subspan(count) : rest.first(rest.size() - count);
      const RowSlice& slice = pipeline_->RunSlice(rows);
      const std::vector<uint16_t>& active = slice.active();
      for (size_t k = 0; k < active.size() && found_.size() < wanted; ++k) {
        Collect(slice, forward_ ? active[k] : active[active.size() - 1 - k]);
      }
      size *= 2;
    }
  }

  void Collect(const RowSlice& slice, size_t i) {
    FoundEntry entry{.time_ns = slice.Time(i),
                     .stream = stream_,
                     .position = position_++,
                     .line = std::string(slice.Line(i))};
    if (categorize_) {
      entry.labels = LabelSet(slice.labels(), i, LabelCategory::kStream);
      entry.structured_metadata = LabelSet(slice.labels(), i, LabelCategory::kMetadata);
      entry.parsed = LabelSet(slice.labels(), i, LabelCategory::kParsed);
    } else {
      entry.labels = LabelSet(slice.labels(), i);
    }
    found_.push_back(std::move(entry));
  }

  const bool forward_;
  const bool categorize_;
  std::unique_ptr<Pipeline> pipeline_;
  uint64_t stream_ = 0;
  uint64_t position_ = 0;
  std::vector<FoundEntry> found_;
};

// One log query under way.
class LogQuery {
 public:
  LogQuery(const Query& query, LogSource& source, Executor& executor, model::ScanContext& context)
      : query_(query),
        source_(source),
        executor_(executor),
        context_(context),
        plan_(PlanEntries(std::get<LogExpr>(query.expr->node))),
        readers_([this]() -> Result<std::unique_ptr<StreamReader>> {
          SKALD_ASSIGN_OR_RETURN(std::unique_ptr<Pipeline> pipeline,
                                 Pipeline::Make(plan_.stages, plan_.needs, plan_.line_literals));
          return std::make_unique<StreamReader>(query_, std::move(pipeline));
        }) {}

  Result<std::vector<FoundEntry>> Run() {
    SKALD_RETURN_IF_ERROR(readers_.Check());
    const model::TimeRange range{query_.start_ns, query_.end_ns};
    return query_.interval_ns > 0 ? FindThinned(range) : Find(range, query_.limit);
  }

 private:
  // The best `limit` entries of a time range, in order.
  Result<std::vector<FoundEntry>> Find(model::TimeRange range, size_t limit) {
    model::ScanRequest request = plan_.Request(std::get<LogExpr>(query_.expr->node).matchers);
    request.tenant = query_.tenant;
    request.range = range;
    request.direction = query_.direction;
    SKALD_ASSIGN_OR_RETURN(const model::StreamScans scans, source_.Select(request, context_));
    const std::vector<uint32_t> order = NearestFirst(scans);
    EntrySelection selection(limit, query_.direction);
    SKALD_RETURN_IF_ERROR(executor_.ParallelFor(scans.size(), 0, [&](size_t i) -> Status {
      SKALD_ASSIGN_OR_RETURN(StreamReader * reader, readers_.Take());
      const Status status = reader->Read(*scans[order[i]], limit, selection, context_);
      readers_.Return(reader);
      return status;
    }));
    return selection.Take();
  }

  // Scans by where they begin in the direction: the first ones make the others needless.
  std::vector<uint32_t> NearestFirst(const model::StreamScans& scans) const {
    std::vector<uint32_t> order(scans.size());
    std::iota(order.begin(), order.end(), uint32_t{0});
    std::stable_sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) {
      return query_.direction == model::Direction::kForward
                 ? scans[a]->first_ns() < scans[b]->first_ns()
                 : scans[a]->last_ns() > scans[b]->last_ns();
    });
    return order;
  }

  // Entries at least the interval apart, whatever their streams. They are known only in order, so
  // the range is read piece by piece. No entry of a piece's last time can follow in the next one:
  // either one of that time was taken, or the last one taken is too near to all of them.
  Result<std::vector<FoundEntry>> FindThinned(model::TimeRange range) {
    const bool forward = query_.direction == model::Direction::kForward;
    std::vector<FoundEntry> kept;
    while (kept.size() < query_.limit && !range.empty()) {
      SKALD_ASSIGN_OR_RETURN(std::vector<FoundEntry> piece, Find(range, kThinningEntries));
      for (FoundEntry& entry : piece) {
        if (kept.size() < query_.limit && (kept.empty() || IsApart(kept.back(), entry))) {
          kept.push_back(std::move(entry));
        }
      }
      if (piece.size() < kThinningEntries) {
        break;
      }
      (forward ? range.start : range.end) = piece.back().time_ns + (forward ? 1 : 0);
    }
    return kept;
  }

  bool IsApart(const FoundEntry& last, const FoundEntry& next) const {
    const int64_t distance = query_.direction == model::Direction::kForward
                                 ? next.time_ns - last.time_ns
                                 : last.time_ns - next.time_ns;
    return distance >= query_.interval_ns;
  }

  const Query& query_;
  LogSource& source_;
  Executor& executor_;
  model::ScanContext& context_;
  const ScanPlan plan_;
  WorkerPool<StreamReader> readers_;
};

std::vector<model::ResultStream> GroupByLabels(std::vector<FoundEntry> entries) {
  LabelNumbers numbers;
  std::vector<model::ResultStream> streams;
  for (FoundEntry& entry : entries) {
    const uint32_t stream = numbers.Number(entry.labels);
    if (stream == streams.size()) {
      streams.push_back({.labels = std::move(entry.labels), .entries = {}});
    }
    streams[stream].entries.push_back({.time_ns = entry.time_ns,
                                       .line = std::move(entry.line),
                                       .structured_metadata = std::move(entry.structured_metadata),
                                       .parsed = std::move(entry.parsed)});
  }
  std::sort(streams.begin(), streams.end(),
            [](const auto& a, const auto& b) { return a.labels < b.labels; });
  return streams;
}

}  // namespace

Result<model::QueryResult> RunLogQuery(const Query& query, LogSource& source, Executor& executor,
                                       model::ScanContext& context) {
  SKALD_ASSIGN_OR_RETURN(std::vector<FoundEntry> entries,
                         LogQuery(query, source, executor, context).Run());
  model::QueryResult result;
  result.categorized = query.categorize_labels;
  result.summary.entries_returned = entries.size();
  result.data = model::Streams{GroupByLabels(std::move(entries))};
  return result;
}

}  // namespace skald::logql
