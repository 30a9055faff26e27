#include "logql/stats/value_counts.h"

#include <algorithm>
#include <bit>
#include <limits>

namespace skald::logql {
namespace {

constexpr size_t kFirstSlots = 16;

}  // namespace

static_assert(ValueCounts::kCapacity < std::numeric_limits<uint16_t>::max());

std::string_view ValueCounts::Text(const Entry& entry) const {
  return std::string_view(text_).substr(entry.offset,
                                        std::min<size_t>(entry.length, kMaxShownBytes));
}

bool ValueCounts::TryAdd(std::string_view value, uint64_t hash, uint64_t count) {
  return TryAdd(value.substr(0, kMaxShownBytes), static_cast<uint32_t>(value.size()), hash, count);
}

bool ValueCounts::TryAdd(const ValueCounts& other, const Entry& entry) {
  return TryAdd(other.Text(entry), entry.length, entry.hash, entry.count);
}

bool ValueCounts::TryAdd(std::string_view shown, uint32_t length, uint64_t hash, uint64_t count) {
  if (2 * entries_.size() >= slots_.size()) {
    Rehash(std::max(kFirstSlots, 2 * slots_.size()));
  }
  const size_t mask = slots_.size() - 1;
  size_t at = hash & mask;
  for (; slots_[at] != 0; at = (at + 1) & mask) {
    Entry& entry = entries_[slots_[at] - 1];
    if (entry.hash == hash && entry.length == length && Text(entry) == shown) {
      entry.count += count;
      return true;
    }
  }
  if (entries_.size() == kCapacity || text_.size() + shown.size() > kMaxTextBytes) {
    return false;
  }
  entries_.push_back({.hash = hash,
                      .count = count,
                      .offset = static_cast<uint32_t>(text_.size()),
                      .length = length});
  text_.append(shown);
  slots_[at] = static_cast<uint16_t>(entries_.size());
  return true;
}

void ValueCounts::Rehash(size_t slots) {
  slots_.assign(slots, 0);
  for (size_t k = 0; k < entries_.size(); ++k) {
    size_t at = entries_[k].hash & (slots - 1);
    while (slots_[at] != 0) {
      at = (at + 1) & (slots - 1);
    }
    slots_[at] = static_cast<uint16_t>(k + 1);
  }
}

void ValueCounts::Purge() {
  if (entries_.empty()) {
    return;
  }
  std::vector<uint64_t> counts;
  counts.reserve(entries_.size());
  for (const Entry& entry : entries_) {
    counts.push_back(entry.count);
  }
  const auto middle = counts.begin() + static_cast<std::ptrdiff_t>(counts.size() / 2);
  std::nth_element(counts.begin(), middle, counts.end());
  max_error_ += *middle;
  std::string text;
  size_t kept = 0;
  for (const Entry& entry : entries_) {
    if (entry.count > *middle) {
      const std::string_view shown = Text(entry);
      entries_[kept++] = {.hash = entry.hash,
                          .count = entry.count - *middle,
                          .offset = static_cast<uint32_t>(text.size()),
                          .length = entry.length};
      text.append(shown);
    }
  }
  entries_.resize(kept);
  text_ = std::move(text);
  Rehash(slots_.size());
}

void ValueCounts::ReleaseUnused() {
  entries_.shrink_to_fit();
  text_.shrink_to_fit();
  slots_ = {};
  Rehash(std::bit_ceil(std::max(kFirstSlots, 2 * entries_.size() + 1)));
}

size_t ValueCounts::MemoryBytes() const {
  return entries_.capacity() * sizeof(Entry) + slots_.capacity() * sizeof(uint16_t) +
         text_.capacity();
}

}  // namespace skald::logql
