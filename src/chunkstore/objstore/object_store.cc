#include "chunkstore/objstore/object_store.h"

#include <algorithm>

namespace skald::chunkstore {
namespace {

// With letters and digits all that names of tenants and base64url may hold.
constexpr std::string_view kMarks = "._-=!*'()";

bool IsKeyName(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           kMarks.find(c) != std::string_view::npos;
  };
  return !name.empty() && name != "." && name != ".." && std::ranges::all_of(name, allowed);
}

}  // namespace

Status CheckObjectKey(std::string_view key) {
  for (std::string_view rest = key;;) {
    const size_t slash = rest.find('/');
    if (!IsKeyName(rest.substr(0, slash))) {
      return InvalidArgument("not an object key: \"" + std::string(key) + "\"");
    }
    if (slash == std::string_view::npos) return {};
    rest.remove_prefix(slash + 1);
  }
}

}  // namespace skald::chunkstore
