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
#include "logql/answer_selection.h"
#include "logql/answer_stages.h"
#include "logql/entry_selection.h"
#include "logql/metric/label_group.h"
#include "logql/plan/scan_plan.h"
#include "logql/stages/label_set.h"
#include "logql/stages/pipeline.h"
#include "logql/worker_pool.h"

namespace skald::logql {
namespace {

constexpr size_t kMinSlice = 32;      // Rows run through the stages at a time, to begin with.
constexpr size_t kMaxSeen = 1 << 16;  // Values of a stream that are remembered.

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
// Ownership: borrows what it is given.
// Threads:   not synchronised.
class StreamReader {
 public:
  static Result<std::unique_ptr<StreamReader>> Make(const Query& query, const ScanPlan& plan,
                                                    const AnswerStages& stages) {
    std::unique_ptr<StreamReader> reader(new StreamReader(query, stages));
    SKALD_ASSIGN_OR_RETURN(reader->pipeline_,
                           Pipeline::Make(plan.stages, plan.needs, plan.line_literals,
                                          stages.empty() ? nullptr : &reader->marks_));
    if (!query.outer_label.empty()) {
      reader->pipeline_->HideFromStages(query.outer_label);
    }
    return reader;
  }

  // Reads a scan in the query's direction for as long as its entries have a chance, and there are
  // no more than `limit` of them.
  Status Read(model::StreamScan& scan, size_t limit, EntrySelection& selection,
              model::ScanContext& context) {
    if (!selection.HasChance(forward_ ? scan.first_ns() : scan.last_ns())) {
      return Status();
    }
    stream_ = TieRank(*scan.labels());
    position_ = 0;
    seen_.clear();
    size_t wanted = limit;
    const std::unique_ptr<model::BatchSource> source = scan.Open();
    while (wanted > 0) {
      SKALD_RETURN_IF_ERROR(context.cancel.Check());
      SKALD_ASSIGN_OR_RETURN(const std::unique_ptr<model::LogBatch> batch, source->Next());
      if (batch == nullptr || !selection.HasChance(NearestTime(*batch))) {
        break;
      }
      DropHopeless(*batch, selection);
      ReadBatch(*batch, wanted, selection);
      wanted -= found_.size();
      context.stats.post_filter_lines += found_.size();
      SKALD_RETURN_IF_ERROR(selection.Add(found_));
    }
    return Status();
  }

 private:
  StreamReader(const Query& query, const AnswerStages& stages)
      : forward_(query.direction == model::Direction::kForward),
        categorize_(query.categorize_labels),
        tell_parsed_(query.categorize_labels || query.parsed_beside),
        stages_(stages) {}

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
  void ReadBatch(const model::LogBatch& batch, size_t wanted, const EntrySelection& selection) {
    std::span<const uint32_t> rest = pipeline_->Start(batch);
    size_t size = std::clamp(wanted, kMinSlice, kSliceRows);
    while (!rest.empty() && found_.size() < wanted) {
      const size_t count = std::min(rest.size(), size);
      const auto rows = forward_ ? rest.first(count) : rest.last(count);
      rest = forward_ ? rest.subspan(count) : rest.first(rest.size() - count);
      const RowSlice& slice = pipeline_->RunSlice(rows);
      const std::vector<uint16_t>& counting =
          stages_.deciding() == stages_.size() ? slice.active() : marks_.rows(stages_.deciding());
      for (size_t k = 0; k < counting.size() && found_.size() < wanted; ++k) {
        const size_t i = forward_ ? counting[k] : counting[counting.size() - 1 - k];
        if (stages_.empty()) {
          Collect(slice, i, AnswerMarks());
        } else if (AnswerMarks marks; Counts(i, marks) && selection.HasChance(marks)) {
          Collect(slice, i, std::move(marks));
        }
      }
      size = std::min(2 * size, kSliceRows);
    }
  }

  // Sets the marks of a row. False if the stream has a better one with the same value.
  bool Counts(size_t i, AnswerMarks& marks) {
    if (stages_.decides_by_time() && stages_.decides_by_value() && !IsNew(marks_.value(0, i))) {
      return false;
    }
    marks.reached = marks_.reached(i);
    marks.values.reserve(stages_.size());
    for (size_t stage = 0; stage < std::min(marks.reached, stages_.size()); ++stage) {
      marks.values.push_back(stages_.ReadValue(stage, marks_, i));
    }
    return true;
  }

