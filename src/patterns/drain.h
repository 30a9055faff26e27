#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/hash.h"
#include "patterns/json_fields.h"
#include "patterns/line_tokens.h"
#include "patterns/pattern_cluster.h"

namespace skald::patterns {

// Sorts lines into clusters of one pattern each, as they come: Drain (He, Zhu, Zheng, Lyu: "Drain:
// An Online Log Parsing Approach with Fixed Depth Tree", ICWS 2017), with two changes. Lines meet
// only in a cluster of their shape, that is with the same keys and separators and not just as many
// tokens. And a line that differs from one seen before in numbers and the like alone finds its
// cluster by one look-up, without the tree.
//
// Ownership: copies what it keeps.
// Threads:   not synchronised.
// Cost:      time in proportion to the line; memory for `max_clusters` lines of the capped length,
//            and the tree above them.
class Drain {
 public:
  struct Options {
    size_t max_clusters = 300;  // The one unused for longest gives way to a new one.
    // Of the lines, how many may displace a cluster; then no new ones are made for a while.
    double max_eviction_ratio = 0.25;
    size_t depth = 2;          // Words that the tree branches by.
    size_t max_children = 16;  // Branches of a node; further words share one.
    double similarity = 0.6;   // Share of words that a line has in common with its cluster.
    LineCaps caps;
  };

  // Where a line went.
  struct Placed {
    static constexpr uint32_t kNowhere = ~uint32_t{0};

    uint32_t cluster = kNowhere;  // Below max_clusters; used again once its cluster is gone.
    bool created = false;         // The cluster is new.
    bool evicted = false;         // It is in the place of another.
  };

  explicit Drain(const Options& options) : options_(options) {}

  // Finds or makes the line's cluster. Nowhere for an empty line, and while no new ones are made.
  Placed Add(std::string_view line, const JsonFields& json_fields = JsonFields::All());
  // Of the cluster that the last Add has put another in the place of.
  std::string EvictedPattern() const { return evicted_.Pattern(); }

  // Requires: the cluster exists.
  std::string Pattern(uint32_t cluster) const { return clusters_[cluster].lines.Pattern(); }
  void Remove(uint32_t cluster);

  size_t size() const { return live_; }
  size_t memory_bytes() const { return memory_bytes_; }

 private:
  struct Cluster {
    PatternCluster lines;
    uint64_t last_used = 0;  // In lines seen; 0: there is no such cluster.
    uint32_t leaf = 0;
    uint32_t life = 0;  // Which of the clusters that were in this place.
  };
  struct Node {
    uint64_t branch = 0;  // Its key in the parent.
    uint32_t parent = 0;
    std::vector<std::pair<uint64_t, uint32_t>> children;
    std::vector<uint32_t> clusters;  // Of leaves.
  };
  // Of a skeleton: valid as long as the cluster has this life.
  struct Known {
    uint32_t cluster = 0;
    uint32_t life = 0;
  };

  bool FindKnown(std::string_view line, Placed& placed);
  bool FindSimilar(std::string_view line, uint32_t leaf, Placed& placed);
  // The leaf for the tokens at hand, made if it is missing and `make` is set; kNoNode if it is.
  uint32_t LeafOf(std::string_view line, bool make);
  uint32_t ChildOf(uint32_t node, uint64_t branch, bool make);
  uint32_t MakeNode(uint32_t parent, uint64_t branch);
  // Removes a leaf without clusters, and what was above it alone.
  void Prune(uint32_t node);
  Placed Create(std::string_view line);
  uint32_t FreePlace(bool& evicted);
  // Whether a new cluster may be made.
  bool MayCreate();
  void Remember(uint32_t cluster);
  void Use(uint32_t cluster) { clusters_[cluster].last_used = lines_; }

  Options options_;
  LineTokens tokens_;  // Of the line at hand.
  std::vector<Cluster> clusters_;
  std::vector<uint32_t> free_clusters_;
  std::vector<Node> nodes_;  // The first is the root.
  std::vector<uint32_t> free_nodes_;
  HashMap<uint64_t, Known> known_;  // By skeleton.
  PatternCluster evicted_;
  size_t live_ = 0;
  size_t memory_bytes_ = 0;
  uint64_t lines_ = 0;
  uint64_t window_end_ = 0;  // In lines; evictions are counted until then.
  size_t window_evictions_ = 0;
};

}  // namespace skald::patterns
