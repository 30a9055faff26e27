#include "distributor/field_names.h"

#include <utility>

#include "common/ascii.h"

namespace skald::distributor {

FieldNames::FieldNames(std::vector<std::string> names) : names_(std::move(names)) {
  for (const std::string& name : names_) {
    lower_.push_back(LowerCase(name));
    if (name.empty()) continue;
    lengths_ |= LengthBit(name.size());
    first_letters_[static_cast<uint8_t>(LowerCase(name[0]))] = true;
    first_letters_[static_cast<uint8_t>(UpperCase(name[0]))] = true;
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
    if (EqualsIgnoringCase(name, lower_[i])) return i;
  }
  return std::nullopt;
}

}  // namespace skald::distributor
