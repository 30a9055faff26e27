#include "common/expand_env.h"

#include <algorithm>
#include <cctype>

namespace skald {
namespace {

// What stands for VAR, VAR:-default, VAR:=default, VAR/old/new (the first `old`) or VAR//old/new
// (each of them).
std::string ExpandBraces(std::string_view inner,
                         const std::function<std::string(const std::string&)>& value_of) {
  const size_t end = inner.find_first_of(":/");
  std::string value = value_of(std::string(inner.substr(0, end)));
  if (end == std::string_view::npos) return value;
  std::string_view rest = inner.substr(end + 1);
  if (inner[end] == ':') {
    if (rest.starts_with('-') || rest.starts_with('=')) rest.remove_prefix(1);
    return value.empty() ? std::string(rest) : value;
  }
  const bool all = rest.starts_with('/');
  rest.remove_prefix(all ? 1 : 0);
  const size_t slash = std::min(rest.find('/'), rest.size());
  const std::string_view old = rest.substr(0, slash);
  const std::string_view with = slash < rest.size() ? rest.substr(slash + 1) : std::string_view();
  for (size_t at = 0; !old.empty() && (at = value.find(old, at)) != std::string::npos;) {
    value.replace(at, old.size(), with);
    at += with.size();
    if (!all) break;
  }
  return value;
}

}  // namespace

Result<std::string> ExpandEnv(std::string_view text,
                              const std::function<const char*(const std::string&)>& lookup) {
  std::string out;
  const auto value_of = [&](const std::string& name) {
    const char* value = lookup(name);
    return std::string(value == nullptr ? "" : value);
  };
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '$' || i + 1 == text.size()) {
      out.push_back(text[i]);
    } else if (text[i + 1] == '$') {
      out.push_back('$');
      ++i;
    } else if (text[i + 1] == '{') {
      const size_t close = text.find('}', i);
      if (close == std::string_view::npos) {
        return InvalidArgument("missing } after ${ in the configuration");
      }
      out += ExpandBraces(text.substr(i + 2, close - i - 2), value_of);
      i = close;
    } else {
      size_t end = i + 1;
      while (end < text.size() &&
             (std::isalnum(static_cast<unsigned char>(text[end])) || text[end] == '_')) {
        ++end;
      }
      if (end == i + 1) {
        out.push_back('$');
      } else {
        out += value_of(std::string(text.substr(i + 1, end - i - 1)));
        i = end - 1;
      }
    }
  }
  return out;
}

}  // namespace skald
