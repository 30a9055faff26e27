#include "querier/pattern_history.h"

#include <limits>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "common/hash.h"
#include "patterns/entry_level.h"
#include "patterns/pattern_entry.h"

namespace skald::querier {
namespace {

using patterns::PatternEntry;
using patterns::PatternSeries;

constexpr int64_t kSecondNs = 1'000'000'000;
constexpr std::string_view kServiceName = "service_name";
// What a sample takes in a map.
constexpr uint64_t kSampleBytes = 64;

// The streams whose entries may tell of streams that match: all, or those of services that match.
Result<model::Matchers> EntriesOf(const model::Matchers& matchers) {
  SKALD_ASSIGN_OR_RETURN(model::Matcher any, model::Matcher::Make(model::MatchOp::kRegex,
                                                                  patterns::kPatternLabel, ".+"));
  model::Matchers entries = {std::move(any)};
  for (const model::Matcher& matcher : matchers) {
    // A stream without a service is filed under a name all the same.
    if (matcher.name() != kServiceName || matcher.MatchesEmpty()) continue;
    SKALD_ASSIGN_OR_RETURN(
        model::Matcher service,
        model::Matcher::Make(matcher.op(), patterns::kPatternLabel, matcher.value()));
    entries.push_back(std::move(service));
  }
  return entries;
}

model::TimeRange EarlierBy(int64_t seconds, model::TimeRange range) {
  const int64_t least = std::numeric_limits<int64_t>::min() + seconds * kSecondNs;
  return {std::max(range.start, least) - seconds * kSecondNs, range.end};
}

// Adds entries up.
//
// Threads: not synchronised.
class HistoryCounts {
 public:
  HistoryCounts(const PatternHistory::Question& question, const patterns::HeldCounts& held,
                MemoryBudget& memory)
      : question_(question), held_(held), memory_(&memory) {}

  Status Add(const model::LogBatch& batch) {
    for (const uint32_t row : batch.selection) {
      if (patterns::ParsePatternEntry(batch.block->lines[row], entry_) && IsOfMatch()) AddEntry();
    }
    return memory_.Raise(bytes_);
  }

  std::vector<PatternSeries> Finish() {
    std::vector<PatternSeries> all;
    for (auto& [key, pattern] : patterns_) {
      if (pattern.samples.empty()) continue;
      PatternSeries series{.pattern = std::move(pattern.text), .level = std::move(pattern.level)};
      for (const auto& [seconds, count] : pattern.samples) {
        series.samples.push_back({.seconds = seconds, .count = count});
        series.total += count;
      }
      all.push_back(std::move(series));
    }
    return all;
  }

 private:
  struct Pattern {
    std::string text;
    std::string level;
    uint64_t batch = 0;  // That has the text.
    std::map<int64_t, uint64_t> samples;
  };

  // Whether the entry is about a stream that matches. Most are about few streams.
  bool IsOfMatch() {
    const auto known = matching_.find(entry_.labels);
    if (known != matching_.end()) return known->second;
    model::Labels labels;
    const bool matches = patterns::ParseFields(entry_.labels, labels) &&
                         model::MatchesAll(question_.matchers, labels);
    matching_.emplace(entry_.labels, matches);
    bytes_ += entry_.labels.size() + kSampleBytes;
    return matches;
  }

  void AddEntry() {
    Pattern& pattern = patterns_[{entry_.origin.run, entry_.origin.id}];
    if (entry_.origin.batch >= pattern.batch) {
      bytes_ += entry_.pattern.size() > pattern.text.size() ? entry_.pattern.size() : 0;
      pattern.batch = entry_.origin.batch;
      pattern.text = entry_.pattern;
      pattern.level = entry_.level;
    }
    const int64_t length_ns = entry_.step_seconds * kSecondNs;
    for (const patterns::PatternSample& sample : entry_.samples) {
      const int64_t time_ns = sample.seconds * kSecondNs;
      if (time_ns >= question_.range.end || time_ns + length_ns <= question_.range.start ||
          held_.Has(entry_.origin, sample.seconds, entry_.step_seconds)) {
        continue;
      }
      const int64_t seconds = (time_ns - time_ns % question_.step_ns) / kSecondNs;
      const auto [found, added] = pattern.samples.try_emplace(seconds, 0);
      found->second += sample.count;
      if (added) bytes_ += kSampleBytes;
    }
  }

  const PatternHistory::Question& question_;
  const patterns::HeldCounts& held_;
  PatternEntry entry_;
  StringMap<bool> matching_;                                   // By labels as text.
  std::map<std::pair<uint64_t, uint64_t>, Pattern> patterns_;  // By run and id.
  uint64_t bytes_ = 0;
  MemoryClaim memory_;
};

}  // namespace

Result<std::vector<PatternSeries>> PatternHistory::Read(const Question& question,
                                                        const patterns::HeldCounts& held,
                                                        MemoryBudget& memory,
                                                        model::ScanContext& context) const {
  model::ScanRequest request;
  request.tenant = question.tenant;
  SKALD_ASSIGN_OR_RETURN(request.matchers, EntriesOf(question.matchers));
  request.range = EarlierBy(question.entry_seconds, question.range);
  request.direction = model::Direction::kForward;
  SKALD_ASSIGN_OR_RETURN(const model::StreamScans scans, source_.Select(request, context));
  HistoryCounts counts(question, held, memory);
  for (const auto& scan : scans) {
    const std::unique_ptr<model::BatchSource> batches = scan->Open();
    for (;;) {
      SKALD_RETURN_IF_ERROR(context.cancel.Check());
      SKALD_ASSIGN_OR_RETURN(const std::unique_ptr<model::LogBatch> batch, batches->Next());
      if (batch == nullptr) break;
      SKALD_RETURN_IF_ERROR(counts.Add(*batch));
    }
  }
  return counts.Finish();
}

}  // namespace skald::querier
