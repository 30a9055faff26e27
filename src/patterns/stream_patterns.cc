#include "patterns/stream_patterns.h"

#include <utility>

#include "patterns/entry_level.h"

namespace skald::patterns {
namespace {

// What a level costs before it has any pattern.
constexpr size_t kLevelOverhead = 1024;

// Of a line that made a pattern, as one glance tells.
LineFormat FormatOf(std::string_view line) {
  if (line.front() == '{') return LineFormat::kJson;
  const size_t equals = line.find('=');
  if (equals == std::string_view::npos || equals == 0) return LineFormat::kOther;
  return line.substr(0, equals).find_first_of("\"'([{<&?") == std::string_view::npos
             ? LineFormat::kLogfmt
             : LineFormat::kOther;
}

}  // namespace

void StreamPatterns::Add(const Drain::Options& options, std::string_view level_name,
                         std::string_view line, uint32_t step, uint32_t weight,
                         PatternTally& tally) {
  Level& level = LevelOf(options, level_name);
  const size_t drain_before = level.drain.memory_bytes();
  const Drain::Placed placed = level.drain.Add(line);
  if (placed.cluster == Drain::Placed::kNowhere) return;
  if (placed.cluster >= level.clusters.size()) {
    level.clusters.resize(placed.cluster + 1);
    memory_bytes_ += sizeof(Counted);
  }
  Counted& counted = level.clusters[placed.cluster];
  size_t counts_before = counted.counts.MemoryBytes();
  if (placed.created) {
    if (placed.evicted) ++tally.evicted[static_cast<size_t>(counted.format)];
    counted.counts = StepCounts();
    counted.format = FormatOf(line);
    ++tally.detected[static_cast<size_t>(counted.format)];
  }
  counted.counts.Add(step, weight);
  memory_bytes_ += level.drain.memory_bytes() + counted.counts.MemoryBytes();
  memory_bytes_ -= drain_before + counts_before;
}

StreamPatterns::Level& StreamPatterns::LevelOf(const Drain::Options& options,
                                               std::string_view name) {
  for (Level& level : levels_) {
    if (level.name == name) return level;
  }
  // The last place is for all levels that come too late.
  if (levels_.size() + 1 >= kMaxLevels && name != kUnknownLevel) {
    return LevelOf(options, kUnknownLevel);
  }
  memory_bytes_ += kLevelOverhead;
  return levels_.emplace_back(Level{std::string(name), Drain(options), {}});
}

void StreamPatterns::DropBefore(uint32_t step, PatternTally& tally) {
  for (Level& level : levels_) DropBefore(level, step, tally);
  std::erase_if(levels_, [&](const Level& level) {
    if (level.drain.size() > 0) return false;
    memory_bytes_ -= kLevelOverhead + level.clusters.size() * sizeof(Counted);
    return true;
  });
}

void StreamPatterns::DropBefore(Level& level, uint32_t step, PatternTally& tally) {
  for (uint32_t i = 0; i < level.clusters.size(); ++i) {
    Counted& counted = level.clusters[i];
    if (counted.counts.empty()) continue;
    const size_t before = counted.counts.MemoryBytes() + level.drain.memory_bytes();
    counted.counts.DropBefore(step);
    if (counted.counts.empty()) {
      level.drain.Remove(i);
      ++tally.pruned[static_cast<size_t>(counted.format)];
    }
    memory_bytes_ += counted.counts.MemoryBytes() + level.drain.memory_bytes();
    memory_bytes_ -= before;
  }
}

}  // namespace skald::patterns
