#include "deletes/deleted_patterns.h"

#include <algorithm>
#include <limits>
#include <memory>

#include "patterns/entry_level.h"

namespace skald::deletes {
namespace {

constexpr int64_t kSecondNs = 1'000'000'000;

int64_t FloorSeconds(int64_t time_ns) {
  return time_ns / kSecondNs - (time_ns % kSecondNs < 0 ? 1 : 0);
}

}  // namespace

model::TimeRange PatternEntriesRange(model::TimeRange range) {
  constexpr int64_t kLongest = patterns::kMaxEntrySeconds * kSecondNs;
  const int64_t least = std::numeric_limits<int64_t>::min() + kLongest;
  return {std::max(range.start, least) - kLongest, range.end};
}

Result<model::ScanRequest> PatternEntriesOf(const RequestPart& part) {
  SKALD_ASSIGN_OR_RETURN(model::Matcher any, model::Matcher::Make(model::MatchOp::kNotEqual,
                                                                  patterns::kPatternLabel, ""));
  model::ScanRequest request;
  request.matchers.push_back(std::move(any));
  request.range = PatternEntriesRange(part.range);
  request.direction = model::Direction::kForward;
  return request;
}

Status PatternEntryPart::Apply(model::LogBatch& batch) {
  if (batch.selection.empty()) return {};
  std::shared_ptr<const model::EntryBlock> block = batch.block;
  if (!block->has_lines && batch.read_whole) {
    SKALD_ASSIGN_OR_RETURN(block, batch.read_whole());
    if (block == nullptr) {  // Nothing is shown for want of what a request asks about.
      batch.selection.clear();
      return {};
    }
  }
  if (!block->has_lines) return Internal("entries of patterns came without their lines");
  std::erase_if(batch.selection, [&](uint32_t row) { return IsMeant(block->lines[row]); });
  return {};
}

bool PatternEntryPart::IsMeant(std::string_view line) {
  if (!patterns::ParsePatternEntry(line, entry_)) return false;
  // In seconds, as what a line says may be no time in nanoseconds.
  const int64_t first = FloorSeconds(part_.range.start);
  const int64_t last = FloorSeconds(part_.range.end - 1);
  const bool touches = std::any_of(
      entry_.samples.begin(), entry_.samples.end(), [&](const patterns::PatternSample& sample) {
        return sample.seconds <= last && sample.seconds + entry_.step_seconds > first;
      });
  if (!touches) return false;
  const std::optional<model::Labels>& stream = Stream();
  return stream.has_value() && patterns_.MayHave(*stream, entry_.level, entry_.pattern);
}

const std::optional<model::Labels>& PatternEntryPart::Stream() {
  const auto known = streams_.find(entry_.labels);
  if (known != streams_.end()) return known->second;
  model::Labels labels;
  std::optional<model::Labels>& stream = streams_[entry_.labels];
  if (patterns::ParseFields(entry_.labels, labels) && patterns_.HasStream(labels)) {
    stream = std::move(labels);
  }
  return stream;
}

}  // namespace skald::deletes
