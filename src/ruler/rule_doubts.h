#pragma once

#include <string>
#include <vector>

#include "common/duration.h"
#include "ruler/rule_group.h"

namespace skald::ruler {

// What is allowed, but seldom meant: alerts without `for`, ranges that leave lines out between two
// evaluations, rules that are there twice, templates that name a label which the expression does
// not keep, selectors of every stream. `groups` have passed CheckGroups; `interval` is that of
// groups without one.
std::vector<std::string> FindDoubts(const std::vector<RuleGroup>& groups, Nanoseconds interval);

}  // namespace skald::ruler
