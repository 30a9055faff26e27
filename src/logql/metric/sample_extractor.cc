#include "logql/metric/sample_extractor.h"

#include <algorithm>
#include <string>
#include <utility>

#include "common/hash.h"
#include "logql/stages/label_set.h"
#include "logql/stages/value_text.h"

namespace skald::logql {
namespace {

constexpr std::string_view kSampleExtractionError = "SampleExtractionErr";
constexpr std::string_view kPipelineError = "pipeline error: ";

SeriesLabels LabelsOfSeries(const RangeAggregation& range, const Grouping* pushed_down) {
  const Grouping* grouping = range.grouping ? &*range.grouping : pushed_down;
  SeriesLabels labels;
  if (grouping != nullptr) {
    labels.without = grouping->without;
    labels.names = grouping->labels;
  }
  if (labels.without && range.range.unwrap) {
    labels.names.push_back(range.range.unwrap->label);
  }
  if (labels.without && range.op == RangeOp::kCountDistinct) {
    labels.names.push_back(range.field);
  }
  // What the aggregation itself takes away, a sum around it cannot group by.
  if (!labels.without && range.range.unwrap && !range.grouping) {
    std::erase(labels.names, range.range.unwrap->label);
  }
  return labels;
}

// Whether the query asks for rows by their error, or groups by it, so that it wants to know of
// them.
bool LooksAtErrors(const LogRange& range, const SeriesLabels& series) {
  LabelNeeds seen{.all = false, .names = {}};
  if (!series.without) {
    for (const std::string& name : series.names) {
      AddName(name, seen);
    }
  }
  for (const Stage& stage : range.log.stages) {
    if (const auto* filter = std::get_if<LabelFilter>(&stage)) {
      AddFilterNames(*filter, seen);
    } else if (const auto* keep = std::get_if<KeepLabels>(&stage)) {
      for (const NameOrMatcher& item : keep->items) {
        AddName(item.name, seen);
      }
    }
  }
  if (range.unwrap) {
    for (const LabelFilter& filter : range.unwrap->filters) {
      AddFilterNames(filter, seen);
    }
  }
  return seen.Wants(kErrorLabel);
}

bool ParseSample(UnwrapConversion conversion, std::string_view text, double& value) {
  switch (conversion) {
    case UnwrapConversion::kNone:
      return ParseGoFloat(text, value);
    case UnwrapConversion::kDuration:
    case UnwrapConversion::kDurationSeconds: {
      int64_t ns = 0;
      const bool ok = ParseDurationText(text, ns);
      value = static_cast<double>(ns) / 1e9;
      return ok;
    }
    case UnwrapConversion::kBytes: {
      uint64_t bytes = 0;
      const bool ok = ParseBytesText(text, bytes);
      value = static_cast<double>(bytes);
      return ok;
    }
  }
  return false;
}

ValueKind KindOf(UnwrapConversion conversion) {
  switch (conversion) {
    case UnwrapConversion::kNone:
      return ValueKind::kNumber;
    case UnwrapConversion::kBytes:
      return ValueKind::kBytes;
    default:
      return ValueKind::kDuration;
  }
}

}  // namespace

bool IsPipelineError(const Status& status) {
  return status.code() == StatusCode::kInvalidArgument &&
         status.message().starts_with(kPipelineError);
}

SamplePlan PlanSamples(const RangeAggregation& range, const Grouping* pushed_down) {
  SamplePlan plan;
  plan.function = {.op = range.op,
                   .parameter = range.parameter.value_or(0),
                   .unwrapped = range.range.unwrap.has_value(),
                   .range_ns = range.range.range_ns};
  plan.series = LabelsOfSeries(range, pushed_down);
  if (range.op == RangeOp::kAbsent) {
    plan.series = {.without = false, .names = {}};
  }
  ScanPurpose purpose;
  purpose.labels.all = plan.series.without;
  if (!purpose.labels.all) {
    purpose.labels.names = plan.series.names;
    std::sort(purpose.labels.names.begin(), purpose.labels.names.end());
    purpose.labels.names.erase(
        std::unique(purpose.labels.names.begin(), purpose.labels.names.end()),
        purpose.labels.names.end());
  }
  if (range.range.unwrap) {
    plan.unwrap = purpose.unwrap = &*range.range.unwrap;
  } else if (range.op == RangeOp::kCountDistinct) {
    plan.counted_field = &range.field;
    AddName(range.field, purpose.labels);
  } else {
    purpose.line_lengths = range.op == RangeOp::kBytes || range.op == RangeOp::kBytesRate;
  }
  plan.scan = PlanScan(range.range.log, purpose);
  plan.preserves_errors = LooksAtErrors(range.range, plan.series);
  return plan;
}

Result<std::unique_ptr<SampleExtractor>> SampleExtractor::Make(const SamplePlan& plan,
                                                               const TimeCells& cells,
                                                               MemoryBudget* memory) {
  std::unique_ptr<SampleExtractor> extractor(new SampleExtractor(plan, cells, memory));
  SKALD_ASSIGN_OR_RETURN(extractor->pipeline_, Pipeline::Make(plan.scan.stages, plan.scan.needs,
                                                              plan.scan.line_literals));
  if (!plan.outer_label.empty()) {
    extractor->pipeline_->HideFromStages(plan.outer_label);
  }
  LabelColumns& labels = extractor->pipeline_->slice().labels();
  labels.set_preserves_errors(plan.preserves_errors);
  extractor->index_ = std::make_unique<SeriesIndex>(plan.series, labels);
  extractor->accumulator_ = RangeAccumulator::Make(plan.function, cells);
  if (plan.counted_field != nullptr) {
    extractor->value_slot_ = labels.Intern(*plan.counted_field);
  }
  if (plan.unwrap != nullptr) {
    extractor->value_slot_ = labels.Intern(plan.unwrap->label);
    for (const LabelFilter& filter : plan.unwrap->filters) {
      SKALD_ASSIGN_OR_RETURN(auto condition, MakeLabelCondition(filter, labels));
      extractor->unwrap_filters_.push_back(
          std::make_unique<LabelFilterStage>(std::move(condition)));
    }
  }
  return extractor;
}

Status SampleExtractor::Add(const model::LogBatch& batch, const CancelToken& cancel) {
  SKALD_RETURN_IF_ERROR(AddRows(batch, cancel));
  return memory_.Raise(MemoryBytes());
}

Status SampleExtractor::Merge(SampleExtractor& other, const std::vector<uint32_t>& map) {
  accumulator_->Merge(*other.accumulator_, map);
  other.memory_.Lower(other.MemoryBytes());
  return memory_.Raise(accumulator_->MemoryBytes());
}

Status SampleExtractor::AddRows(const model::LogBatch& batch, const CancelToken& cancel) {
  std::span<const uint32_t> rest = pipeline_->Start(batch);
  stream_ = batch.stream->Hash().value();
  bool first = true;
  while (!rest.empty()) {
    SKALD_RETURN_IF_ERROR(cancel.Check());
    const auto rows = rest.first(std::min(rest.size(), pipeline_->slice_rows()));
    RowSlice& slice = pipeline_->RunSlice(rows);
    // Without stages, rows of a batch differ by metadata alone, if at all.
    if (first && pipeline_->only_line_filters() && value_slot_ == kNoSlot &&
        index_->Assign(slice, series_of_rows_)) {
      AddWhole(*batch.block, rest, series_of_rows_[0]);
      return Status();
    }
    first = false;
    SKALD_RETURN_IF_ERROR(AddSlice(slice));
    rest = rest.subspan(rows.size());
  }
  return Status();
}

void SampleExtractor::AddWhole(const model::EntryBlock& block, std::span<const uint32_t> rows,
                               uint32_t series) {
  passed_rows_ += rows.size();
  const bool counts = plan_.function.only_counts();
  const size_t first = rows.front();
  if (rows.back() - first + 1 == rows.size()) {  // No row in between is missing.
    SampleRun run{.series = series,
                  .times = std::span(block.times).subspan(first, rows.size()),
                  .values = {},
                  .line_offsets = {},
                  .stream = stream_};
    if (!counts) {
      run.line_offsets = std::span(block.lines.offsets).subspan(first, rows.size() + 1);
    }
    accumulator_->AddRun(run);
    return;
  }
  times_.resize(rows.size());
  for (size_t k = 0; k < rows.size(); ++k) {
    times_[k] = block.times[rows[k]];
  }
  values_.resize(counts ? 0 : rows.size());
  for (size_t k = 0; k < values_.size(); ++k) {
    values_[k] = block.lines.Length(rows[k]);
  }
  accumulator_->AddRun({.series = series,
                        .times = times_,
                        .values = values_,
                        .line_offsets = {},
                        .stream = stream_});
}

Status SampleExtractor::AddSlice(RowSlice& rows) {
  passed_rows_ += rows.active().size();
  if (plan_.unwrap != nullptr) {
    Unwrap(rows);
  } else if (plan_.counted_field != nullptr) {
    HashValues(rows);
  }
  if (rows.active().empty()) {
    return Status();
  }
  if (rows.labels().any_error()) {
    SKALD_RETURN_IF_ERROR(CheckErrors(rows));
  }
  index_->Assign(rows, series_of_rows_);
  const std::vector<uint16_t>& active = rows.active();
  times_.resize(active.size());
  for (size_t k = 0; k < active.size(); ++k) {
    times_[k] = rows.Time(active[k]);
  }
  values_.clear();
  hashes_.clear();
  if (plan_.counted_field != nullptr) {
    for (const uint16_t i : active) {
      hashes_.push_back(value_hashes_[i]);
    }
  } else if (!plan_.function.only_counts()) {
    values_.resize(active.size());
    for (size_t k = 0; k < active.size(); ++k) {
      values_[k] = plan_.unwrap != nullptr ? unwrapped_[active[k]]
                                           : static_cast<double>(rows.LineBytes(active[k]));
    }
  }
  accumulator_->Add({.times = times_,
                     .series = series_of_rows_,
                     .values = values_,
                     .hashes = hashes_,
                     .stream = stream_});
  return Status();
}

void SampleExtractor::Unwrap(RowSlice& rows) {
  LabelColumns& labels = rows.labels();
  unwrapped_.resize(kSliceRows);
  labels.set_preserves_errors(false);  // What cannot be summed up must not pass for a zero.
  rows.Retain([&](size_t i) {
    std::string_view text;
    if (!labels.Find(value_slot_, i, text) || text.empty()) {
      return false;
    }
    if (!ParseSample(plan_.unwrap->conversion, text, unwrapped_[i])) {
      unwrapped_[i] = 0;
      const std::string why = ValueErrorText(KindOf(plan_.unwrap->conversion), text);
      labels.SetError(i, kSampleExtractionError, rows.arena().Copy(why));
    }
    return true;
  });
  labels.set_preserves_errors(plan_.preserves_errors);
  for (const std::unique_ptr<LabelFilterStage>& filter : unwrap_filters_) {
    filter->Run(rows);
  }
}

void SampleExtractor::HashValues(RowSlice& rows) {
  value_hashes_.resize(kSliceRows);
  rows.Retain([&](size_t i) {
    const std::string_view value = rows.labels().Get(value_slot_, i);
    value_hashes_[i] = Hash64(value);
    return !value.empty();
  });
}

Status SampleExtractor::CheckErrors(const RowSlice& rows) const {
  const LabelColumns& labels = rows.labels();
  for (const uint16_t i : rows.active()) {
    if (!labels.HasError(i) || labels.PreservesError(i) ||
        cells_.Find(rows.Time(i), 0) == TimeCells::kNone) {
      continue;
    }
    const std::string error(labels.Error(i));
    return InvalidArgument(
        std::string(kPipelineError) + "'" + error + "' for series: '" +
        LabelSet(labels, i).ToString() +
        "'.\nUse a label filter to intentionally skip this error. (e.g | __error__!=\"" + error +
        "\").\nTo skip all potential errors you can match empty errors.(e.g __error__=\"\")\n"
        "The label filter can also be specified after unwrap. "
        "(e.g | unwrap latency | __error__=\"\" )\n");
  }
  return Status();
}

}  // namespace skald::logql
