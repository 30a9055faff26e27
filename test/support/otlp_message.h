#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "common/bytes.h"
#include "support/push_message.h"

namespace skald::test {

// Fields of fixed width of a protobuf message.
inline std::string Fixed64Field(uint32_t number, uint64_t value) {
  std::string out;
  PutVarint(out, number << 3 | 1);
  PutFixed64(out, value);
  return out;
}
inline std::string Fixed32Field(uint32_t number, uint32_t value) {
  std::string out;
  PutVarint(out, number << 3 | 5);
  PutFixed32(out, value);
  return out;
}

// Messages of OpenTelemetry: a value of text, a list, a map, an attribute.
inline std::string OtlpText(std::string_view text) { return BytesField(1, text); }
inline std::string OtlpList(std::initializer_list<std::string> values) {
  std::string list;
  for (const std::string& value : values) list += BytesField(1, value);
  return BytesField(5, list);
}
inline std::string OtlpKeyValue(std::string_view key, std::string_view value) {
  return BytesField(1, key) + BytesField(2, value);
}
inline std::string OtlpMap(std::initializer_list<std::string> key_values) {
  std::string map;
  for (const std::string& key_value : key_values) map += BytesField(1, key_value);
  return BytesField(6, map);
}

// Parts of an export; join the fields of a record, and exports.
inline std::string OtlpBody(std::string_view value) { return BytesField(5, value); }
inline std::string OtlpAttribute(std::string_view key, std::string_view value) {
  return BytesField(6, OtlpKeyValue(key, value));
}
inline std::string OtlpResource(std::initializer_list<std::string> key_values) {
  std::string resource;
  for (const std::string& key_value : key_values) resource += BytesField(1, key_value);
  return BytesField(1, resource);
}
inline std::string OtlpScopeLogs(const std::vector<std::string>& records) {
  std::string scope;
  for (const std::string& record : records) scope += BytesField(2, record);
  return BytesField(2, scope);
}
inline std::string OtlpExport(std::string_view resource_and_scopes) {
  return BytesField(1, resource_and_scopes);
}

}  // namespace skald::test
