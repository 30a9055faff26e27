#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "common/config_node.h"
#include "common/duration.h"
#include "common/status.h"
#include "model/labels.h"
#include "model/matcher.h"

namespace skald::model {

// How long entries are kept, by the labels of their stream: of the rules whose selector matches it
// the one of highest priority decides, of equal ones the shortest.
//
// Threads: immutable; any thread may call.
// Cost:    PeriodOf tries the rules one after the other.
class RetentionRules {
 public:
  using SelectorParser = std::function<Result<Matchers>(std::string_view text)>;

  // `rules` is a list of {selector, priority, period}, as `retention_stream` has it; of streams
  // that none of them matches entries are kept for `otherwise`, 0 for ever. kInvalidArgument
  // `retention_stream: ...`.
  static Result<RetentionRules> Make(const ConfigNode& rules, Nanoseconds otherwise,
                                     const SelectorParser& parse_selector);

  // 0: for ever.
  Nanoseconds PeriodOf(const Labels& stream) const;

  // No stream's period is less, or more; 0, which is more than any other, is for ever.
  Nanoseconds shortest() const { return shortest_; }
  Nanoseconds longest() const { return longest_; }

 private:
  struct Rule {
    Matchers selector;
    int priority = 0;
    Nanoseconds period{0};
  };

  RetentionRules(std::vector<Rule> rules, Nanoseconds otherwise);
  static Result<Rule> MakeRule(const ConfigNode& node, const SelectorParser& parse_selector);

  std::vector<Rule> rules_;  // The one that decides comes first.
  Nanoseconds otherwise_{0};
  Nanoseconds shortest_{0};
  Nanoseconds longest_{0};
};

}  // namespace skald::model
