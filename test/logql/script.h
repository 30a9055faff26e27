#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/status.h"
#include "logql/engine.h"
#include "model/labels.h"

// Scripts of queries with their answers: scripts/README.md tells how they are written.

namespace skald::test {

struct LoadedEntry {
  model::Labels stream;
  int64_t time_ns = 0;
  std::string line;
  model::Labels metadata;
};

struct LoadCommand {
  std::vector<LoadedEntry> entries;
};

struct ClearCommand {};

// One line of an answer, spelt as ShowAnswer spells it.
struct ExpectedItem {
  int line = 0;  // Of the script.
  std::string text;
};

struct EvalCommand {
  int line = 0;  // Of the script.
  std::string query;
  logql::Query parameters;           // All but the expression.
  bool both_directions = false;      // No direction was given, and no limit that would cut.
  std::optional<std::string> error;  // Part of the error expected.
  std::vector<ExpectedItem> expected;
};

using ScriptCommand = std::variant<LoadCommand, ClearCommand, EvalCommand>;
using Script = std::vector<ScriptCommand>;

// kInvalidArgument `line 12: ...`.
Result<Script> ParseScript(std::string_view text);

// The pieces of an answer, one text each. Expectations and answers are compared as such texts:
//   {a="b"} 10s "a line"               an entry; `meta {...} parsed {...}` follow with categories
//   {a="b"} 10s 2.5                    a point; without its time in an instant vector
//   scalar 2.5
//   warning "text"
std::string ShowEntry(const model::Labels& labels, const model::ResultEntry& entry,
                      bool categorized);
std::string ShowPoint(const model::Labels& labels, std::optional<int64_t> time_ns, double value);
std::string ShowScalar(double value);
std::string ShowWarning(std::string_view text);

}  // namespace skald::test
