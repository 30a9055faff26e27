#include "common/loki_keys.h"

#include <algorithm>

#include "common/loki_key_table.h"

namespace skald {
namespace {

// One word of a shape.
struct Member {
  std::string_view name;
  std::string_view shape;  // Of what is below; empty: nothing is.
  bool anything = false;   // Whatever is below.
};

Member ReadMember(std::string_view word) {
  if (word.ends_with('*')) return {.name = word.substr(0, word.size() - 1), .anything = true};
  const size_t brace = word.find('{');
  if (brace == std::string_view::npos) return {.name = word};
  return {.name = word.substr(0, brace), .shape = word.substr(brace + 1, word.size() - brace - 2)};
}

std::string_view MembersOf(std::string_view shape) {
  for (const LokiShape& one : LokiShapes()) {
    if (one.name == shape) return one.members;
  }
  return {};
}

// Those of `shape`, and of the shapes that it takes in.
void AppendMembers(std::string_view shape, std::vector<Member>& out) {
  std::string_view rest = MembersOf(shape);
  while (!rest.empty()) {
    const size_t blank = std::min(rest.find(' '), rest.size());
    const std::string_view word = rest.substr(0, blank);
    rest.remove_prefix(std::min(blank + 1, rest.size()));
    if (word.starts_with('+')) {
      AppendMembers(word.substr(1), out);
    } else {
      out.push_back(ReadMember(word));
    }
  }
}

// What is at `key`, and whether it is named; the document itself at the empty one.
struct Place {
  LokiKey kind = LokiKey::kNone;
  std::string_view shape;  // Of a section; "" is that of the document.
  bool section = false;
};

Place Find(std::string_view key) {
  Place place{.kind = LokiKey::kNamed, .section = true};
  while (!key.empty()) {
    const size_t dot = std::min(key.find('.'), key.size());
    const std::string_view name = key.substr(0, dot);
    key.remove_prefix(std::min(dot + 1, key.size()));
    if (!place.section) return {};
    std::vector<Member> members;
    AppendMembers(place.shape, members);
    const auto member = std::find_if(members.begin(), members.end(),
                                     [&](const Member& m) { return m.name == name; });
    if (member == members.end()) return {};
    if (member->anything) {
      return {.kind = key.empty() ? LokiKey::kNamed : LokiKey::kAnything};
    }
    place.shape = member->shape;
    place.section = !member->shape.empty();
  }
  return place;
}

}  // namespace

LokiKey KindOfLokiKey(std::string_view key) { return Find(key).kind; }

std::vector<std::string> LokiKeysBeside(std::string_view key) {
  const size_t dot = key.rfind('.');
  const std::string section(dot == std::string_view::npos ? "" : key.substr(0, dot));
  const Place place = Find(section);
  if (!place.section) return {};
  std::vector<Member> members;
  AppendMembers(place.shape, members);
  std::vector<std::string> keys;
  for (const Member& member : members) {
    keys.push_back(section.empty() ? std::string(member.name)
                                   : section + "." + std::string(member.name));
  }
  return keys;
}

bool IsLokiFlag(std::string_view name) {
  const auto flags = LokiFlags();
  const auto groups = LokiFlagGroups();
  if (std::find(flags.begin(), flags.end(), name) != flags.end() ||
      std::any_of(groups.begin(), groups.end(),
                  [&](std::string_view group) { return name.starts_with(group); })) {
    return true;
  }
  std::string key(name);
  std::replace(key.begin(), key.end(), '-', '_');
  return key.find('.') != std::string::npos && KindOfLokiKey(key) != LokiKey::kNone;
}

}  // namespace skald
