#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/status.h"
#include "net/http_types.h"
#include "ruler/group_status.h"

namespace skald::api {

// Which rules are asked for; an empty list is no filter.
struct RuleFilter {
  bool alerts = true;
  bool records = true;
  std::vector<std::string> rule_names;
  std::vector<std::string> groups;
  std::vector<std::string> files;  // Namespaces.

  // Reads type, rule_name, rule_group and file, with or without []. kInvalidArgument `not supported
  // value "x"` for another type.
  static Result<RuleFilter> Read(const net::Form& params);
};

// {"groups":[...]}, with the groups that have a rule that is asked for.
std::string RulesJson(const std::vector<ruler::GroupStatus>& groups, const RuleFilter& filter);
// {"alerts":[...]}
std::string AlertsJson(const std::vector<ruler::GroupStatus>& groups);
// `data`, which is JSON, in the envelope of rules' answers.
std::string RulesSuccess(std::string_view data);
std::string RulesError(std::string_view type, std::string_view message);

}  // namespace skald::api
