#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/clock.h"
#include "ruler/evaluator.h"
#include "ruler/rule_group.h"
#include "ruler/rule_test_file.h"

namespace skald::ruler {

// When tests begin, in nanoseconds since the epoch: 2000-01-01T00:00:00Z.
inline constexpr int64_t kTestStartNs = int64_t{946'684'800} * 1'000'000'000;

// What answers queries over the lines of one test, as the server would. `clock` says the time of
// the test, and outlives what is made.
using MakeTestEvaluator = std::function<std::unique_ptr<Evaluator>(
    const std::vector<TestStream>& streams, const Clock& clock)>;

// Runs the groups as the ruler does, from the start of the test to the last time that it asks for,
// and says in what the outcome differs from what is expected, a text of one or more lines for each
// difference: `-` before what is missing, `+` before what should not be there. Empty: in nothing.
// Groups are evaluated at multiples of their interval, or of `interval` if they have none.
std::vector<std::string> RunRuleTest(const RuleTest& test, const RuleNamespaces& groups,
                                     Nanoseconds interval, const MakeTestEvaluator& make);

}  // namespace skald::ruler
