#include "model/retention_rules.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <string>
#include <tuple>
#include <utility>

namespace skald::model {
namespace {

// Compat: only the periods of single streams have a least length, that of all others has none.
constexpr Nanoseconds kShortestPeriod = std::chrono::hours(24);

Result<int> ParsePriority(std::string_view text) {
  int priority = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), priority);
  if (error == std::errc() && end == text.data() + text.size()) return priority;
  return InvalidArgument("priority is no number: " + std::string(text));
}

bool IsShorter(Nanoseconds a, Nanoseconds b) {
  if (b.count() == 0) return a.count() != 0;
  return a.count() != 0 && a < b;
}

}  // namespace

Result<RetentionRules> RetentionRules::Make(const ConfigNode& rules, Nanoseconds otherwise,
                                            const SelectorParser& parse_selector) {
  std::vector<Rule> made;
  for (const ConfigNode& node : rules.items) {
    Result<Rule> rule = MakeRule(node, parse_selector);
    if (!rule.ok()) return Annotate(rule.status(), "retention_stream");
    made.push_back(*std::move(rule));
  }
  std::stable_sort(made.begin(), made.end(), [](const Rule& a, const Rule& b) {
    return std::tuple(b.priority, a.period) < std::tuple(a.priority, b.period);
  });
  return RetentionRules(std::move(made), std::max(otherwise, Nanoseconds(0)));
}

RetentionRules::RetentionRules(std::vector<Rule> rules, Nanoseconds otherwise)
    : rules_(std::move(rules)), otherwise_(otherwise), shortest_(otherwise), longest_(otherwise) {
  for (const Rule& rule : rules_) {
    if (IsShorter(rule.period, shortest_)) shortest_ = rule.period;
    if (IsShorter(longest_, rule.period)) longest_ = rule.period;
  }
}

Result<RetentionRules::Rule> RetentionRules::MakeRule(const ConfigNode& node,
                                                      const SelectorParser& parse_selector) {
  Rule rule;
  Result<Matchers> selector = parse_selector(node.Text("selector"));
  if (!selector.ok()) {
    return InvalidArgument("invalid labels matchers: " + std::string(selector.status().message()));
  }
  rule.selector = *std::move(selector);
  SKALD_ASSIGN_OR_RETURN(rule.priority, ParsePriority(node.Text("priority", "0")));
  SKALD_ASSIGN_OR_RETURN(rule.period, ParseDuration(node.Text("period")));
  if (rule.period < kShortestPeriod) {
    return InvalidArgument("retention period must be >= 24h was " +
                           FormatPrometheusDuration(rule.period));
  }
  return rule;
}

Nanoseconds RetentionRules::PeriodOf(const Labels& stream) const {
  for (const Rule& rule : rules_) {
    if (MatchesAll(rule.selector, stream)) return rule.period;
  }
  return otherwise_;
}

}  // namespace skald::model
