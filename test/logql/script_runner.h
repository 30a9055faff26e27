#pragma once

#include <string>
#include <vector>

#include "logql/script.h"
#include "support/memory_source.h"

namespace skald::test {

// What a script's answers must not depend on.
struct ScriptSetup {
  std::string name;
  MemorySource::Options source;
  size_t threads = 1;
};

// Something that a script expects and does not get.
struct ScriptFailure {
  int line = 0;  // Of the script.
  std::string text;
};

// Runs all commands. A script that evaluates nothing fails in its last line.
//
// Beyond what a script says, each answer over a range is held against another way to it: log
// queries without direction and limit are read backward as well, and each point of a metric query
// is asked for by an instant query.
std::vector<ScriptFailure> RunScript(const Script& script, const ScriptSetup& setup);

}  // namespace skald::test
