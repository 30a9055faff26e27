#pragma once

#include <string>
#include <vector>

#include "ruler/rule_group.h"

namespace skald::ruler {

// What is wrong with a group, in the words that clients know; empty if nothing is. `index` is its
// place in its file.
std::vector<std::string> CheckGroup(const RuleGroup& group, size_t index = 0);

// The same for the groups of one file, whose names must differ, with the lines of the rules.
std::vector<std::string> CheckGroups(const std::vector<RuleGroup>& groups);

}  // namespace skald::ruler
