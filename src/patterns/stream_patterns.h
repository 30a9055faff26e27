#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "model/labels.h"
#include "patterns/drain.h"
#include "patterns/step_counts.h"

namespace skald::patterns {

// How lines are written, as metrics tell patterns apart.
enum class LineFormat : uint8_t { kJson, kLogfmt, kOther };
inline constexpr size_t kLineFormats = 3;

// What became of patterns, by format of their lines.
struct PatternTally {
  uint64_t detected[kLineFormats] = {};
  uint64_t evicted[kLineFormats] = {};  // Made room for others.
  uint64_t pruned[kLineFormats] = {};   // Too old.
};

// The patterns of one stream, those of each level for themselves, and how often they occurred.
//
// Threads: not synchronised.
class StreamPatterns {
 public:
  // Levels of a stream that are kept apart; clients may send any text as one. Further ones count as
  // kUnknownLevel.
  static constexpr size_t kMaxLevels = 16;

  explicit StreamPatterns(std::shared_ptr<const model::Labels> labels)
      : labels_(std::move(labels)) {}

  const model::Labels& labels() const { return *labels_; }

  // Counts `weight` lines like this one.
  void Add(const Drain::Options& options, std::string_view level, std::string_view line,
           uint32_t step, uint32_t weight, PatternTally& tally);

  // Forgets what occurred before `step`, and patterns that did not since.
  void DropBefore(uint32_t step, PatternTally& tally);

  // Calls visit(level, pattern, counts) for each pattern.
  template <typename F>
  void ForEach(F&& visit) const;

  bool empty() const { return levels_.empty(); }
  size_t memory_bytes() const { return memory_bytes_; }

 private:
  struct Counted {
    StepCounts counts;  // Empty: there is no such cluster.
    LineFormat format = LineFormat::kOther;
  };
  struct Level {
    std::string name;
    Drain drain;
    std::vector<Counted> clusters;  // By the drain's numbers.
  };

  Level& LevelOf(const Drain::Options& options, std::string_view name);
  void DropBefore(Level& level, uint32_t step, PatternTally& tally);

  std::shared_ptr<const model::Labels> labels_;
  std::vector<Level> levels_;
  size_t memory_bytes_ = 0;
};

template <typename F>
void StreamPatterns::ForEach(F&& visit) const {
  for (const Level& level : levels_) {
    for (uint32_t i = 0; i < level.clusters.size(); ++i) {
      const StepCounts& counts = level.clusters[i].counts;
      if (!counts.empty()) visit(level.name, level.drain.Pattern(i), counts);
    }
  }
}

}  // namespace skald::patterns
