#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "logql/ast.h"
#include "logql/metric/label_group.h"
#include "logql/stages/row_slice.h"
#include "logql/stages/text_arena.h"
#include "model/labels.h"

namespace skald::logql {

// Which labels tell the series of a result apart.
struct SeriesLabels {
  bool without = true;  // All but `names`; else only those.
  std::vector<std::string> names;
};

// Numbers the distinct label sets that rows have.
//
// A row's set is found by walking down a tree, one level for each of its labels; rows that share
// the labels so far share the node. Labels that are the same in all rows of a slice are walked
// once; a value that repeats the one of the row before costs a comparison, and so does a short one
// that was met a short while ago, as a status or a method.
//
// Ownership: made for one RowSlice.
// Threads:   not synchronised.
// Cost:      a node for every distinct value below each distinct prefix.
class SeriesIndex {
 public:
  SeriesIndex(const SeriesLabels& wanted, LabelColumns& labels);
  SeriesIndex(const SeriesIndex&) = delete;
  SeriesIndex& operator=(const SeriesIndex&) = delete;

  // Sets series[k] to the number of the k-th active row's set. Returns true if it is the same for
  // all, of which there is at least one.
  bool Assign(const RowSlice& rows, std::vector<uint32_t>& series);

  // The sets by number.
  const std::vector<model::Labels>& series() const { return sets_.labels(); }
  // Leaves none behind: rows can no longer be assigned.
  LabelNumbers TakeSeries() { return std::exchange(sets_, {}); }
  // Bytes of memory held, roughly.
  size_t MemoryBytes() const;

 private:
  static constexpr uint32_t kNoSeries = ~uint32_t{0};
  // Nodes kept: beyond, the tree is grown anew, at the price of hashing sets once more.
  static constexpr size_t kMaxNodes = 1 << 20;

  struct Node {
    uint32_t parent = 0;
    Slot slot = kNoSlot;
    std::string_view value;  // In values_.
    uint64_t hash = 0;
    uint32_t series = kNoSeries;
  };

  // A child of a node by a value of up to kShort bytes, which two words tell from all others.
  struct ShortChild {
    uint64_t text = 0;
    uint64_t origin = 0;  // Slot, length and parent; none is 0, as no length is.
    uint32_t child = 0;
  };
  static constexpr size_t kShort = 8;
  static constexpr int kRecentBits = 8;

  void ResetTree();
  uint32_t ChildByShort(uint32_t parent, Slot slot, std::string_view value);
  uint32_t Child(uint32_t parent, Slot slot, std::string_view value);
  void GrowTable();
  void Descend(const RowSlice& rows, Slot slot, std::vector<uint32_t>& nodes);
  void DescendByCode(const RowSlice& rows, Slot slot, const model::MetadataColumn& column,
                     std::vector<uint32_t>& nodes);
  uint32_t SeriesOf(uint32_t node);
  void ListSlots();
  bool IsExcluded(Slot slot) const;

  const bool without_;
  LabelColumns& labels_;
  std::vector<Slot> named_;
  std::vector<Slot> slots_;  // Of the slice at hand, in a fixed order.
  uint32_t epoch_ = 0;

  std::vector<Node> nodes_;
  std::vector<uint32_t> table_;  // Open addressing: index of a node, or 0.
  std::array<ShortChild, size_t{1} << kRecentBits> recent_;  // Each where its hash says.
  TextArena values_;
  size_t value_bytes_ = 0;  // In values_.
  std::vector<uint32_t> by_code_;

  LabelNumbers sets_;
};

}  // namespace skald::logql
