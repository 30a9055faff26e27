#include "logql/stream_reader.h"

#include <algorithm>
#include <span>
#include <string>
#include <utility>

#include "logql/stages/label_set.h"

namespace skald::logql {
namespace {

constexpr size_t kMinSlice = 32;      // Rows run through the stages at a time, to begin with.
constexpr size_t kMaxSeen = 1 << 16;  // Values of a stream that are remembered.

// Where a stream stands among others with entries of the same time.
// Compat: clients that ask for few lines see which of them Loki takes first. It compares streams
// as they are stored, without the outer label.
uint64_t TieRank(const model::Labels& labels, std::string_view outer_label) {
  std::string text;
  for (const model::LabelView label : labels) {
    if (label.name == outer_label) continue;
    text.append(label.name).push_back('\xff');
    text.append(label.value).push_back('\xff');
  }
  return Xxh64(text);
}

}  // namespace

Result<std::unique_ptr<StreamReader>> StreamReader::Make(const Query& query, const ScanPlan& plan,
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

Status StreamReader::Read(model::StreamScan& scan, const Shard& shard, size_t limit,
                          EntrySelection& selection, model::ScanContext& context) {
  if (!selection.HasChance(forward_ ? shard.FirstNs(scan) : shard.LastNs(scan))) {
    return Status();
  }
  stream_ = TieRank(*scan.labels(), outer_label_);
  scan_ = shard.scan;
  position_ = 0;
  seen_.clear();
  size_t wanted = limit;
  const std::unique_ptr<model::BatchSource> source = scan.OpenPart(shard.part);
  while (wanted > 0) {
    SKALD_RETURN_IF_ERROR(context.cancel.Check());
    SKALD_ASSIGN_OR_RETURN(const std::unique_ptr<model::LogBatch> batch, source->Next());
    if (batch == nullptr || !selection.HasChance(NearestTime(*batch))) {
      break;
    }
    DropHopeless(*batch, selection);
    SKALD_RETURN_IF_ERROR(ReadBatch(*batch, wanted, selection, context.cancel));
    wanted -= found_.size();
    context.stats.post_filter_lines += found_.size();
    SKALD_RETURN_IF_ERROR(selection.Add(found_));
  }
  return Status();
}

StreamReader::StreamReader(const Query& query, const AnswerStages& stages)
    : forward_(query.direction == model::Direction::kForward),
      categorize_(query.categorize_labels),
      tell_parsed_(query.categorize_labels || query.parsed_beside),
      outer_label_(query.outer_label),
      stages_(stages) {}

// The first time of the batch in the direction.
int64_t StreamReader::NearestTime(const model::LogBatch& batch) const {
  return batch.block->times[forward_ ? batch.selection.front() : batch.selection.back()];
}

void StreamReader::DropHopeless(model::LogBatch& batch, const EntrySelection& selection) const {
  std::vector<uint32_t>& rows = batch.selection;
  const auto has_chance = [&](uint32_t row) {
    return selection.HasChance(batch.block->times[row]);
  };
  if (forward_) {
    rows.erase(std::partition_point(rows.begin(), rows.end(), has_chance), rows.end());
  } else {
    rows.erase(rows.begin(), std::partition_point(rows.begin(), rows.end(),
                                                  [&](uint32_t row) { return !has_chance(row); }));
  }
}

// Appends to found_ up to `wanted` entries, in the direction.
Status StreamReader::ReadBatch(const model::LogBatch& batch, size_t wanted,
                               const EntrySelection& selection, const CancelToken& cancel) {
  std::span<const uint32_t> rest = pipeline_->Start(batch);
  size_t size = std::clamp(wanted, kMinSlice, pipeline_->slice_rows());
  while (!rest.empty() && found_.size() < wanted) {
    SKALD_RETURN_IF_ERROR(cancel.Check());
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
    size = std::min(2 * size, pipeline_->slice_rows());
  }
  return Status();
}

// Sets the marks of a row. False if the stream has a better one with the same value.
bool StreamReader::Counts(size_t i, AnswerMarks& marks) {
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
bool StreamReader::IsNew(std::string_view value) {
  if (seen_.contains(value)) {
    return false;
  }
  if (seen_.size() == kMaxSeen) {
    seen_.clear();
  }
  seen_.try_emplace(std::string(value), true);
  return true;
}

void StreamReader::Collect(const RowSlice& slice, size_t i, AnswerMarks marks) {
  const bool is_shown = stages_.empty() || marks.reached > stages_.size();
  FoundEntry& entry = found_.emplace_back();
  entry.time_ns = slice.Time(i);
  entry.stream = stream_;
  entry.scan = scan_;
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

}  // namespace skald::logql
