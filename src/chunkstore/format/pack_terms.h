#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace skald::chunkstore {

// What a block's lines and metadata add to the filter of their pack. What these are, and why, is
// told in the .cc.
struct PackTerms {
  bool known = false;           // Whether all of the block was searched for them.
  uint8_t id_classes = 0;       // Bit c for an id of class c.
  std::vector<uint32_t> ids;    // Keys, in no order.
  std::vector<uint32_t> words;  // Keys, sorted.

  size_t MemoryBytes() const { return (ids.capacity() + words.capacity()) * sizeof(uint32_t); }
};

inline constexpr int kIdClasses = 3;
// Fewer hex digits are no id.
inline constexpr size_t kMinIdDigits = 16;

// An id: a run of hex digits of any case, perhaps joined by '-', ':' or '.'.
class IdRun {
 public:
  // Reads the run that begins at text[begin]. Returns where it ends.
  size_t Read(std::string_view text, size_t begin);

  // Classes are numbered from 0, by length; -1 for a run that is no id.
  int Class() const;
  // Appends what runs of `id_class` that hold this one give. Requires: 0 <= id_class <= Class().
  void AppendKeys(int id_class, std::vector<uint32_t>& keys) const;

 private:
  // So that 16 bytes may be put behind the digits, and be read there.
  void MakeRoom();

  std::string buffer_;  // The digits, folded to lower case, joiners left out; then anything.
  size_t size_ = 0;     // Of the digits.
};

// Whether a byte may be in a run.
constexpr bool IsRunByte(char byte) {
  const char lower = static_cast<char>(byte | 0x20);
  return (byte >= '0' && byte <= ':') || (lower >= 'a' && lower <= 'f') || byte == '-' ||
         byte == '.';
}
// The key of a gram by its hash in a block's filter.
uint32_t WordKey(uint32_t gram_hash);

}  // namespace skald::chunkstore
