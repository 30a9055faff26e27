#include "api/trace_id.h"

namespace skald::api {
namespace {

// 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01: version, trace, parent, flags. Later
// versions may go on behind another dash.
constexpr size_t kTraceBegin = 3;
constexpr size_t kTraceDigits = 32;
constexpr size_t kParentBegin = kTraceBegin + kTraceDigits + 1;
constexpr size_t kParentDigits = 16;
constexpr size_t kFlagsBegin = kParentBegin + kParentDigits + 1;
constexpr size_t kLength = kFlagsBegin + 2;

bool IsHex(std::string_view text) {
  return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool IsId(std::string_view text) {
  return IsHex(text) && text.find_first_not_of('0') != std::string_view::npos;
}

bool IsValid(std::string_view parent) {
  if (parent.size() < kLength || (parent.size() > kLength && parent[kLength] != '-')) return false;
  const std::string_view version = parent.substr(0, kTraceBegin - 1);
  return IsHex(version) && version != "ff" && (version != "00" || parent.size() == kLength) &&
         parent[kTraceBegin - 1] == '-' && parent[kParentBegin - 1] == '-' &&
         parent[kFlagsBegin - 1] == '-' && IsId(parent.substr(kTraceBegin, kTraceDigits)) &&
         IsId(parent.substr(kParentBegin, kParentDigits)) && IsHex(parent.substr(kFlagsBegin, 2));
}

}  // namespace

std::string_view TraceIdOf(const net::Headers& headers) {
  const std::string_view parent = headers.Get("traceparent");
  return IsValid(parent) ? parent.substr(kTraceBegin, kTraceDigits) : std::string_view();
}

}  // namespace skald::api