  // Whether `value` was not seen yet in the stream. May forget some: that costs time alone.
  bool IsNew(std::string_view value) {
    if (seen_.contains(value)) {
      return false;
    }
    if (seen_.size() == kMaxSeen) {
      seen_.clear();
    }
    seen_.try_emplace(std::string(value), true);
    return true;
  }

  void Collect(const RowSlice& slice, size_t i, AnswerMarks marks) {
    const bool is_shown = stages_.empty() || marks.reached > stages_.size();
    FoundEntry& entry = found_.emplace_back();
    entry.time_ns = slice.Time(i);
    entry.stream = stream_;
    entry.position = position_++;
    entry.marks = std::move(marks);
    if (!is_shown) {
      return;  // It counts, but a filter drops it behind the stage.
    }
    entry.line = slice.Line(i);
    if (categorize_) {
      entry.labels = LabelSet(slice.labels(), i, LabelCategory::kStream);
      entry.structured_metadata = LabelSet(slice.labels(), i, LabelCategory::kMetadata);
    } else {
      entry.labels = LabelSet(slice.labels(), i);
    }
    if (tell_parsed_) {
      entry.parsed = LabelSet(slice.labels(), i, LabelCategory::kParsed);
    }
  }

  const bool forward_;
  const bool categorize_;
  const bool tell_parsed_;
  const AnswerStages& stages_;
  RowMarks marks_;
  std::unique_ptr<Pipeline> pipeline_;
  uint64_t stream_ = 0;
  uint64_t position_ = 0;
  std::vector<FoundEntry> found_;
  StringMap<bool> seen_;  // Values of the stream that a distinct tells apart.
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
        stages_(plan_.stages, query.limit, query.direction),
        readers_([this] { return StreamReader::Make(query_, plan_, stages_); }) {}

  Result<std::vector<FoundEntry>> Run() {
    SKALD_RETURN_IF_ERROR(readers_.Check());
    const model::TimeRange range{query_.start_ns, query_.end_ns};
    if (!stages_.empty()) {
      return FindAnswer(range);
    }
    return query_.interval_ns > 0 ? FindThinned(range) : FindNearest(range, query_.limit);
  }
  // Whether the entries of Run are in an order of their own.
  bool sorts() const { return stages_.sorts(); }

 private:
  // The best `limit` entries of a time range, in order.
  Result<std::vector<FoundEntry>> FindNearest(model::TimeRange range, size_t limit) {
    NearestSelection selection(limit, query_.direction, query_.memory);
    return Find(range, limit, selection);
  }

  // What the answer stages leave of a time range, in their order.
  Result<std::vector<FoundEntry>> FindAnswer(model::TimeRange range) {
    if (query_.interval_ns > 0) {
      return InvalidArgument(
          "the parameter interval cannot be combined with the stages distinct, sort and limit");
    }
    AnswerSelection selection(stages_, query_.direction, query_.max_held_bytes, query_.memory);
    const bool by_place = stages_.decides_by_time() && !stages_.decides_by_value();
    return Find(range, by_place ? stages_.cut() : AnswerStages::kNoCut, selection);
  }

