#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/bytes.h"

// Varints of columns, which hold one for every entry: read and written one after the other, inline.
namespace skald::chunkstore {

// Reads varints.
//
// Order:     Next and SkipZeros; then Finished, which says whether the bytes were these varints.
// Ownership: borrows the bytes.
// Threads:   not synchronised.
class VarintStream {
 public:
  explicit VarintStream(std::string_view bytes)
      : next_(reinterpret_cast<const uint8_t*>(bytes.data())), end_(next_ + bytes.size()) {}

  // 0 where none is left or one is longer than ten bytes, and from then on. Of a tenth byte the
  // lowest bit counts.
  uint64_t Next() {
    if (end_ - next_ >= 4) {
      // Up to four bytes by the word: a column's numbers mostly have the same length, so that its
      // branches are foreseen.
      const uint32_t word = LoadFixed32(reinterpret_cast<const char*>(next_));
      const uint32_t low = word & 0x7f;
      if ((word & 0x80) == 0) return Step(1, low);
      if ((word & 0x8000) == 0) return Step(2, low | (word & 0x7f00) >> 1);
      const uint32_t two = low | (word & 0x7f00) >> 1;
      if ((word & 0x800000) == 0) return Step(3, two | (word & 0x7f0000) >> 2);
      if ((word & 0x80000000) == 0)
        return Step(4, two | (word & 0x7f0000) >> 2 | (word >> 24) << 21);
    }
    uint64_t value = 0;
    const uint8_t* const next = ReadAny(next_, end_, value);
    failed_ |= next == nullptr;
    next_ = next == nullptr ? end_ : next;
    return next == nullptr ? 0 : value;
  }
  // Passes over so many varints if all of them are zeros.
  static constexpr size_t kZeros = sizeof(uint64_t);
  bool SkipZeros() {
    const bool skips = static_cast<size_t>(end_ - next_) >= kZeros &&
                       LoadFixed64(reinterpret_cast<const char*>(next_)) == 0;
    next_ += skips ? kZeros : 0;
    return skips;
  }
  // Whether every varint was whole and all bytes were used.
  bool Finished() const { return !failed_ && next_ == end_; }

 private:
  uint64_t Step(int bytes, uint32_t value) {
    next_ += bytes;
    return value;
  }

  // Sets `value` and returns where it ends; null if it does not. Apart, and without the stream,
  // which stays in registers then. (By a ByteReader it takes a twentieth longer.)
  [[gnu::noinline]] static const uint8_t* ReadAny(const uint8_t* next, const uint8_t* end,
                                                  uint64_t& value) {
    value = 0;
    for (int shift = 0; shift < 64 && next != end; shift += 7) {
      const uint8_t byte = *next++;
      value |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return next;
    }
    return nullptr;
  }

  const uint8_t* next_;
  const uint8_t* end_;
  bool failed_ = false;
};

// Appends up to `count` varints to `out`, for which it makes room at once.
//
// Ownership: borrows `out`, which nobody else may touch while the sink is there.
// Threads:   not synchronised.
class VarintSink {
 public:
  VarintSink(size_t count, std::string& out) : out_(out) {
    const size_t begin = out.size();
    out.resize(begin + count * kMaxVarintBytes);
    next_ = out.data() + begin;
  }
  ~VarintSink() { out_.resize(static_cast<size_t>(next_ - out_.data())); }
  VarintSink(const VarintSink&) = delete;
  VarintSink& operator=(const VarintSink&) = delete;

  // Requires: no more than `count` of them.
  void Put(uint64_t value) { next_ = StoreVarint(next_, value); }

 private:
  std::string& out_;
  char* next_;
};

}  // namespace skald::chunkstore
