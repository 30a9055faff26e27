#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/bytes.h"

namespace skald::test {

// Field `number` of a protobuf message: length-delimited, and as a number.
inline std::string BytesField(uint32_t number, std::string_view bytes) {
  std::string out;
  PutVarint(out, number << 3 | 2);
  PutLengthPrefixed(out, bytes);
  return out;
}
inline std::string NumberField(uint32_t number, uint64_t value) {
  std::string out;
  PutVarint(out, number << 3);
  PutVarint(out, value);
  return out;
}

// Parts of a PushRequest message; join streams to get one.
inline std::string ProtoEntry(
    int64_t seconds, int32_t nanos, std::string_view line,
    const std::vector<std::pair<std::string, std::string>>& metadata = {}) {
  std::string out = BytesField(1, NumberField(1, static_cast<uint64_t>(seconds)) +
                                      NumberField(2, static_cast<uint64_t>(nanos))) +
                    BytesField(2, line);
  for (const auto& [name, value] : metadata) {
    out += BytesField(3, BytesField(1, name) + BytesField(2, value));
  }
  return BytesField(2, out);
}
inline std::string ProtoStream(std::string_view labels, const std::vector<std::string>& entries) {
  std::string out = BytesField(1, labels);
  for (const std::string& entry : entries) out += entry;
  return BytesField(1, out);
}

}  // namespace skald::test
