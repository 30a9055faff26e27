#include "logql/metric/range_evaluator.h"

#include <algorithm>
#include <memory>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "logql/metric/label_group.h"
#include "logql/metric/sample_extractor.h"
#include "logql/metric/time_cells.h"
#include "logql/plan/shards.h"
#include "logql/worker_pool.h"
#include "model/batch_source.h"

namespace skald::logql {
namespace {

Status ReadPart(model::StreamScan& scan, model::TimeRange part, SampleExtractor& extractor,
                model::ScanContext& context) {
  const std::unique_ptr<model::BatchSource> source = scan.OpenPart(part);
  for (;;) {
    SKALD_RETURN_IF_ERROR(context.cancel.Check());
    SKALD_ASSIGN_OR_RETURN(const std::unique_ptr<model::LogBatch> batch, source->Next());
    if (batch == nullptr) {
      return Status();
    }
    SKALD_RETURN_IF_ERROR(extractor.Add(*batch));
    context.stats.post_filter_lines += extractor.TakePassedRows();
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
// of the table is no larger.
Result<SeriesTable> MergeWorkers(std::vector<std::unique_ptr<SampleExtractor>> workers,
                                 size_t steps, MemoryBudget* memory) {
  if (workers.empty()) {
    return SeriesTable(steps);
  }
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

Result<SeriesTable> EvaluateRange(const RangeAggregation& range, const Grouping* pushed_down,
                                  const Evaluation& evaluation) {
  SamplePlan plan = PlanSamples(range, pushed_down);
  plan.outer_label = evaluation.outer_label;
  const TimeCells cells(evaluation.grid, range.range.range_ns, range.range.offset_ns);
  WorkerPool<SampleExtractor> pool(
      [&] { return SampleExtractor::Make(plan, cells, evaluation.memory); });
  SKALD_RETURN_IF_ERROR(pool.Check());

  model::ScanRequest request = plan.scan.Request(range.range.log.matchers);
  request.tenant = evaluation.tenant;
  request.range = cells.range();
  request.direction = model::Direction::kForward;
  SKALD_ASSIGN_OR_RETURN(const model::StreamScans scans,
                         evaluation.source.Select(request, evaluation.context));
  const std::vector<Shard> shards =
      CutIntoShards(scans, evaluation.executor.threads(), evaluation.min_shard_bytes);
  SKALD_RETURN_IF_ERROR(evaluation.executor.ParallelFor(shards.size(), 0, [&](size_t i) -> Status {
    SKALD_ASSIGN_OR_RETURN(SampleExtractor * extractor, pool.Take());
    SKALD_RETURN_IF_ERROR(
        ReadPart(*scans[shards[i].scan], shards[i].part, *extractor, evaluation.context));
    const size_t held = extractor->MemoryBytes();
    return held * pool.Return(extractor) > kMaxAccumulatorBytes ? TooLarge() : Status();
  }));
  SKALD_ASSIGN_OR_RETURN(SeriesTable table,
                         MergeWorkers(pool.TakeAll(), evaluation.grid.count, evaluation.memory));
  return range.op == RangeOp::kAbsent ? Absence(table, range.range.log.matchers) : std::move(table);
}

}  // namespace skald::logql
