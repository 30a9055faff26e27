#include "distributor/field_names.h"

#include <algorithm>
#include <utility>

namespace skald::distributor {
namespace {

constexpr char ToLower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
constexpr char ToUpper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; }

}  // namespace

FieldNames::FieldNames(std::vector<std::string> names) : names_(std::move(names)) {
  for (const std::string& name : names_) {
    std::string lower = name;
    std::transform(lower.begin(), lower.end(), lower.begin(), ToLower);
    lower_.push_back(std::move(lower));
    if (name.empty()) continue;
    lengths_ |= LengthBit(name.size());
    first_letters_[static_cast<uint8_t>(ToLower(name[0]))] = true;
    first_letters_[static_cast<uint8_t>(ToUpper(name[0]))] = true;
  }
}

std::optional<size_t> FieldNames::Find(std::string_view name) const {
  if (!MayContain(name)) return std::nullopt;
  for (size_t i = 0; i < names_.size(); ++i) {
    if (names_[i] == name) return i;
  }
  return std::nullopt;
}

std::optional<size_t> FieldNames::FindIgnoringCase(std::string_view name) const {
  if (!MayContain(name)) return std::nullopt;
  for (size_t i = 0; i < lower_.size(); ++i) {
    if (std::equal(name.begin(), name.end(), lower_[i].begin(), lower_[i].end(),
                   [](char a, char b) { return ToLower(a) == b; })) {
      return i;
    }
  }
  return std::nullopt;
}

}  // namespace skald::distributor
