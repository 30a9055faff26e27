#include "model/metadata_name.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "common/quote.h"

namespace skald::model {
namespace {

constexpr std::array<bool, 256> MakeAlphanumeric() {
  std::array<bool, 256> table{};
  for (int c = '0'; c <= '9'; ++c) table[static_cast<size_t>(c)] = true;
  for (int c = 'a'; c <= 'z'; ++c) table[static_cast<size_t>(c)] = true;
  for (int c = 'A'; c <= 'Z'; ++c) table[static_cast<size_t>(c)] = true;
  return table;
}
constexpr std::array<bool, 256> kAlphanumeric = MakeAlphanumeric();

bool IsAlphanumeric(char c) { return kAlphanumeric[static_cast<uint8_t>(c)]; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

constexpr std::string_view kReservedMark = "__";

// __x__: the marks stay.
bool HasReservedForm(std::string_view name) {
  return name.size() > 2 * kReservedMark.size() && name.starts_with(kReservedMark) &&
         name.ends_with(kReservedMark);
}

bool IsReserved(std::string_view name) {
  return HasReservedForm(name) && std::all_of(name.begin(), name.end(),
                                              [](char c) { return IsAlphanumeric(c) || c == '_'; });
}

// Letters, digits, single underscores, and a letter or digit among them.
bool IsPlainName(std::string_view name) {
  if (name.empty() || IsDigit(name.front())) return false;
  bool after_underscore = false;
  bool named = false;
  for (const char c : name) {
    if (IsAlphanumeric(c)) {
      named = true;
      after_underscore = false;
    } else {
      if (c != '_' || after_underscore) return false;
      after_underscore = true;
    }
  }
  return named;
}

}  // namespace

bool IsMetadataName(std::string_view name) { return IsPlainName(name) || IsReserved(name); }

Status AppendMetadataName(std::string_view name, std::string& out) {
  if (IsMetadataName(name)) {
    out.append(name);
    return {};
  }
  const size_t begin = out.size();
  const bool reserved = HasReservedForm(name);
  std::string_view inner = name;
  if (reserved) {
    out += kReservedMark;
    inner = name.substr(kReservedMark.size(), name.size() - 2 * kReservedMark.size());
  } else if (!name.empty() && IsDigit(name.front())) {
    out += "key_";
  }
  bool named = false;
  const size_t inner_begin = out.size();
  for (const char c : inner) {
    if (IsAlphanumeric(c)) {
      out.push_back(c);
      named = true;
    } else if (out.size() == inner_begin || out.back() != '_') {
      out.push_back('_');
    }
  }
  if (reserved) out += kReservedMark;
  if (named) return {};
  return InvalidArgument("normalization for label name " + GoQuote(name) +
                         " resulted in invalid name " +
                         GoQuote(std::string_view(out).substr(begin)));
}

}  // namespace skald::model
