#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/status.h"
#include "ruler/rule_group.h"

namespace skald::ruler {

// Reads one group, the first document of `text`; keys that it does not know are passed over. An
// empty text is a group without a name. kInvalidArgument names the line and what is wrong there.
Result<RuleGroup> ParseGroupYaml(std::string_view text);

// Reads a file `groups: [...]`, where an unknown key is an error as well, so that a misspelt one
// does not go unseen. An empty text has no groups.
Result<std::vector<RuleGroup>> ParseRuleFileYaml(std::string_view text);

// YAML of a group, and of namespaces with theirs: what is empty or zero is left out, labels are
// sorted, durations in their normal form, and keep_firing_for is not shown, as clients that read
// groups back and compare them expect.
std::string PrintGroupYaml(const RuleGroup& group);
std::string PrintNamespacesYaml(const RuleNamespaces& namespaces);
// The same of a group with all that it has, to be kept.
std::string PrintWholeGroupYaml(const RuleGroup& group);

}  // namespace skald::ruler
