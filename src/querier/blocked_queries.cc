#include "querier/blocked_queries.h"

#include <algorithm>
#include <charconv>
#include <iterator>

#include "common/split.h"
#include "querier/query_hash.h"

namespace skald::querier {
namespace {

std::string_view Trim(std::string_view text) {
  const char* blanks = " \t\r\n";
  const size_t begin = text.find_first_not_of(blanks);
  return begin == std::string_view::npos
             ? std::string_view()
             : text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

constexpr QueryKind kKinds[] = {QueryKind::kMetric, QueryKind::kFilter, QueryKind::kLimited};

bool IsKind(std::string_view type) {
  return std::any_of(std::begin(kKinds), std::end(kKinds),
                     [&](QueryKind kind) { return type == QueryKindName(kind); });
}

bool IsRegex(const ConfigNode& rule) {
  const auto regex = ParseYamlBool(rule.Text("regex", "false"));
  return regex.ok() && *regex;
}

}  // namespace

std::vector<std::string> BlockedQueries::Faults(const ConfigNode& rules) {
  std::vector<std::string> faults;
  for (const ConfigNode& rule : rules.items) {
    const std::string where = "line " + std::to_string(rule.line) + ": ";
    for (const std::string_view type : SplitAtCommas(rule.Text("types"))) {
      if (IsKind(Trim(type))) continue;
      faults.push_back(where + "unknown type '" + std::string(Trim(type)) +
                       "'; known are metric, filter and limited");
    }
    if (!IsRegex(rule)) continue;
    const auto regex = Regex::Compile(Trim(rule.Text("pattern")), Regex::Anchor::kNone);
    if (!regex.ok()) faults.push_back(where + std::string(regex.status().message()));
  }
  return faults;
}

BlockedQueries::BlockedQueries(const ConfigNode& rules) {
  for (const ConfigNode& node : rules.items) {
    rules_.push_back(ReadRule(node));
  }
}

BlockedQueries::Rule BlockedQueries::ReadRule(const ConfigNode& node) {
  Rule rule;
  rule.pattern = Trim(node.Text("pattern"));
  rule.is_regex = IsRegex(node);
  if (rule.is_regex) {
    if (auto regex = Regex::Compile(rule.pattern, Regex::Anchor::kNone); regex.ok()) {
      rule.regex = *std::move(regex);
    }
  }
  const std::string_view hash = node.Text("hash");
  std::from_chars(hash.data(), hash.data() + hash.size(), rule.hash);
  const std::string_view types = node.Text("types");
  rule.any_kind = types.empty();
  for (const QueryKind kind : kKinds) {
    for (const std::string_view type : SplitAtCommas(types)) {
      if (Trim(type) == QueryKindName(kind)) rule.kinds.push_back(kind);
    }
  }
  if (const ConfigNode* tags = node.Find("query_tags"); tags != nullptr) {
    for (const auto& [name, value] : tags->members) {
      rule.tags.emplace_back(name, value.scalar);
    }
  }
  return rule;
}

bool BlockedQueries::MatchesText(const Rule& rule, std::string_view text) {
  if (rule.hash > 0) {
    return rule.hash == QueryHash(text);
  }
  if (rule.is_regex) {
    return rule.regex != nullptr && rule.regex->Matches(text);
  }
  return rule.pattern.empty() || rule.pattern == Trim(text);
}

bool BlockedQueries::Blocks(std::string_view text, QueryKind kind, const QueryTags& tags) const {
  const auto rule = std::find_if(rules_.begin(), rules_.end(),
                                 [&](const Rule& r) { return MatchesText(r, text); });
  if (rule == rules_.end()) {
    return false;
  }
  return (rule->any_kind ||
          std::find(rule->kinds.begin(), rule->kinds.end(), kind) != rule->kinds.end()) &&
         std::all_of(rule->tags.begin(), rule->tags.end(),
                     [&tags](const auto& tag) { return HasTag(tags, tag.first, tag.second); });
}

}  // namespace skald::querier
