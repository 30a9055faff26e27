#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/regex.h"
#include "common/status.h"
#include "model/labels.h"

namespace skald::model {

enum class MatchOp { kEqual, kNotEqual, kRegex, kNotRegex };

// "=", "!=", "=~", "!~".
std::string_view MatchOpText(MatchOp op);

// One condition on a label's value; a label that is missing has the value "".
//
// Threads: immutable; any thread may match.
class Matcher {
 public:
  // kInvalidArgument for a bad regex. Regexes are anchored at both ends and `.` matches newline.
  static Result<Matcher> Make(MatchOp op, std::string_view name, std::string_view value);

  bool Matches(std::string_view value) const;
  bool MatchesEmpty() const { return Matches(""); }

  MatchOp op() const { return op_; }
  const std::string& name() const { return name_; }
  const std::string& value() const { return value_; }
  // The values of a =~ that is only an alternation of literals, else null.
  const std::vector<std::string>* literal_set() const;

  // name="value", quoted as Go does.
  std::string ToString() const;

 private:
  Matcher() = default;

  MatchOp op_ = MatchOp::kEqual;
  std::string name_;
  std::string value_;
  std::shared_ptr<const Regex> regex_;
};

// All must hold.
using Matchers = std::vector<Matcher>;

bool MatchesAll(const Matchers& matchers, const Labels& labels);
// Whether labels that are all missing match: what says nothing of which streams are wanted. Sources
// leave the system's own streams out then.
bool MatchesEmpty(const Matchers& matchers);

// {a="b", c=~"d"}
std::string ToString(const Matchers& matchers);

}  // namespace skald::model
