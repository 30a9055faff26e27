#include "deletes/request_filters.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <span>
#include <utility>

#include "deletes/deleted_patterns.h"
#include "logql/stages/pipeline.h"
#include "patterns/entry_level.h"

namespace skald::deletes {
namespace {

// Which of the rows, of the batch's block or one with more columns, survive the pipeline.
std::vector<uint32_t> Survivors(logql::Pipeline& pipeline, const model::LogBatch& batch) {
  std::vector<uint32_t> survivors;
  std::span<const uint32_t> rest = pipeline.Start(batch);
  while (!rest.empty()) {
    const auto rows = rest.first(std::min(rest.size(), logql::kSliceRows));
    rest = rest.subspan(rows.size());
    for (const uint16_t i : pipeline.RunSlice(rows).active()) survivors.push_back(rows[i]);
  }
  return survivors;
}

bool Lacks(const model::EntryBlock& block, const model::ColumnSet& columns) {
  const bool metadata = columns.all_metadata || !columns.metadata.empty();
  return (columns.lines && !block.has_lines) || (metadata && !block.has_all_metadata);
}

// What one part means for one stream.
class StreamPart {
 public:
  explicit StreamPart(RequestPart part) : part_(std::move(part)) {}

  bool TakesAll(int64_t first_ns, int64_t last_ns) const {
    return part_.request->plan().stages.empty() && part_.range.start <= first_ns &&
           last_ns < part_.range.end;
  }

  Status Apply(model::LogBatch& batch) {
    const auto time_of = [&](uint32_t row) { return batch.block->times[row]; };
    std::vector<uint32_t>& rows = batch.selection;
    const auto begin = std::partition_point(
        rows.begin(), rows.end(), [&](uint32_t row) { return time_of(row) < part_.range.start; });
    const auto end = std::partition_point(
        begin, rows.end(), [&](uint32_t row) { return time_of(row) < part_.range.end; });
    if (begin == end) return {};
    if (part_.request->plan().stages.empty()) {
      rows.erase(begin, end);
      return {};
    }
    SKALD_ASSIGN_OR_RETURN(const std::vector<uint32_t> gone, Meant(batch, {begin, end}));
    std::vector<uint32_t> left;
    left.reserve(rows.size() - gone.size());
    std::ranges::set_difference(rows, gone, std::back_inserter(left));
    rows = std::move(left);
    return {};
  }

 private:
  Result<std::vector<uint32_t>> Meant(const model::LogBatch& batch, std::vector<uint32_t> rows) {
    const logql::ScanPlan& plan = part_.request->plan();
    if (pipeline_ == nullptr) {
      SKALD_ASSIGN_OR_RETURN(pipeline_, part_.request->MakePipeline());
    }
    model::LogBatch meant{
        .stream = batch.stream, .block = batch.block, .selection = std::move(rows)};
    // Nothing is shown for want of what a request asks about.
    if (Lacks(*batch.block, plan.columns) && batch.read_whole) {
      SKALD_ASSIGN_OR_RETURN(meant.block, batch.read_whole());
      if (meant.block == nullptr) return std::move(meant.selection);
    }
    if (Lacks(*meant.block, plan.columns)) {
      return Internal("a delete request's filter has entries without what it looks at");
    }
    return Survivors(*pipeline_, meant);
  }

  const RequestPart part_;
  std::unique_ptr<logql::Pipeline> pipeline_;  // Made when it is needed.
};

class StreamFilter final : public model::EntryFilter {
 public:
  StreamFilter(int64_t first_ns, int64_t last_ns) : first_ns_(first_ns), last_ns_(last_ns) {}

  void Add(const RequestPart& part) { parts_.push_back(std::make_unique<StreamPart>(part)); }
  void AddPatterns(const RequestPart& part) {
    patterns_.push_back(std::make_unique<PatternEntryPart>(part));
  }

  Status Apply(model::LogBatch& batch) override {
    for (const auto& part : parts_) SKALD_RETURN_IF_ERROR(part->Apply(batch));
    for (const auto& part : patterns_) SKALD_RETURN_IF_ERROR(part->Apply(batch));
    return {};
  }

  bool TakesAll() const override {
    return std::any_of(parts_.begin(), parts_.end(),
                       [&](const auto& part) { return part->TakesAll(first_ns_, last_ns_); });
  }

 private:
  const int64_t first_ns_;  // Of the entries that it is for.
  const int64_t last_ns_;
  std::vector<std::unique_ptr<StreamPart>> parts_;
  std::vector<std::unique_ptr<PatternEntryPart>> patterns_;
};

// Whether the stream's entries may tell of patterns that the part's lines have a part in.
bool TellsOf(const RequestPart& part, const model::Labels& stream, int64_t first_ns,
             int64_t last_ns) {
  return stream.Has(patterns::kPatternLabel) &&
         PatternEntriesRange(part.range).Touches(first_ns, last_ns) &&
         part.request->patterns().MaySelect(stream.Get(patterns::kPatternLabel));
}

class RequestFilters final : public model::EntryFilters {
 public:
  explicit RequestFilters(std::vector<RequestPart> parts) : parts_(std::move(parts)) {}

  std::unique_ptr<model::EntryFilter> For(const model::Labels& stream, int64_t first_ns,
                                          int64_t last_ns) const override {
    std::unique_ptr<StreamFilter> filter;
    for (const RequestPart& part : parts_) {
      const bool selected = part.range.Touches(first_ns, last_ns) &&
                            model::MatchesAll(part.request->matchers(), stream);
      const bool tells = TellsOf(part, stream, first_ns, last_ns);
      if (!selected && !tells) continue;
      if (filter == nullptr) filter = std::make_unique<StreamFilter>(first_ns, last_ns);
      if (selected) filter->Add(part);
      if (tells) filter->AddPatterns(part);
    }
    return filter;
  }

 private:
  const std::vector<RequestPart> parts_;
};

}  // namespace

std::shared_ptr<const model::EntryFilters> MakeFilters(std::vector<RequestPart> parts) {
  return std::make_shared<const RequestFilters>(std::move(parts));
}

}  // namespace skald::deletes
