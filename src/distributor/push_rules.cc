#include "distributor/push_rules.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <tuple>
#include <utility>

#include "common/config_node.h"
#include "common/logging.h"
#include "logql/parser.h"
#include "wire/rfc3339.h"

namespace skald::distributor {
namespace {

// A fault in a setting costs that setting only: a reload must not stop ingestion.
void Report(std::string_view setting, const Status& status) {
  LogWarn("ignoring a setting that cannot be read", {{"setting", setting}, {"error", status}});
}

// Nanoseconds of an RFC 3339 time; 0 for none.
int64_t ParseUntil(std::string_view setting, std::string_view text) {
  if (text.empty() || text == "0") return 0;
  const Result<int64_t> time_ns = wire::ParseRfc3339(text);
  if (time_ns.ok()) return *time_ns;
  Report(setting, time_ns.status());
  return 0;
}

std::vector<std::string> Texts(const ConfigNode& list) {
  std::vector<std::string> texts;
  for (const ConfigNode& item : list.items) texts.push_back(item.scalar);
  return texts;
}

template <typename Number>
std::optional<Number> NumberOf(const ConfigNode& node, std::string_view name) {
  const ConfigNode* member = node.Find(name);
  if (member == nullptr) return std::nullopt;
  const std::string& text = member->scalar;
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) {
    Report(name, InvalidArgument("not a number: " + text));
    return std::nullopt;
  }
  return number;
}

std::vector<PushRules::PolicySelector> ReadSelectors(const ConfigNode& mapping) {
  std::vector<PushRules::PolicySelector> selectors;
  for (const auto& [policy, streams] : mapping.members) {
    for (const ConfigNode& stream : streams.items) {
      Result<model::Matchers> matchers =
          logql::ParseSelector(stream.Text("selector"), /*allow_empty=*/true);
      if (!matchers.ok()) {
        Report("policy_stream_mapping", matchers.status());
        continue;
      }
      selectors.push_back({.policy = policy,
                           .priority = NumberOf<int>(stream, "priority").value_or(0),
                           .matchers = *std::move(matchers)});
    }
  }
  std::stable_sort(selectors.begin(), selectors.end(), [](const auto& a, const auto& b) {
    return std::tuple(-a.priority, std::string_view(a.policy)) <
           std::tuple(-b.priority, std::string_view(b.policy));
  });
  return selectors;
}

size_t Depth(int max_depth) { return max_depth > 0 ? static_cast<size_t>(max_depth) : 0; }

}  // namespace

PushRules::PushRules(std::shared_ptr<const Limits> tenant_limits)
    : limits(std::move(tenant_limits)),
      level_detector(limits->log_level_fields, Depth(limits->log_level_from_json_max_depth)),
      blocked_until_ns(ParseUntil("block_ingestion_until", limits->block_ingestion_until)),
      stream_limits(skald::StreamLimitsOf(*limits, "")),
      policy_selectors(ReadSelectors(limits->policy_stream_mapping)) {
  for (const auto& [policy, until] : limits->block_ingestion_policy_until.members) {
    policy_blocked_until_ns[policy] = ParseUntil("block_ingestion_policy_until", until.scalar);
  }
  for (const auto& [policy, labels] : limits->policy_enforced_labels.members) {
    policy_enforced_labels[policy] = Texts(labels);
  }
  for (const auto& [policy, rates] : limits->policy_override_limits.members) {
    policy_rates[policy] = {.rate_mb = NumberOf<double>(rates, "ingestion_rate_mb"),
                            .burst_mb = NumberOf<double>(rates, "ingestion_burst_size_mb")};
    policy_stream_limits[policy] = skald::StreamLimitsOf(*limits, policy);
  }
  auto rules = model::RetentionRules::Make(
      limits->retention_stream, limits->retention_period,
      [](std::string_view text) { return logql::ParseSelector(text, /*allow_empty=*/true); });
  if (rules.ok()) {
    retention = *std::move(rules);
  } else {
    Report("retention_stream", rules.status());
  }
  if (const ConfigNode* fields = limits->discover_generic_fields.Find("fields")) {
    for (const auto& [name, hints] : fields->members) {
      generic_fields.push_back({.name = name, .hints = Texts(hints)});
    }
  }
}

std::string_view PushRules::PolicyOf(const model::Labels& labels) const {
  for (const PolicySelector& selector : policy_selectors) {
    if (model::MatchesAll(selector.matchers, labels)) return selector.policy;
  }
  return {};
}

const StreamLimits& PushRules::StreamLimitsOf(std::string_view policy) const {
  const auto own = policy_stream_limits.find(policy);
  return own == policy_stream_limits.end() ? stream_limits : own->second;
}

std::string PushRules::RetentionHoursOf(const model::Labels& labels) const {
  return HoursText(retention ? retention->PeriodOf(labels) : limits->retention_period);
}

bool PushRules::KnowsPolicy(std::string_view policy) const {
  return policy_blocked_until_ns.contains(policy) || policy_enforced_labels.contains(policy) ||
         policy_rates.contains(policy) ||
         std::any_of(policy_selectors.begin(), policy_selectors.end(),
                     [policy](const PolicySelector& s) { return s.policy == policy; });
}

std::string HoursText(Nanoseconds period) {
  const auto hours = std::chrono::duration_cast<std::chrono::hours>(period).count();
  return hours == 0 ? "" : std::to_string(hours);
}

}  // namespace skald::distributor
