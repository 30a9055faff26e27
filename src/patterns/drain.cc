#include "patterns/drain.h"

#include <algorithm>
#include <utility>

namespace skald::patterns {
namespace {

constexpr uint32_t kRoot = 0;
constexpr uint32_t kNoNode = ~uint32_t{0};
// The branch of tokens that differ from line to line, and of words that found no room.
constexpr uint64_t kAnyWord = 0;
// Lines over which evictions are held against their allowed ratio.
constexpr uint64_t kWindowLines = 1024;
// Skeletons remembered for each cluster there may be: optional fields make several.
constexpr size_t kSkeletonsPerCluster = 4;
// What a cluster costs beside its line: places in the tree and in the table of skeletons.
constexpr size_t kClusterOverhead = 256;

}  // namespace

Drain::Placed Drain::Add(std::string_view line, const JsonFields& json_fields) {
  Placed placed;
  if (line.empty()) return placed;
  ++lines_;
  SplitLine(line, options_.caps, json_fields, tokens_);
  if (FindKnown(line, placed)) return placed;
  const uint32_t leaf = LeafOf(line, false);
  if (leaf != kNoNode && FindSimilar(line, leaf, placed)) return placed;
  return MayCreate() ? Create(line) : placed;
}

bool Drain::FindKnown(std::string_view line, Placed& placed) {
  const auto known = known_.find(tokens_.skeleton);
  if (known == known_.end()) return false;
  const uint32_t cluster = known->second.cluster;
  Cluster& found = clusters_[cluster];
  // The counts can differ only if two skeletons have one hash.
  if (found.last_used == 0 || found.life != known->second.life ||
      found.lines.token_count() != tokens_.tokens.size()) {
    known_.erase(known);
    return false;
  }
  found.lines.TakeKnown(line, tokens_);
  Use(cluster);
  placed.cluster = cluster;
  return true;
}

bool Drain::FindSimilar(std::string_view line, uint32_t leaf, Placed& placed) {
  double best = 0;
  for (const uint32_t cluster : nodes_[leaf].clusters) {
    const PatternCluster& lines = clusters_[cluster].lines;
    if (lines.token_count() != tokens_.tokens.size()) continue;
    const double similarity = lines.Similarity(line, tokens_);
    if (similarity < options_.similarity || similarity <= best) continue;
    best = similarity;
    placed.cluster = cluster;
  }
  if (placed.cluster == Placed::kNowhere) return false;
  clusters_[placed.cluster].lines.Take(line, tokens_);
  Use(placed.cluster);
  Remember(placed.cluster);
  return true;
}

uint32_t Drain::LeafOf(std::string_view line, bool make) {
  if (nodes_.empty()) nodes_.emplace_back();
  uint32_t node = ChildOf(kRoot, ShapeOf(line, tokens_), make);
  size_t words = 0;
  for (const LineToken& token : tokens_.tokens) {
    if (words == options_.depth || node == kNoNode) break;
    if (token.kind == TokenKind::kKey) continue;
    const bool word = token.kind == TokenKind::kWord;
    node = ChildOf(node, word ? Hash64(token.Of(line)) : kAnyWord, make);
    ++words;
  }
  return node;
}

uint32_t Drain::ChildOf(uint32_t node, uint64_t branch, bool make) {
  uint32_t any = kNoNode;
  for (const auto& [key, child] : nodes_[node].children) {
    if (key == branch) return child;
    if (key == kAnyWord) any = child;
  }
  if (node == kRoot) return make ? MakeNode(node, branch) : kNoNode;
  // The last branch is the one that further words share.
  if (nodes_[node].children.size() + 1 < options_.max_children) {
    return make ? MakeNode(node, branch) : any;
  }
  return any == kNoNode && make ? MakeNode(node, kAnyWord) : any;
}

uint32_t Drain::MakeNode(uint32_t parent, uint64_t branch) {
  uint32_t node = static_cast<uint32_t>(nodes_.size());
  if (free_nodes_.empty()) {
    nodes_.emplace_back();
  } else {
    node = free_nodes_.back();
    free_nodes_.pop_back();
  }
  nodes_[node].parent = parent;
  nodes_[node].branch = branch;
  nodes_[parent].children.emplace_back(branch, node);
  return node;
}

void Drain::Prune(uint32_t node) {
  while (node != kRoot && nodes_[node].children.empty() && nodes_[node].clusters.empty()) {
    const uint32_t parent = nodes_[node].parent;
    std::erase_if(nodes_[parent].children, [&](const auto& child) { return child.second == node; });
    free_nodes_.push_back(node);
    node = parent;
  }
}

Drain::Placed Drain::Create(std::string_view line) {
  Placed placed{.created = true};
  placed.cluster = FreePlace(placed.evicted);
  const uint32_t leaf = LeafOf(line, true);
  Cluster& cluster = clusters_[placed.cluster];
  cluster.lines = PatternCluster(line, tokens_);
  cluster.leaf = leaf;
  ++cluster.life;
  nodes_[leaf].clusters.push_back(placed.cluster);
  memory_bytes_ += cluster.lines.MemoryBytes() + kClusterOverhead;
  ++live_;
  Use(placed.cluster);
  Remember(placed.cluster);
  return placed;
}

uint32_t Drain::FreePlace(bool& evicted) {
  if (free_clusters_.empty() && clusters_.size() < options_.max_clusters) {
    clusters_.emplace_back();
    return static_cast<uint32_t>(clusters_.size() - 1);
  }
  if (free_clusters_.empty()) {
    const auto oldest = std::min_element(
        clusters_.begin(), clusters_.end(),
        [](const Cluster& a, const Cluster& b) { return a.last_used < b.last_used; });
    Remove(static_cast<uint32_t>(oldest - clusters_.begin()));
    evicted = true;
    ++window_evictions_;
  }
  const uint32_t place = free_clusters_.back();
  free_clusters_.pop_back();
  return place;
}

void Drain::Remove(uint32_t place) {
  Cluster& cluster = clusters_[place];
  memory_bytes_ -= cluster.lines.MemoryBytes() + kClusterOverhead;
  std::erase(nodes_[cluster.leaf].clusters, place);
  Prune(cluster.leaf);
  evicted_ = std::exchange(cluster.lines, PatternCluster());
  cluster.last_used = 0;
  free_clusters_.push_back(place);
  --live_;
}

bool Drain::MayCreate() {
  if (options_.max_clusters == 0) return false;
  if (lines_ >= window_end_) {
    window_end_ = lines_ + kWindowLines;
    window_evictions_ = 0;
  }
  return static_cast<double>(window_evictions_) <
         options_.max_eviction_ratio * static_cast<double>(kWindowLines);
}

void Drain::Remember(uint32_t cluster) {
  if (known_.size() >= kSkeletonsPerCluster * options_.max_clusters) known_.clear();
  known_[tokens_.skeleton] = {.cluster = cluster, .life = clusters_[cluster].life};
}

}  // namespace skald::patterns
