#include "logql/metric/range_evaluator.h"

#include <algorithm>
#include <memory>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "logql/metric/label_group.h"
#include "logql/plan/shards.h"
#include "logql/plan/wide_request.h"
#include "logql/worker_pool.h"
#include "model/batch_source.h"

namespace skald::logql {
namespace {

// What a worker makes of the batches it reads: samples of each range aggregation.
using Extractors = std::vector<std::unique_ptr<SampleExtractor>>;

Result<std::unique_ptr<Extractors>> MakeExtractors(const std::vector<const PlannedRange*>& ranges,
                                                   MemoryBudget* memory) {
  auto extractors = std::make_unique<Extractors>();
  for (const PlannedRange* range : ranges) {
    SKALD_ASSIGN_OR_RETURN(auto extractor,
                           SampleExtractor::Make(range->plan, range->cells, memory));
    extractors->push_back(std::move(extractor));
  }
  return extractors;
}

// The largest, as each has the bound that it would have alone.
size_t MemoryBytes(const Extractors& extractors) {
  size_t bytes = 0;
  for (const auto& extractor : extractors) bytes = std::max(bytes, extractor->MemoryBytes());
  return bytes;
}

// Takes from the batch the rows that lie outside of `range`.
void KeepWithin(model::TimeRange range, model::LogBatch& batch) {
  const std::vector<int64_t>& times = batch.block->times;
  std::vector<uint32_t>& rows = batch.selection;
  const auto before = [&](uint32_t row, int64_t time) { return times[row] < time; };
  rows.erase(std::lower_bound(rows.begin(), rows.end(), range.end, before), rows.end());
  rows.erase(rows.begin(), std::lower_bound(rows.begin(), rows.end(), range.start, before));
}

// A range aggregation among others that are read with it.
struct Reader {
  const PlannedRange& range;
  model::Matchers narrowing;  // The streams it wants of those that are read.
  bool is_alone = false;
};

std::vector<Reader> MakeReaders(const std::vector<const PlannedRange*>& ranges,
                                const model::ScanRequest& request) {
  std::vector<Reader> readers;
  for (const PlannedRange* range : ranges) {
    readers.push_back({.range = *range,
                       .narrowing = NarrowingMatchers(request, RequestOf(*range, request.tenant)),
                       .is_alone = ranges.size() == 1});
  }
  return readers;
}

Status AddBatch(const model::LogBatch& batch, const Reader& reader, SampleExtractor& extractor,
                model::ScanContext& context) {
  if (reader.is_alone) {
    SKALD_RETURN_IF_ERROR(extractor.Add(batch, context.cancel));
  } else {
    model::LogBatch own = batch;
    KeepWithin(reader.range.cells.range(), own);
    if (own.selection.empty()) return Status();
    SKALD_RETURN_IF_ERROR(extractor.Add(own, context.cancel));
  }
  context.stats.post_filter_lines += extractor.TakePassedRows();
  return Status();
}

Status ReadPart(model::StreamScan& scan, model::TimeRange part, const std::vector<Reader>& readers,
                Extractors& extractors, model::ScanContext& context) {
  std::vector<size_t> of_stream;
  for (size_t i = 0; i < readers.size(); ++i) {
    if (model::MatchesAll(readers[i].narrowing, *scan.labels())) of_stream.push_back(i);
  }
  const std::unique_ptr<model::BatchSource> source = scan.OpenPart(part);
  for (;;) {
    SKALD_RETURN_IF_ERROR(context.cancel.Check());
    SKALD_ASSIGN_OR_RETURN(const std::unique_ptr<model::LogBatch> batch, source->Next());
    if (batch == nullptr) {
      return Status();
    }
    for (const size_t i : of_stream) {
      SKALD_RETURN_IF_ERROR(AddBatch(*batch, readers[i], *extractors[i], context));
    }
  }
}

SeriesTable MakeTable(std::vector<model::Labels> labels, const RangeAccumulator& samples,
                      size_t steps) {
  std::vector<size_t> order(labels.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return labels[a] < labels[b]; });
  SeriesTable table(steps);
  table.labels.reserve(labels.size());
  table.values.reserve(labels.size() * steps);
  table.present.reserve(labels.size() * steps);
  for (const size_t s : order) {
    const size_t row = table.Add(std::move(labels[s]));
    samples.Finish(s, table.Values(row), table.Present(row));
  }
  return table;
}

// The table's memory is taken before it is made, and stays taken until the query ends: what is made
// of the table is no larger. Requires: there is a worker.
Result<SeriesTable> MergeWorkers(Extractors workers, size_t steps, MemoryBudget* memory) {
  SampleExtractor& first = *workers[0];
  LabelNumbers all = first.TakeSeries();
  const size_t counted = all.MemoryBytes();  // By `first`, which is still there.
  MemoryClaim added(memory);
  for (size_t w = 1; w < workers.size(); ++w) {
    std::vector<uint32_t> map;
    map.reserve(workers[w]->series().size());
    for (const model::Labels& labels : workers[w]->series()) {
      map.push_back(all.Number(labels));
    }
    SKALD_RETURN_IF_ERROR(first.Merge(*workers[w], map));
    SKALD_RETURN_IF_ERROR(added.Raise(all.MemoryBytes() - counted));
    workers[w].reset();
  }
  if (memory != nullptr) {
    SKALD_RETURN_IF_ERROR(memory->Take(SeriesTable::MemoryBytes(all.labels(), steps)));
  }
  return MakeTable(all.TakeLabels(), first.accumulator(), steps);
}

// Labels of absent_over_time's series: what the selector says for sure.
model::Labels AbsentLabels(const model::Matchers& matchers) {
  model::LabelsBuilder labels;
  for (const model::Matcher& matcher : matchers) {
    const auto times = std::count_if(matchers.begin(), matchers.end(), [&](const auto& other) {
      return other.name() == matcher.name();
    });
    if (matcher.op() == model::MatchOp::kEqual && times == 1) {
      labels.Set(matcher.name(), matcher.value());
    }
  }
  return labels.Build();
}

SeriesTable Absence(const SeriesTable& counts, const model::Matchers& matchers) {
  SeriesTable table(counts.steps);
  table.Add(AbsentLabels(matchers));
  for (size_t k = 0; k < table.steps; ++k) {
    const bool some = counts.size() > 0 && counts.Present(0)[k] != 0;
    table.Present(0)[k] = some ? 0 : 1;
    table.Values(0)[k] = 1;
  }
  return table;
}

Status TooLarge() {
  return ResourceExhausted(
      "the query would hold more samples and series than fit into memory; consider fewer series, "
      "a larger step or a shorter range");
}

}  // namespace

