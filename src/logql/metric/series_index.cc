#include "logql/metric/series_index.h"

#include <algorithm>
#include <utility>

#include "logql/stages/text_scan.h"

namespace skald::logql {
namespace {

// A word that, with its length, tells a text of one to eight bytes from all others.
uint64_t ShortText(std::string_view text) {
  const char* const p = text.data();
  const size_t size = text.size();
  if (size >= 4) return LoadFixed32(p) | uint64_t{LoadFixed32(p + size - 4)} << 32;
  const auto byte = [p](size_t i) { return uint32_t{static_cast<uint8_t>(p[i])}; };
  return byte(0) | byte(size / 2) << 8 | byte(size - 1) << 16;
}

}  // namespace

SeriesIndex::SeriesIndex(const SeriesLabels& wanted, LabelColumns& labels)
    : without_(wanted.without), labels_(labels) {
  for (const std::string& name : wanted.names) {
    const Slot slot = labels.Intern(name);
    if (!IsExcluded(slot)) {
      named_.push_back(slot);
    }
  }
  ResetTree();
}

void SeriesIndex::ResetTree() {
  nodes_.assign(1, Node());  // The root: the empty set.
  table_.assign(1024, 0);
  recent_.fill({});
  values_.Clear();
  value_bytes_ = 0;
  epoch_ = labels_.epoch();
}

bool SeriesIndex::IsExcluded(Slot slot) const {
  return std::find(named_.begin(), named_.end(), slot) != named_.end();
}

void SeriesIndex::ListSlots() {
  if (!without_) {
    slots_ = named_;
    return;
  }
  slots_.clear();
  for (const Slot slot : labels_.active()) {
    if (named_.empty() || !IsExcluded(slot)) {
      slots_.push_back(slot);
    }
  }
  std::sort(slots_.begin(), slots_.end());
}

bool SeriesIndex::Assign(const RowSlice& rows, std::vector<uint32_t>& series) {
  if (epoch_ != labels_.epoch() || nodes_.size() > kMaxNodes) {
    ResetTree();
  }
  ListSlots();
  uint32_t shared = 0;
  bool constant = true;
  for (const Slot slot : slots_) {
    if (!labels_.IsConstant(slot)) {
      constant = false;
    } else if (std::string_view value; labels_.Find(slot, 0, value) && !value.empty()) {
      shared = Child(shared, slot, value);
    }
  }
  series.assign(rows.active().size(), constant ? SeriesOf(shared) : shared);
  if (constant) {
    return true;
  }
  for (const Slot slot : slots_) {
    if (!labels_.IsConstant(slot)) {
      Descend(rows, slot, series);
    }
  }
  for (uint32_t& node : series) {
    node = nodes_[node].series != kNoSeries ? nodes_[node].series : SeriesOf(node);
  }
  return false;
}

void SeriesIndex::Descend(const RowSlice& rows, Slot slot, std::vector<uint32_t>& nodes) {
  const model::MetadataColumn* column = labels_.PureMetadata(slot);
  if (column != nullptr && column->values.size() <= rows.size() &&
      std::adjacent_find(nodes.begin(), nodes.end(), std::not_equal_to<>()) == nodes.end()) {
    DescendByCode(rows, slot, *column, nodes);
    return;
  }
  uint32_t last_parent = 0;
  uint32_t last_child = 0;
  std::string_view last_value;
  for (size_t k = 0; k < nodes.size(); ++k) {
    std::string_view value;
    if (!labels_.Find(slot, rows.active()[k], value) || value.empty()) {
      continue;
    }
    if (value.size() <= kShort) {
      nodes[k] = ChildByShort(nodes[k], slot, value);
      continue;
    }
    if (nodes[k] != last_parent || !SameText(value, last_value)) {
      last_parent = nodes[k];
      last_value = value;
      last_child = Child(nodes[k], slot, value);
    }
    nodes[k] = last_child;
  }
}

void SeriesIndex::DescendByCode(const RowSlice& rows, Slot slot,
                                const model::MetadataColumn& column, std::vector<uint32_t>& nodes) {
  by_code_.assign(column.values.size() + 1, 0);
  for (size_t k = 0; k < nodes.size(); ++k) {
    const uint32_t code = column.codes[labels_.BlockRow(rows.active()[k])];
    if (code == 0 || column.values.Length(code - 1) == 0) {
      continue;
    }
    if (by_code_[code] == 0) {
      by_code_[code] = Child(nodes[k], slot, column.values[code - 1]);
    }
    nodes[k] = by_code_[code];
  }
}

// Requires: the value is not empty, and has kShort bytes at most.
uint32_t SeriesIndex::ChildByShort(uint32_t parent, Slot slot, std::string_view value) {
  constexpr uint64_t kOdd = 0x9e3779b97f4a7c15;
  const uint64_t text = ShortText(value);
  const uint64_t origin = (uint64_t{slot} << 36 | uint64_t{value.size()} << 32) ^ parent;
  ShortChild& recent = recent_[((text ^ origin * kOdd) * kOdd) >> (64 - kRecentBits)];
  if (recent.text != text || recent.origin != origin) {
    recent = {.text = text, .origin = origin, .child = Child(parent, slot, value)};
  }
  return recent.child;
}

uint32_t SeriesIndex::Child(uint32_t parent, Slot slot, std::string_view value) {
  const uint64_t hash = HashCombine(Hash64(value), (uint64_t{parent} << 32) | slot);
  const size_t mask = table_.size() - 1;
  size_t at = hash & mask;
  for (; table_[at] != 0; at = (at + 1) & mask) {
    const Node& node = nodes_[table_[at]];
    if (node.hash == hash && node.parent == parent && node.slot == slot &&
        SameText(node.value, value)) {
      return table_[at];
    }
  }
  const auto index = static_cast<uint32_t>(nodes_.size());
  nodes_.push_back({.parent = parent, .slot = slot, .value = values_.Copy(value), .hash = hash});
  value_bytes_ += value.size();
  table_[at] = index;
  if (nodes_.size() * 2 > table_.size()) {
    GrowTable();
  }
  return index;
}

void SeriesIndex::GrowTable() {
  table_.assign(table_.size() * 2, 0);
  const size_t mask = table_.size() - 1;
  for (uint32_t index = 1; index < nodes_.size(); ++index) {
    size_t at = nodes_[index].hash & mask;
    while (table_[at] != 0) {
      at = (at + 1) & mask;
    }
    table_[at] = index;
  }
}

uint32_t SeriesIndex::SeriesOf(uint32_t node) {
  if (nodes_[node].series != kNoSeries) {
    return nodes_[node].series;
  }
  std::vector<model::LabelView> set;
  for (uint32_t n = node; n != 0; n = nodes_[n].parent) {
    set.push_back({labels_.name(nodes_[n].slot), nodes_[n].value});
  }
  nodes_[node].series = sets_.Number(model::Labels(std::move(set)));
  return nodes_[node].series;
}

size_t SeriesIndex::MemoryBytes() const {
  return nodes_.capacity() * sizeof(Node) + table_.size() * sizeof(table_[0]) + value_bytes_ +
         sets_.MemoryBytes();
}

}  // namespace skald::logql
