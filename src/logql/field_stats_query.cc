#include "logql/field_stats_query.h"

#include <algorithm>
#include <optional>
#include <span>
#include <utility>
#include <variant>

#include "logql/plan/scan_plan.h"
#include "logql/plan/stage_facts.h"
#include "logql/stages/auto_parse_stage.h"
#include "logql/stages/pipeline.h"
#include "logql/stats/field_table.h"
#include "logql/worker_pool.h"

namespace skald::logql {
namespace {

LabelNeeds NeedsOf(const std::vector<std::string>& fields) {
  LabelNeeds needs;
  needs.all = fields.empty();
  for (const std::string& field : fields) {
    AddName(field, needs);
  }
  return needs;
}

// Counts the fields of the entries that one worker reads.
//
// Threads: not synchronised.
class FieldReader {
 public:
  FieldReader(std::unique_ptr<Pipeline> pipeline, const LabelNeeds& wanted, bool parse_lines,
              MemoryBudget* memory)
      : pipeline_(std::move(pipeline)),
        table_({}, wanted, pipeline_->slice().labels()),
        claim_(memory) {
    if (parse_lines) {
      parser_.emplace(wanted, pipeline_->slice().labels());
    }
  }

  Status Read(model::StreamScan& scan, model::TimeRange part, model::ScanContext& context) {
    const std::unique_ptr<model::BatchSource> source = scan.OpenPart(part);
    for (;;) {
      SKALD_RETURN_IF_ERROR(context.cancel.Check());
      SKALD_ASSIGN_OR_RETURN(const std::unique_ptr<model::LogBatch> batch, source->Next());
      if (batch == nullptr) {
        return Status();
      }
      const uint64_t lines = table_.lines();
      SKALD_RETURN_IF_ERROR(Add(*batch, context.cancel));
      SKALD_RETURN_IF_ERROR(claim_.Raise(table_.held_bytes()));
      context.stats.post_filter_lines += table_.lines() - lines;
    }
  }

  FieldTable& table() { return table_; }

 private:
  Status Add(const model::LogBatch& batch, const CancelToken& cancel) {
    std::span<const uint32_t> rest = pipeline_->Start(batch);
    while (!rest.empty()) {
      SKALD_RETURN_IF_ERROR(cancel.Check());
      const auto rows = rest.first(std::min(rest.size(), pipeline_->slice_rows()));
      rest = rest.subspan(rows.size());
      RowSlice& slice = pipeline_->RunSlice(rows);
      if (parser_.has_value() && !slice.active().empty()) {
        parser_->Run(slice);
      }
      table_.AddSlice(slice);
    }
    return Status();
  }

  std::unique_ptr<Pipeline> pipeline_;
  std::optional<AutoParseStage> parser_;
  FieldTable table_;
  MemoryClaim claim_;
};

bool IsFixed(const model::Matchers& matchers, const FieldStats& field) {
  return field.source == LabelCategory::kStream &&
         std::any_of(matchers.begin(), matchers.end(), [&](const model::Matcher& matcher) {
           return matcher.op() == model::MatchOp::kEqual && matcher.name() == field.name;
         });
}

// The fields of the most entries, in the order of what they tell.
void ChooseFields(const FieldStatsQuery& query, const FieldTable& table, FieldStatsResult& result) {
  std::vector<const FieldTable::Field*> chosen;
  for (const auto& field : table.fields()) {
    chosen.push_back(field.get());
  }
  std::sort(chosen.begin(), chosen.end(), [](const auto* a, const auto* b) {
    return std::tuple(b->values.present(), std::string_view(a->name), a->category) <
           std::tuple(a->values.present(), std::string_view(b->name), b->category);
  });
  if (chosen.size() > query.question.max_fields) {
    chosen.resize(query.question.max_fields);
    result.more_fields = true;
  }
  for (const FieldTable::Field* field : chosen) {
    FieldStats stats = field->values.Finish(query.question.top, table.lines());
    stats.name = field->name;
    stats.source = field->category;
    result.fields.push_back(std::move(stats));
  }
  const auto& matchers = std::get<LogExpr>(query.expr->node).matchers;
  std::stable_sort(result.fields.begin(), result.fields.end(),
                   [&](const FieldStats& a, const FieldStats& b) {
                     const bool a_fixed = IsFixed(matchers, a);
                     const bool b_fixed = IsFixed(matchers, b);
                     return a_fixed != b_fixed ? b_fixed : a.agreement > b.agreement;
                   });
}

// The fields that were asked for; one for each category that a name occurs in.
void PickFields(const FieldStatsQuery& query, const FieldTable& table, FieldStatsResult& result) {
  for (const std::string& name : query.question.fields) {
    const size_t before = result.fields.size();
    for (const LabelCategory category :
         {LabelCategory::kStream, LabelCategory::kMetadata, LabelCategory::kParsed}) {
      for (const auto& field : table.fields()) {
        if (field->name == name && field->category == category) {
          FieldStats stats = field->values.Finish(query.question.top, table.lines());
          stats.name = name;
          stats.source = category;
          result.fields.push_back(std::move(stats));
        }
      }
    }
    if (result.fields.size() == before) {
      result.fields.emplace_back().name = name;
    }
  }
}

}  // namespace

Result<FieldStatsResult> RunFieldStats(const FieldStatsQuery& query, LogSource& source,
                                       Executor& executor, model::ScanContext& context) {
  const auto* log = std::get_if<LogExpr>(&query.expr->node);
  if (log == nullptr) {
    return InvalidArgument("only log queries have fields, not metric queries");
  }
  const bool parse_lines = query.question.parse_lines &&
                           std::none_of(log->stages.begin(), log->stages.end(), ParsesLine);
  const LabelNeeds wanted = NeedsOf(query.question.fields);
  const ScanPlan plan = PlanScan(
      *log, {.lines = parse_lines, .line_lengths = false, .labels = wanted, .unwrap = nullptr});
  WorkerPool<FieldReader> readers([&]() -> Result<std::unique_ptr<FieldReader>> {
    SKALD_ASSIGN_OR_RETURN(std::unique_ptr<Pipeline> pipeline,
                           Pipeline::Make(plan.stages, plan.needs, plan.line_literals));
    return std::make_unique<FieldReader>(std::move(pipeline), wanted, parse_lines, query.memory);
  });
  SKALD_RETURN_IF_ERROR(readers.Check());
  model::ScanRequest request = plan.Request(log->matchers);
  request.tenant = query.tenant;
  request.range = query.range;
  request.direction = model::Direction::kForward;
  SKALD_ASSIGN_OR_RETURN(const model::StreamScans scans, source.Select(request, context));
  const std::vector<Shard> shards = CutIntoShards(scans, executor.threads(), query.min_shard_bytes);
  SKALD_RETURN_IF_ERROR(executor.ParallelFor(shards.size(), 0, [&](size_t i) -> Status {
    SKALD_ASSIGN_OR_RETURN(FieldReader * reader, readers.Take());
    const Status status = reader->Read(*scans[shards[i].scan], shards[i].part, context);
    readers.Return(reader);
    return status;
  }));
  const std::vector<std::unique_ptr<FieldReader>> workers = readers.TakeAll();
  FieldTable& table = workers.front()->table();
  for (size_t w = 1; w < workers.size(); ++w) {
    table.Merge(workers[w]->table());
  }
  FieldStatsResult result;
  result.lines = table.lines();
  result.more_fields = table.more_fields();
  query.question.fields.empty() ? ChooseFields(query, table, result)
                                : PickFields(query, table, result);
  return result;
}

}  // namespace skald::logql
