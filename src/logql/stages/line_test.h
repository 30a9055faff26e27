#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "common/byte_set_search.h"
#include "common/status.h"
#include "common/substring_search.h"
#include "logql/ast.h"

namespace skald::logql {

// One of the alternatives of a line filter, negation apart.
//
// Threads: immutable; any thread may test.
class LineTest {
 public:
  // kInvalidArgument with the cause: a bad regex, pattern or ip().
  static Result<std::unique_ptr<LineTest>> Make(LineFilterOp op, const LineFilterArg& arg);
  virtual ~LineTest() = default;

  virtual bool Matches(std::string_view line) const = 0;
  // True if it surely matches every line.
  bool matches_all() const { return matches_all_; }
  // Texts of which every matching line contains one; empty if unknown.
  const std::vector<SubstringSearch>& required() const { return required_; }
  // Whether a line with one of them surely matches.
  bool required_suffices() const { return required_suffices_; }
  // A search that every matching line has a place for. Used where required() is empty; may be
  // missing as well.
  const std::optional<ByteSetSearch>& window() const { return window_; }

 protected:
  std::vector<SubstringSearch> required_;
  bool required_suffices_ = false;
  std::optional<ByteSetSearch> window_;
  bool matches_all_ = false;
};

}  // namespace skald::logql
