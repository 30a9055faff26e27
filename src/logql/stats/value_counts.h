#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace skald::logql {

// Counts how often each of the values of a field occurs, in bounded memory: exactly as long as
// there is room for all of them, then for the frequent ones.
//
// Once there is no room, Purge takes the median of all counts off every count and forgets the
// values that have nothing left (Misra and Gries' algorithm, many steps at a time). What was taken
// off is the most by which a count can be too low. Taken off n values, it is at most 2/n of what
// was counted since the last time, so values of a larger share than that are never forgotten.
//
// Of a long value only the beginning is kept; it is told from others by its hash and length.
//
// Threads: not synchronised.
// Cost:    grows with the values, to some 200 KiB.
class ValueCounts {
 public:
  // Distinct values counted exactly, unless their texts are too long.
  static constexpr size_t kCapacity = 2048;
  static constexpr size_t kMaxTextBytes = 128 << 10;  // Of all values together.
  static constexpr size_t kMaxShownBytes = 256;       // Of one value.

  struct Entry {
    uint64_t hash = 0;
    uint64_t count = 0;
    uint32_t offset = 0;  // In text_.
    uint32_t length = 0;  // Of the value, of which kMaxShownBytes are kept.
  };

  // `hash` is the value's Hash64. False, and nothing is done, if it is new and there is no room.
  bool TryAdd(std::string_view value, uint64_t hash, uint64_t count);
  // Adds an entry of `other`. The same.
  bool TryAdd(const ValueCounts& other, const Entry& entry);
  // Makes room for half the capacity at least; counts are exact no more.
  void Purge();
  // Gives back memory that is not used just now.
  void ReleaseUnused();
  // Takes over what the counts of another one can be too low by.
  void AddError(uint64_t error) { max_error_ += error; }

  // Every value known, in no order. Valid until the next change.
  const std::vector<Entry>& entries() const { return entries_; }
  // The value, or its beginning.
  std::string_view Text(const Entry& entry) const;
  // By how much a count, or that of a value that is not known, may be too low. 0: all are exact.
  uint64_t max_error() const { return max_error_; }
  size_t MemoryBytes() const;

 private:
  bool TryAdd(std::string_view shown, uint32_t length, uint64_t hash, uint64_t count);
  void Rehash(size_t slots);

  std::vector<Entry> entries_;
  std::vector<uint16_t> slots_;  // Open addressing: index of an entry + 1, or 0.
  std::string text_;
  uint64_t max_error_ = 0;
};

}  // namespace skald::logql
