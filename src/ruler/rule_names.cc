#include "ruler/rule_names.h"

#include <algorithm>
#include <cstddef>

#include "common/base64.h"
#include "common/utf8.h"

namespace skald::ruler {
namespace {

constexpr size_t kMaxNameBytes = 180;  // 240 in base64; a file's name has 255.

Status CheckName(std::string_view what, std::string_view name) {
  if (!IsValidUtf8(name)) return InvalidArgument(std::string(what) + " is not UTF-8");
  if (name.size() <= kMaxNameBytes) return Status();
  return InvalidArgument(std::string(what) + " has " + std::to_string(name.size()) +
                         " bytes, at most " + std::to_string(kMaxNameBytes) + " are possible");
}

}  // namespace

std::string SpellName(std::string_view name) {
  std::string text;
  AppendBase64(text, name);
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  return text;
}

bool UnspellName(std::string_view text, std::string& name) {
  name.clear();
  std::string standard(text);
  std::replace(standard.begin(), standard.end(), '-', '+');
  std::replace(standard.begin(), standard.end(), '_', '/');
  // A name has one spelling, though base64 can be written in several ways.
  if (DecodeBase64(standard, name) && SpellName(name) == text) return true;
  name.clear();
  return false;
}

Status CheckNames(std::string_view name_space, std::string_view group) {
  SKALD_RETURN_IF_ERROR(CheckName("the namespace's name", name_space));
  return CheckName("the group's name", group);
}

Status NoGroup() { return NotFound("group does not exist"); }
Status NoNamespace() { return NotFound("group namespace does not exist"); }

}  // namespace skald::ruler
