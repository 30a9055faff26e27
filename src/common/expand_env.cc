#include "common/expand_env.h"

#include <algorithm>
#include <cctype>

namespace skald {
namespace {

using Lookup = std::function<const char*(const std::string&)>;

// The `}` that ends what begins behind `${` at `from`; npos if there is none.
size_t FindClose(std::string_view text, size_t from) {
  size_t open = 1;
  for (size_t i = from; i < text.size(); ++i) {
    if (text[i] == '}' && --open == 0) return i;
    if (text[i] == '{' && text[i - 1] == '$') ++open;
  }
  return std::string_view::npos;
}

// `old/new` puts new for the first old, `/old/new` for each of them.
std::string Replaced(std::string value, std::string_view rest) {
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

// `^` and `,` for the first letter, `^^` and `,,` for all.
std::string InCase(std::string value, std::string_view operators) {
  const size_t count = operators.size() > 1 ? value.size() : std::min<size_t>(1, value.size());
  std::transform(
      value.begin(), value.begin() + static_cast<std::ptrdiff_t>(count), value.begin(),
      [&](unsigned char c) {
        return static_cast<char>(operators[0] == '^' ? std::toupper(c) : std::tolower(c));
      });
  return value;
}

// What stands between braces: VAR, VAR:-default and the like, VAR/old/new, VAR^^. A default may
// hold variables itself.
Result<std::string> ExpandBraces(std::string_view inner, const Lookup& lookup) {
  const size_t end = inner.find_first_of(":/=^,#%");
  const char* found = lookup(std::string(inner.substr(0, end)));
  std::string value = found == nullptr ? "" : found;
  if (end == std::string_view::npos) return value;
  std::string_view rest = inner.substr(end + 1);
  switch (inner[end]) {
    case ':':
      if (rest.starts_with('+') || rest.starts_with('?')) break;
      if (rest.starts_with('-') || rest.starts_with('=')) rest.remove_prefix(1);
      [[fallthrough]];
    case '=':
      return value.empty() ? ExpandEnv(rest, lookup) : value;
    case '/':
      return Replaced(std::move(value), rest);
    case '^':
    case ',':
      if (rest.empty() || rest == inner.substr(end, 1)) {
        return InCase(std::move(value), inner.substr(end));
      }
      break;
    default:
      break;
  }
  return InvalidArgument("cannot expand ${" + std::string(inner) +
                         "}; known are ${A}, ${A:-default}, ${A/old/new}, ${A^^} and ${A,,}, and "
                         "$$ is a dollar sign");
}

}  // namespace

Result<std::string> ExpandEnv(std::string_view text, const Lookup& lookup) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '$' || i + 1 == text.size()) {
      out.push_back(text[i]);
    } else if (text[i + 1] == '$') {
      out.push_back('$');
      ++i;
    } else if (text[i + 1] == '{') {
      const size_t close = FindClose(text, i + 2);
      if (close == std::string_view::npos) {
        return InvalidArgument("missing } after ${ in the configuration");
      }
      SKALD_ASSIGN_OR_RETURN(const std::string value,
                             ExpandBraces(text.substr(i + 2, close - i - 2), lookup));
      out += value;
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
        const char* value = lookup(std::string(text.substr(i + 1, end - i - 1)));
        out += value == nullptr ? "" : value;
        i = end - 1;
      }
    }
  }
  return out;
}

}  // namespace skald
