#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/config_node.h"
#include "common/regex.h"
#include "querier/query_kind.h"
#include "querier/query_tags.h"

namespace skald::querier {

// The rules of limits_config.blocked_queries: {pattern, regex, hash, types, query_tags}.
//
// Threads: immutable; any thread may ask.
class BlockedQueries {
 public:
  // What of the rules can never match, a line each: regexes and types that are none.
  static std::vector<std::string> Faults(const ConfigNode& rules);

  // Compat: a rule with such a fault is no error; it blocks nothing.
  explicit BlockedQueries(const ConfigNode& rules);

  bool empty() const { return rules_.empty(); }

  // Whether the query is to be refused. The first rule that has its hash or its text decides, even
  // when its types and tags then let it pass. `text` is what KnownText makes of the query.
  bool Blocks(std::string_view text, QueryKind kind, const QueryTags& tags) const;

 private:
  struct Rule {
    std::string pattern;  // Without blanks around it; empty: any query.
    bool is_regex = false;
    std::shared_ptr<const Regex> regex;
    uint32_t hash = 0;  // As QueryHash makes it; above 0, nothing else of the text counts.
    bool any_kind = true;
    std::vector<QueryKind> kinds;  // Otherwise these.
    QueryTags tags;                // All must be there.
  };

  static Rule ReadRule(const ConfigNode& node);
  static bool MatchesText(const Rule& rule, std::string_view text);

  std::vector<Rule> rules_;
};

}  // namespace skald::querier
