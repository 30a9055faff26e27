#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "logql/ast.h"
#include "logql/stages/line_test.h"
#include "model/labels.h"
#include "model/matcher.h"

namespace skald::deletes {

// Which patterns lines may have had that a log query selects. Only the line filters and filters of
// `detected_level` that come first can tell: a pattern that is a whole line either passes them or
// not, of others it is known what text each of their lines has. All else may be.
//
// Ownership: borrows the query.
// Threads:   immutable; any thread may call.
class PatternCheck {
 public:
  explicit PatternCheck(const logql::LogExpr& log);
  PatternCheck(const PatternCheck&) = delete;
  PatternCheck& operator=(const PatternCheck&) = delete;

  // Whether the selector may match streams whose patterns are written as {__pattern__="<service>"}.
  bool MaySelect(std::string_view service) const;

  // Whether lines of the stream that have the level and the pattern may be selected. Requires: the
  // selector matches the stream.
  bool MaySelect(const model::Labels& stream, std::string_view level,
                 std::string_view pattern) const;

 private:
  struct LineCheck {
    bool negated = false;
    std::vector<std::unique_ptr<logql::LineTest>> any;
    std::vector<std::string> without;  // Lines have none of these.

    bool MayPass(std::string_view pattern) const;
  };

  void Add(const logql::LineFilter& filter);
  void Add(const logql::LabelFilter& filter);

  std::vector<const model::Matcher*> services_;
  std::vector<const model::Matcher*> levels_;
  std::vector<LineCheck> lines_;
};

}  // namespace skald::deletes
