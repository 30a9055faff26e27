#include "querier/query_tags.h"

#include <algorithm>

#include "common/ascii.h"
#include "common/split.h"

namespace skald::querier {
namespace {

bool IsTagCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("-=.@, ").find(c) != std::string_view::npos;
}

}  // namespace

QueryTags ParseQueryTags(std::string_view header) {
  std::string clean;
  bool in_run = false;
  for (const char c : header) {
    if (IsTagCharacter(c)) {
      clean.push_back(c);
    } else if (!in_run) {
      clean.push_back('_');
    }
    in_run = !IsTagCharacter(c);
  }
  QueryTags tags;
  for (const std::string_view pair : SplitAtCommas(clean)) {
    const size_t equal = pair.find('=');
    if (equal != std::string_view::npos && equal > 0) {
      tags.emplace_back(LowerCase(pair.substr(0, equal)), std::string(pair.substr(equal + 1)));
    }
  }
  return tags;
}

bool HasTag(const QueryTags& tags, std::string_view name, std::string_view value) {
  return std::any_of(tags.begin(), tags.end(), [&](const auto& tag) {
    return EqualsIgnoringCase(tag.first, name) && EqualsIgnoringCase(tag.second, value);
  });
}

bool FromDrilldown(const QueryTags& tags) {
  return HasTag(tags, "source", "grafana-lokiexplore-app");
}

}  // namespace skald::querier
