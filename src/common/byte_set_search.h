#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace skald {

// Some bytes; those from 0x80 on are in it together or not at all.
struct ByteSet {
  std::bitset<128> ascii;
  bool beyond_ascii = false;

  bool Has(uint8_t byte) const { return byte < 0x80 ? ascii[byte] : beyond_ascii; }
  friend bool operator==(const ByteSet&, const ByteSet&) = default;
};
ByteSet operator|(const ByteSet& a, const ByteSet& b);

// The share of a log's bytes that are in the set, roughly: 0 to 1.
double UsualShare(const ByteSet& set);
// The share of places where the text stands, were all bytes independent of each other.
double UsualShare(std::string_view text);
// Of places: what is more frequent than that is in one line of seven or more.
inline constexpr double kTooFrequent = 1e-3;

// Finds the places in large buffers where one byte of each of several sets follow each other, 32
// bytes at a step where the machine can.
//
// Threads: immutable; any thread may search.
class ByteSetSearch {
 public:
  // Requires: there are sets.
  explicit ByteSetSearch(const std::vector<ByteSet>& sets);

  // How many bytes a place has.
  size_t size() const { return sets_.size(); }
  // The first place that lies in [begin, end); `end` if there is none.
  const char* Find(const char* begin, const char* end) const;

 private:
  friend struct ByteSetKernels;

  // A set as the kernels look it up: `low` has, for each low half of a byte below 0x80, a bit for
  // each high half that it makes a member with.
  struct Set {
    size_t offset = 0;
    std::array<uint8_t, 16> low = {};
    uint8_t beyond = 0;  // 0x80 if the bytes from there on are members.
    ByteSet bytes;
  };

  bool MatchesAt(const char* p) const;

  std::vector<Set> sets_;  // The rarest first.
};

}  // namespace skald
