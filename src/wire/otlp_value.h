#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/status.h"
#include "wire/proto_reader.h"

namespace skald::wire {

// The value of an OpenTelemetry attribute or body, as a view of its message (AnyValue).
//
// Threads: a value.
struct OtlpValue {
  enum class Kind { kNone, kText, kBool, kInt, kDouble, kList, kMap, kBytes };

  Kind kind = Kind::kNone;
  std::string_view bytes;  // The text or bytes; of a list and a map the message of its elements.
  uint64_t number = 0;     // The bool, the integer, or the double's bits.
};

// An attribute, or a member of a map (message KeyValue).
struct OtlpPair {
  std::string_view key;
  OtlpValue value;
};

// How many values may lie in each other. Real ones have a handful; each level costs some stack.
inline constexpr int kMaxOtlpDepth = 100;

// Read the messages. kInvalidArgument for bytes that are none; what is in lists and maps is looked
// at when it is read or printed. Of several kinds in one value the last counts.
Result<OtlpValue> ReadOtlpValue(std::string_view message);
Result<OtlpPair> ReadOtlpPair(std::string_view message);

// Appends a value as a line or as metadata shows it: text as it is, bytes in base64, numbers as
// JSON has them, lists and maps as JSON (members sorted, of equal keys the last), and nothing for
// none. kInvalidArgument for bytes that are no value or too deep; something may be appended then.
Status AppendOtlpText(const OtlpValue& value, std::string& out);

// Calls visit(message) for each element of a list or a map, in their order.
template <typename Visit>
Status ForEachOtlpElement(std::string_view list, const Visit& visit) {
  ProtoReader reader(list);
  while (reader.Next()) {
    if (reader.field() == 1) {
      SKALD_RETURN_IF_ERROR(visit(reader.Bytes()));
    } else {
      reader.Skip();
    }
  }
  if (reader.failed()) return InvalidArgument("proto: malformed list of values");
  return {};
}

}  // namespace skald::wire
