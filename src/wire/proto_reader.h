#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "common/bytes.h"

namespace skald::wire {

// Reads the fields of one protobuf message in place, without generated code.
//
// Order:     (Next (Bytes | Number | Fixed32 | Fixed64 | Skip))*. After the first byte that is
//            wrong the reader is failed(): Next is false, and all it yields is empty or zero; so a
//            decoder looks once, at the end.
// Ownership: borrows the bytes; views handed out point into them.
// Threads:   not synchronised.
// Cost:      one pass; nothing is allocated, and nothing recurses.
class ProtoReader {
 public:
  explicit ProtoReader(std::string_view bytes)
      : next_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  // Steps to the next field. False at the end, and after a failure.
  bool Next() {
    if (next_ == end_) return false;
    const uint64_t tag = Varint();
    field_ = static_cast<uint32_t>(tag >> 3);
    type_ = static_cast<uint32_t>(tag & 7);
    if (field_ == 0 || (tag >> 32) != 0) Fail();
    return !failed_;
  }
  uint32_t field() const { return field_; }

  // The value of the field, which must be of that type.
  std::string_view Bytes() {
    if (type_ != kBytes) Fail();
    return TakeBytes();
  }
  uint64_t Number() {
    if (type_ != kVarint) Fail();
    return Varint();
  }
  uint32_t Fixed32() {
    if (type_ != kFixed32) Fail();
    const std::string_view bytes = Take(sizeof(uint32_t));
    return bytes.empty() ? 0 : LoadFixed32(bytes.data());
  }
  uint64_t Fixed64() {
    if (type_ != kFixed64) Fail();
    const std::string_view bytes = Take(sizeof(uint64_t));
    return bytes.empty() ? 0 : LoadFixed64(bytes.data());
  }

  // Passes over the field, whatever it is.
  void Skip() {
    switch (type_) {
      case kVarint:
        Varint();
        return;
      case kFixed64:
        Take(sizeof(uint64_t));
        return;
      case kBytes:
        TakeBytes();
        return;
      case kGroupBegin:
        SkipGroup();
        return;
      case kFixed32:
        Take(sizeof(uint32_t));
        return;
      default:
        Fail();
    }
  }

  bool failed() const { return failed_; }

 private:
  enum WireType : uint32_t {
    kVarint = 0,
    kFixed64 = 1,
    kBytes = 2,
    kGroupBegin = 3,
    kGroupEnd = 4,
    kFixed32 = 5,
  };

  uint64_t Varint() {
    if (next_ != end_ && static_cast<uint8_t>(*next_) < 0x80) return static_cast<uint8_t>(*next_++);
    uint64_t value = 0;
    for (int shift = 0; shift < 70 && next_ != end_; shift += 7) {
      const auto byte = static_cast<uint8_t>(*next_++);
      value |= static_cast<uint64_t>(byte & 0x7f) << (shift & 63);
      if (byte < 0x80) return value;
    }
    Fail();
    return 0;
  }

  std::string_view Take(uint64_t count) {
    if (count > static_cast<uint64_t>(end_ - next_)) {
      Fail();
      return {};
    }
    const std::string_view bytes(next_, count);
    next_ += count;
    return bytes;
  }
  std::string_view TakeBytes() { return Take(Varint()); }

  // Groups may nest: counted, as recursion would let a body choose the depth of our stack.
  void SkipGroup() {
    size_t open = 1;
    while (open > 0) {
      if (!Next()) {
        Fail();
        return;
      }
      if (type_ == kGroupBegin) {
        ++open;
      } else if (type_ == kGroupEnd) {
        --open;
      } else {
        Skip();
      }
    }
  }

  void Fail() {
    failed_ = true;
    next_ = end_;
  }

  const char* next_;
  const char* end_;
  uint32_t field_ = 0;
  uint32_t type_ = 0;
  bool failed_ = false;
};

}  // namespace skald::wire