  // Reads at most `limit` entries of each stream into the selection.
  Result<std::vector<FoundEntry>> Find(model::TimeRange range, size_t limit,
                                       EntrySelection& selection) {
    model::ScanRequest request = plan_.Request(std::get<LogExpr>(query_.expr->node).matchers);
    request.tenant = query_.tenant;
    request.range = range;
    request.direction = query_.direction;
    SKALD_ASSIGN_OR_RETURN(const model::StreamScans scans, source_.Select(request, context_));
    const std::vector<uint32_t> order = NearestFirst(scans);
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

  // Entries at least the interval apart, whatever their streams.
  //
  // Compat: as the reference does, cuts the range at multiples of the split, and thins out the
  // first `limit` entries of each piece, not all of them. A larger limit reaches farther.
  Result<std::vector<FoundEntry>> FindThinned(model::TimeRange range) {
    std::vector<FoundEntry> kept;
    while (kept.size() < query_.limit && !range.empty()) {
      SKALD_ASSIGN_OR_RETURN(std::vector<FoundEntry> piece,
                             FindNearest(TakePiece(range), query_.limit));
      if (piece.empty()) {
        SKALD_RETURN_IF_ERROR(SkipToEntry(range));
        continue;
      }
      const size_t before = kept.size();
      for (FoundEntry& entry : piece) {
        if (kept.size() == query_.limit) break;
        if (kept.size() == before || IsApart(kept.back(), entry)) kept.push_back(std::move(entry));
      }
    }
    return kept;
  }

  // Moves the near end of the range to its first entry in the direction, so that a range of many
  // empty pieces costs what its entries cost.
  Status SkipToEntry(model::TimeRange& range) {
    if (range.empty()) return Status();
    SKALD_ASSIGN_OR_RETURN(const std::vector<FoundEntry> nearest, FindNearest(range, 1));
    if (nearest.empty()) {
      range.end = range.start;
    } else if (query_.direction == model::Direction::kForward) {
      range.start = nearest.front().time_ns;
    } else {
      range.end = nearest.front().time_ns + 1;
    }
    return Status();
  }

  // Takes the first piece in the direction off the range.
  model::TimeRange TakePiece(model::TimeRange& range) const {
    const bool forward = query_.direction == model::Direction::kForward;
    const int64_t inside = forward ? range.start : range.end - 1;
    model::TimeRange piece = range;
    if (query_.split_ns > 0) {
      int64_t offset = inside % query_.split_ns;
      if (offset < 0) offset += query_.split_ns;
      int64_t begin = 0;
      int64_t end = 0;  // At the ends of time, where these overflow, the rest is one piece.
      if (!__builtin_sub_overflow(inside, offset, &begin) &&
          !__builtin_add_overflow(begin, query_.split_ns, &end)) {
        piece = {std::max(range.start, begin), std::min(range.end, end)};
      }
    }
    (forward ? range.start : range.end) = forward ? piece.end : piece.start;
    return piece;
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
  const AnswerStages stages_;
  WorkerPool<StreamReader> readers_;
};

// All labels of an entry as text.
std::string AllLabels(const model::Labels& of_stream, const model::ResultEntry& entry) {
  std::vector<model::LabelView> all;
  for (const model::Labels* labels : {&of_stream, &entry.structured_metadata, &entry.parsed}) {
    for (const model::LabelView label : *labels) all.push_back(label);
  }
  return model::Labels(std::move(all)).ToString();
}

// Puts entries of one time that differ in structured metadata or parsed labels in the order of all
// their labels, or backward in the opposite one.
// Compat: such entries count as streams of their own, of which each keeps its order of arrival.
void OrderEqualTimes(model::Direction direction, model::ResultStream& stream) {
  std::vector<model::ResultEntry>& entries = stream.entries;
  for (auto begin = entries.begin(); begin != entries.end();) {
    const auto end = std::find_if(begin, entries.end(), [&begin](const auto& entry) {
      return entry.time_ns != begin->time_ns;
    });
    const bool differ = std::any_of(begin, end, [&begin](const auto& entry) {
      return entry.structured_metadata != begin->structured_metadata ||
             entry.parsed != begin->parsed;
    });
    if (differ) {
      std::vector<std::pair<std::string, model::ResultEntry>> keyed;
      for (auto entry = begin; entry != end; ++entry) {
        std::string key = AllLabels(stream.labels, *entry);
        keyed.emplace_back(std::move(key), std::move(*entry));
      }
      const bool forward = direction == model::Direction::kForward;
      std::stable_sort(keyed.begin(), keyed.end(), [forward](const auto& a, const auto& b) {
        return forward ? a.first < b.first : b.first < a.first;
      });
      std::transform(std::make_move_iterator(keyed.begin()), std::make_move_iterator(keyed.end()),
                     begin, [](auto&& pair) { return std::move(pair.second); });
    }
    begin = end;
  }
}

// Streams in the order of their labels, or (`sorted`) of their best entries.
std::vector<model::ResultStream> GroupByLabels(std::vector<FoundEntry> entries,
                                               model::Direction direction, bool sorted) {
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
  if (!sorted) {
    for (model::ResultStream& stream : streams) OrderEqualTimes(direction, stream);
    std::sort(streams.begin(), streams.end(),
              [](const auto& a, const auto& b) { return a.labels < b.labels; });
  }
  return streams;
}

}  // namespace

Result<model::QueryResult> RunLogQuery(const Query& query, LogSource& source, Executor& executor,
                                       model::ScanContext& context) {
  LogQuery running(query, source, executor, context);
  SKALD_ASSIGN_OR_RETURN(std::vector<FoundEntry> entries, running.Run());
  model::QueryResult result;
  result.categorized = query.categorize_labels;
  result.summary.entries_returned = entries.size();
  result.data = model::Streams{GroupByLabels(std::move(entries), query.direction, running.sorts())};
  return result;
}

}  // namespace skald::logql
