// A pattern up to the first newline, then a text: no text may match that lacks every required
// literal, and a literal set must be just what matches.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "common/regex.h"

namespace {

std::string AsciiLower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return lower;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), std::min<size_t>(size, 512));
  const std::string_view pattern = input.substr(0, input.find('\n'));
  const std::string_view text = input.substr(std::min(input.size(), pattern.size() + 1));
  const auto regex = skald::Regex::Compile(pattern);
  if (!regex.ok()) return 0;
  const auto& required = (*regex)->required_literals();
  if (!required.any_of.empty() && (*regex)->Matches(text)) {
    const std::string searched = required.fold_case ? AsciiLower(text) : std::string(text);
    if (std::none_of(required.any_of.begin(), required.any_of.end(), [&](const auto& literal) {
          return searched.find(literal) != std::string::npos;
        })) {
      std::abort();
    }
  }
  if (const auto& literals = (*regex)->literal_set()) {
    const auto whole = skald::Regex::Compile(pattern, skald::Regex::Anchor::kBoth);
    if (!whole.ok()) return 0;
    for (const std::string& literal : *literals) {
      if (!(*whole)->Matches(literal)) std::abort();
    }
    const bool listed = std::find(literals->begin(), literals->end(), text) != literals->end();
    if ((*whole)->Matches(text) && !listed) std::abort();
  }
  (*regex)->ReplaceAll(text, "<$1>", false);
  return 0;
}
