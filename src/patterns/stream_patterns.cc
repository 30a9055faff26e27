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

// In place of those that it covers.
void AddGap(const CountGap& gap, std::vector<CountGap>& gaps) {
  std::erase_if(gaps, [&](const CountGap& other) {
    return gap.first <= other.first && other.end <= gap.end;
  });
  gaps.push_back(gap);
}

}  // namespace

void StreamPatterns::Add(const PatternRules& rules, std::string_view level_name,
                         std::string_view line, uint32_t step, uint32_t weight,
                         PatternChanges& changes) {
  Level& level = LevelOf(rules, level_name);
  const size_t drain_before = level.drain.memory_bytes();
  const Drain::Placed placed = level.drain.Add(line, rules.json_fields);
  if (placed.cluster == Drain::Placed::kNowhere) return;
  if (placed.cluster >= level.clusters.size()) {
    level.clusters.resize(placed.cluster + 1);
    memory_bytes_ += sizeof(Counted);
  }
  Counted& counted = level.clusters[placed.cluster];
  const size_t counts_before = counted.MemoryBytes();
  if (placed.created) {
    if (placed.evicted) {
      ++changes.tally.evicted[static_cast<size_t>(counted.format)];
      if (!counted.unwritten.empty()) {
        Move(level, counted, level.drain.EvictedPattern(), changes.left);
      }
    }
    counted = Counted{.id = ++changes.last_id, .format = FormatOf(line)};
    ++changes.tally.detected[static_cast<size_t>(counted.format)];
  }
  counted.counts.Add(step, weight);
  if (rules.keep_unwritten) counted.unwritten.Add(step, weight);
  memory_bytes_ += level.drain.memory_bytes() + counted.MemoryBytes();
  memory_bytes_ -= drain_before + counts_before;
}

StreamPatterns::Level& StreamPatterns::LevelOf(const PatternRules& rules, std::string_view name) {
  for (Level& level : levels_) {
    if (level.name == name) return level;
  }
  // The last place is for all levels that come too late.
  if (levels_.size() + 1 >= kMaxLevels && name != kUnknownLevel) {
    return LevelOf(rules, kUnknownLevel);
  }
  memory_bytes_ += kLevelOverhead;
  return levels_.emplace_back(Level{std::string(name), Drain(rules.drain), {}});
}

void StreamPatterns::Move(const Level& level, Counted& counted, std::string pattern,
                          std::vector<UnwrittenCounts>& out) const {
  out.push_back({.labels = labels_,
                 .level = level.name,
                 .pattern = std::move(pattern),
                 .id = counted.id,
                 .counts = counted.unwritten.counts()});
  counted.unwritten = StepCounts();
}

void StreamPatterns::TakeUnwritten(std::vector<UnwrittenCounts>& out) {
  for (Level& level : levels_) {
    for (uint32_t i = 0; i < level.clusters.size(); ++i) {
      Counted& counted = level.clusters[i];
      if (counted.unwritten.empty()) continue;
      memory_bytes_ -= counted.unwritten.MemoryBytes();
      Move(level, counted, level.drain.Pattern(i), out);
    }
  }
}

void StreamPatterns::DropBefore(uint32_t step, PatternChanges& changes) {
  for (Level& level : levels_) DropBefore(level, step, changes);
  RemoveEmptyLevels();
}

void StreamPatterns::Forget(const DeletedLines& deleted, const CountGap& gap,
                            PatternChanges& changes) {
  if (!deleted.HasStream(*labels_)) return;
  for (Level& level : levels_) Forget(level, deleted, gap, changes);
  RemoveEmptyLevels();
}

void StreamPatterns::RemoveEmptyLevels() {
  std::erase_if(levels_, [&](const Level& level) {
    if (level.drain.size() > 0) return false;
    memory_bytes_ -= kLevelOverhead + level.clusters.size() * sizeof(Counted);
    return true;
  });
}

void StreamPatterns::DropBefore(Level& level, uint32_t step, PatternChanges& changes) {
  for (uint32_t i = 0; i < level.clusters.size(); ++i) {
    Counted& counted = level.clusters[i];
    if (counted.counts.empty()) continue;
    const size_t before = counted.MemoryBytes() + level.drain.memory_bytes();
    counted.counts.DropBefore(step);
    if (std::erase_if(counted.gaps, [&](const CountGap& gap) { return gap.end <= step; }) > 0) {
      counted.gaps.shrink_to_fit();
    }
    if (counted.counts.empty()) RemovePattern(level, i, changes);
    memory_bytes_ += counted.MemoryBytes() + level.drain.memory_bytes();
    memory_bytes_ -= before;
  }
}

void StreamPatterns::Forget(Level& level, const DeletedLines& deleted, const CountGap& gap,
                            PatternChanges& changes) {
  for (uint32_t i = 0; i < level.clusters.size(); ++i) {
    Counted& counted = level.clusters[i];
    if (counted.counts.empty() || !deleted.MayHave(*labels_, level.name, level.drain.Pattern(i))) {
      continue;
    }
    const size_t before = counted.MemoryBytes() + level.drain.memory_bytes();
    if (counted.counts.Drop(gap.first, gap.end)) AddGap(gap, counted.gaps);
    counted.unwritten.Drop(gap.first, gap.end);
    if (counted.counts.empty()) RemovePattern(level, i, changes);
    memory_bytes_ += counted.MemoryBytes() + level.drain.memory_bytes();
    memory_bytes_ -= before;
  }
}

void StreamPatterns::RemovePattern(Level& level, uint32_t cluster, PatternChanges& changes) {
  Counted& counted = level.clusters[cluster];
  if (!counted.unwritten.empty()) {
    Move(level, counted, level.drain.Pattern(cluster), changes.left);
  }
  counted.gaps = std::vector<CountGap>();
  level.drain.Remove(cluster);
  ++changes.tally.pruned[static_cast<size_t>(counted.format)];
}

}  // namespace skald::patterns
