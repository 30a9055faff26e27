#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "common/status.h"

namespace skald {

// Appends to `out`, little endian.
void PutFixed32(std::string& out, uint32_t value);
void PutFixed64(std::string& out, uint64_t value);
// A LEB128 varint has 1 to so many bytes.
inline constexpr size_t kMaxVarintBytes = 10;
// Writes one at `p`, which has room for kMaxVarintBytes. Returns the place behind it.
inline char* StoreVarint(char* p, uint64_t value) {
  for (; value >= 0x80; value >>= 7) *p++ = static_cast<char>(value | 0x80);
  *p++ = static_cast<char>(value);
  return p;
}
// Appends one.
inline void PutVarint(std::string& out, uint64_t value) {
  char buffer[kMaxVarintBytes];
  out.append(buffer, static_cast<size_t>(StoreVarint(buffer, value) - buffer));
}
// Appends the varint length, then the bytes.
void PutLengthPrefixed(std::string& out, std::string_view bytes);

// Small magnitudes of either sign become small varints.
constexpr uint64_t ZigZag(int64_t v) {
  return (static_cast<uint64_t>(v) << 1) ^ static_cast<uint64_t>(v >> 63);
}
constexpr int64_t UnZigZag(uint64_t v) { return static_cast<int64_t>((v >> 1) ^ (0 - (v & 1))); }

inline uint32_t LoadFixed32(const char* p) {
  uint32_t v;
  std::memcpy(&v, p, sizeof v);
  return v;
}
inline uint64_t LoadFixed64(const char* p) {
  uint64_t v;
  std::memcpy(&v, p, sizeof v);
  return v;
}

// Reads bytes that may be hostile; cannot run past their end.
//
// Order:     after a failed read the reader is failed(): every later read fails too and yields
//            zero or empty, so a decoder may check once at its end.
// Ownership: borrows the bytes; views handed out point into them.
// Threads:   not synchronised.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

  uint8_t Byte();
  uint32_t Fixed32();
  uint64_t Fixed64();
  uint64_t Varint() {
    if (rest_.empty() || static_cast<uint8_t>(rest_.front()) >= 0x80) return LongVarint();
    const auto value = static_cast<uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return value;
  }
  // Exactly `count` bytes.
  std::string_view Bytes(uint64_t count);
  // A varint length, then so many bytes.
  std::string_view LengthPrefixed();

  bool failed() const { return failed_; }
  bool AtEnd() const { return rest_.empty(); }
  std::string_view rest() const { return rest_; }

  // kDataLoss naming `what` if a read failed, or if `whole` and bytes are left over.
  Status Finish(std::string_view what, bool whole = true) const;

 private:
  void Fail();
  // One of any length.
  uint64_t LongVarint();

  std::string_view rest_;
  bool failed_ = false;
};

}  // namespace skald
