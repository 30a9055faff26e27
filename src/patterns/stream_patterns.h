#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "model/labels.h"
#include "patterns/deleted_lines.h"
#include "patterns/drain.h"
#include "patterns/json_fields.h"
#include "patterns/step_counts.h"
#include "patterns/unwritten_counts.h"

namespace skald::patterns {

// How lines are written, as metrics tell patterns apart.
enum class LineFormat : uint8_t { kJson, kLogfmt, kOther };
inline constexpr size_t kLineFormats = 3;

// What became of patterns, by format of their lines.
struct PatternTally {
  uint64_t detected[kLineFormats] = {};
  uint64_t evicted[kLineFormats] = {};  // Made room for others.
  uint64_t pruned[kLineFormats] = {};   // Too old, or of deleted lines.
};

// How lines are taken in: the same for all streams of a tenant.
struct PatternRules {
  Drain::Options drain;
  JsonFields json_fields;
  bool keep_unwritten = false;  // Counts are to be written down.
};

// What comes of taking lines in and of forgetting them, beside the patterns themselves.
struct PatternChanges {
  uint64_t last_id = 0;  // That a pattern was given.
  PatternTally tally;
  std::vector<UnwrittenCounts> left;  // By patterns that are gone.
};

// The patterns of one stream, those of each level for themselves, and how often they occurred; with
// PatternRules::keep_unwritten also how often since that was last taken to be written down.
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
  void Add(const PatternRules& rules, std::string_view level, std::string_view line, uint32_t step,
           uint32_t weight, PatternChanges& changes);

  // Forgets what occurred before `step`, and patterns that did not since.
  void DropBefore(uint32_t step, PatternChanges& changes);

  // Forgets what deleted lines may have a part in: counts of the gap's steps, and patterns that
  // have no others. What is to be written down of that is forgotten as well. The gap's batch is the
  // next.
  void Forget(const DeletedLines& deleted, const CountGap& gap, PatternChanges& changes);

  // Appends what is to be written down, and takes it as written.
  void TakeUnwritten(std::vector<UnwrittenCounts>& out);

  // Calls visit(id, level, pattern, counts, gaps) for each pattern; `pattern` is a function, as
  // making the text costs.
  template <typename F>
  void ForEach(F&& visit) const;

  bool empty() const { return levels_.empty(); }
  size_t memory_bytes() const { return memory_bytes_; }

 private:
  struct Counted {
    uint64_t id = 0;
    StepCounts counts;  // Empty: there is no such cluster.
    StepCounts unwritten;
    LineFormat format = LineFormat::kOther;
    std::vector<CountGap> gaps;  // In `counts`.

    size_t MemoryBytes() const {
      return counts.MemoryBytes() + unwritten.MemoryBytes() + gaps.capacity() * sizeof(CountGap);
    }
  };
  struct Level {
    std::string name;
    Drain drain;
    std::vector<Counted> clusters;  // By the drain's numbers.
  };

  Level& LevelOf(const PatternRules& rules, std::string_view name);
  void DropBefore(Level& level, uint32_t step, PatternChanges& changes);
  void Forget(Level& level, const DeletedLines& deleted, const CountGap& gap,
              PatternChanges& changes);
  // Removes a pattern without counts.
  void RemovePattern(Level& level, uint32_t cluster, PatternChanges& changes);
  void RemoveEmptyLevels();
  // Moves what a pattern has unwritten to `out`.
  void Move(const Level& level, Counted& counted, std::string pattern,
            std::vector<UnwrittenCounts>& out) const;

  std::shared_ptr<const model::Labels> labels_;
  std::vector<Level> levels_;
  size_t memory_bytes_ = 0;
};

template <typename F>
void StreamPatterns::ForEach(F&& visit) const {
  for (const Level& level : levels_) {
    for (uint32_t i = 0; i < level.clusters.size(); ++i) {
      const Counted& counted = level.clusters[i];
      if (counted.counts.empty()) continue;
      visit(
          counted.id, level.name, [&] { return level.drain.Pattern(i); }, counted.counts,
          counted.gaps);
    }
  }
}

}  // namespace skald::patterns
