#include "patterns/json_fields.h"

#include "common/split.h"

namespace skald::patterns {
namespace {

std::vector<std::string> NamesIn(std::string_view list) {
  std::vector<std::string> names;
  for (std::string_view name : SplitAtCommas(list)) {
    while (name.starts_with(' ')) name.remove_prefix(1);
    while (name.ends_with(' ')) name.remove_suffix(1);
    if (!name.empty()) names.emplace_back(name);
  }
  return names;
}

}  // namespace

JsonFields::JsonFields(std::string_view names, std::string_view further, std::string_view without)
    : all_(false), names_(NamesIn(names)) {
  for (std::string& name : NamesIn(further)) names_.push_back(std::move(name));
  const std::vector<std::string> removed = NamesIn(without);
  std::erase_if(names_, [&](const std::string& name) {
    return std::find(removed.begin(), removed.end(), name) != removed.end();
  });
}

}  // namespace skald::patterns
