#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/duration.h"
#include "common/limits.h"
#include "common/stream_limits.h"
#include "distributor/field_detection.h"
#include "model/labels.h"
#include "model/matcher.h"
#include "model/retention_rules.h"

namespace skald::distributor {

// A tenant's limits as pushes need them: texts parsed, lists indexed.
//
// Threads: immutable once made; shared by pushes.
struct PushRules {
  // Rates of an ingestion policy where they differ from the tenant's.
  struct PolicyRates {
    std::optional<double> rate_mb;
    std::optional<double> burst_mb;
  };
  // Puts streams under an ingestion policy.
  struct PolicySelector {
    std::string policy;
    int priority = 0;
    model::Matchers matchers;
  };
  // Metadata taken from the first of some places that has it.
  struct GenericField {
    std::string name;
    std::vector<std::string> hints;
  };

  explicit PushRules(std::shared_ptr<const Limits> limits);

  // The policy of a stream: of the selectors that match it the one of highest priority, of equal
  // ones the first by name. Empty when there is none.
  std::string_view PolicyOf(const model::Labels& labels) const;

  // What the streams of a policy are held to; of one that no setting changes, the tenant's.
  const StreamLimits& StreamLimitsOf(std::string_view policy) const;

  // Whole hours that the entries of a stream are kept, for metrics; empty for ever.
  std::string RetentionHoursOf(const model::Labels& labels) const;

  // Whether some setting speaks of the policy.
  bool KnowsPolicy(std::string_view policy) const;

  const std::shared_ptr<const Limits> limits;
  LevelDetector level_detector;
  int64_t blocked_until_ns = 0;  // 0: not blocked.
  std::map<std::string, int64_t, std::less<>> policy_blocked_until_ns;
  std::map<std::string, std::vector<std::string>, std::less<>> policy_enforced_labels;
  std::map<std::string, PolicyRates, std::less<>> policy_rates;
  StreamLimits stream_limits;
  std::map<std::string, StreamLimits, std::less<>> policy_stream_limits;
  std::vector<PolicySelector> policy_selectors;  // The one that wins comes first.
  std::vector<GenericField> generic_fields;
  std::optional<model::RetentionRules> retention;  // Nothing for rules that cannot be read.
};

// Whole hours of a period; empty for none, which is for ever.
std::string HoursText(Nanoseconds period);

}  // namespace skald::distributor
