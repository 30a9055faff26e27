#include "logql/log_query.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "logql/answer_selection.h"
#include "logql/answer_stages.h"
#include "logql/answer_streams.h"
#include "logql/entry_selection.h"
#include "logql/plan/scan_plan.h"
#include "logql/plan/shards.h"
#include "logql/stream_reader.h"
#include "logql/worker_pool.h"

namespace skald::logql {
namespace {

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
  using ShardsInTurn = std::pair<std::vector<Shard>, std::vector<Shard>>;

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

  // Reads at most `limit` entries of each shard into the selection.
  Result<std::vector<FoundEntry>> Find(model::TimeRange range, size_t limit,
                                       EntrySelection& selection) {
    model::ScanRequest request = plan_.Request(std::get<LogExpr>(query_.expr->node).matchers);
    request.tenant = query_.tenant;
    request.range = range;
    request.direction = query_.direction;
    SKALD_ASSIGN_OR_RETURN(const model::StreamScans scans, source_.Select(request, context_));
    const ShardsInTurn shards =
        NearestFirst(scans, CutIntoShards(scans, executor_.threads(), query_.min_shard_bytes));
    for (const std::vector<Shard>* turn : {&shards.first, &shards.second}) {
      SKALD_RETURN_IF_ERROR(executor_.ParallelFor(turn->size(), 0, [&](size_t i) -> Status {
        const Shard& shard = (*turn)[i];
        SKALD_ASSIGN_OR_RETURN(StreamReader * reader, readers_.Take());
        const Status status = reader->Read(*scans[shard.scan], shard, limit, selection, context_);
        readers_.Return(reader);
        return status;
      }));
    }
    return selection.Take();
  }

  // Shards by where they begin in the direction: the first ones make the others needless. It is
  // seldom that those behind another of their stream are needed, so these wait for all others.
  ShardsInTurn NearestFirst(const model::StreamScans& scans, std::vector<Shard> shards) const {
    std::stable_sort(shards.begin(), shards.end(), [&](const Shard& a, const Shard& b) {
      return query_.direction == model::Direction::kForward
                 ? a.FirstNs(*scans[a.scan]) < b.FirstNs(*scans[b.scan])
                 : a.LastNs(*scans[a.scan]) > b.LastNs(*scans[b.scan]);
    });
    if (shards.size() == scans.size()) return {std::move(shards), {}};
    ShardsInTurn in_turn;
    std::vector<bool> seen(scans.size());
    for (const Shard& shard : shards) {
      (seen[shard.scan] ? in_turn.second : in_turn.first).push_back(shard);
      seen[shard.scan] = true;
    }
    return in_turn;
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