PlannedRange PlanRange(const RangeAggregation& range, const Grouping* pushed_down,
                       const Evaluation& evaluation) {
  PlannedRange planned{
      .range = range,
      .plan = PlanSamples(range, pushed_down),
      .cells = TimeCells(evaluation.grid, range.range.range_ns, range.range.offset_ns)};
  planned.plan.outer_label = evaluation.outer_label;
  return planned;
}

model::ScanRequest RequestOf(const PlannedRange& range, const model::TenantId& tenant) {
  model::ScanRequest request = range.plan.scan.Request(range.range.range.log.matchers);
  request.tenant = tenant;
  request.range = range.cells.range();
  request.direction = model::Direction::kForward;
  return request;
}

Result<std::vector<SeriesTable>> EvaluateRanges(const std::vector<const PlannedRange*>& ranges,
                                                const model::ScanRequest& request,
                                                const model::StreamScans& scans,
                                                const Evaluation& evaluation) {
  WorkerPool<Extractors> pool([&] { return MakeExtractors(ranges, evaluation.memory); });
  SKALD_RETURN_IF_ERROR(pool.Check());

  const std::vector<Reader> readers = MakeReaders(ranges, request);
  const std::vector<Shard> shards =
      CutIntoShards(scans, evaluation.executor.threads(), evaluation.min_shard_bytes);
  SKALD_RETURN_IF_ERROR(evaluation.executor.ParallelFor(shards.size(), 0, [&](size_t i) -> Status {
    SKALD_ASSIGN_OR_RETURN(Extractors * extractors, pool.Take());
    SKALD_RETURN_IF_ERROR(
        ReadPart(*scans[shards[i].scan], shards[i].part, readers, *extractors, evaluation.context));
    const size_t held = MemoryBytes(*extractors);
    return held * pool.Return(extractors) > kMaxAccumulatorBytes ? TooLarge() : Status();
  }));
  const std::vector<std::unique_ptr<Extractors>> workers = pool.TakeAll();
  std::vector<SeriesTable> tables;
  size_t taken = 0;  // Of the budget, for `tables`.
  for (size_t r = 0; r < ranges.size(); ++r) {
    Extractors of_range;
    for (const auto& worker : workers) of_range.push_back(std::move((*worker)[r]));
    auto merged = MergeWorkers(std::move(of_range), evaluation.grid.count, evaluation.memory);
    if (!merged.ok()) {
      if (evaluation.memory != nullptr) evaluation.memory->Return(taken);
      return std::move(merged).status();
    }
    taken += SeriesTable::MemoryBytes(merged->labels, evaluation.grid.count);
    const RangeAggregation& range = ranges[r]->range;
    tables.push_back(range.op == RangeOp::kAbsent ? Absence(*merged, range.range.log.matchers)
                                                  : *std::move(merged));
  }
  return tables;
}

}  // namespace skald::logql
