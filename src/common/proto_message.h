#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/bytes.h"

namespace skald {

// The bytes of a protobuf message, field by field, without generated code: wire::ProtoReader reads
// such. Fields come in the order in which they are put.
//
// Threads: a value.
class ProtoMessage {
 public:
  // Any integer or enum but sint*: a negative one as its two's complement. 0 is left out, as it is
  // what a reader takes a missing field for.
  void Number(uint32_t field, uint64_t value) {
    if (value == 0) return;
    PutVarint(bytes_, field << 3);
    PutVarint(bytes_, value);
  }
  // A string, bytes or a message.
  void Bytes(uint32_t field, std::string_view value) {
    PutVarint(bytes_, field << 3 | 2);
    PutLengthPrefixed(bytes_, value);
  }

  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

}  // namespace skald
