#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "logql/ast.h"
#include "logql/found_entry.h"
#include "logql/stages/row_marks.h"
#include "model/ids.h"

namespace skald::logql {

// As `sort` reads it: a number, duration or size counts as a number, in seconds or bytes.
MarkedValue ReadMarkedValue(std::string_view text);

// The order of `sort`: numbers, then texts, then what has no value. `desc` turns numbers and texts
// around, each among themselves.
bool SortsBefore(const MarkedValue& a, const MarkedValue& b, bool descending);

// What the answer stages of a query (distinct, sort, limit) make of its entries.
//
// All entries are never held: the first stage that is no sort decides which of those found so far
// still count. Say D is the direction's order, or that of the sorts before the stage. A `limit n`,
// or the end of the query with its own limit, needs the first n in D; a `distinct` the first of
// each value in D, and of those again the first n if a limit follows at once.
//
//   {app="web"} | json | sort by took desc | limit 5        the 5 slowest
//   {app="web"} | json | distinct user                      one for each user, up to the limit
//   {app="web"} | json | distinct user | level="error"      one for each user
//
// Ownership: borrows the stages.
// Threads:   immutable.
class AnswerStages {
 public:
  // `stages` as the pipeline runs them; `limit` is the query's.
  AnswerStages(const std::vector<const Stage*>& stages, size_t limit, model::Direction direction);

  bool empty() const { return stages_.empty(); }
  // Whether the answer is no longer in the order of time.
  bool sorts() const;
  // The stage that decides, size() for the end: entries that do not get there do not count.
  size_t deciding() const { return deciding_; }
  size_t size() const { return stages_.size(); }
  const Stage& at(size_t stage) const { return *stages_[stage]; }

  // Whether the deciding stage sees entries in the order of time.
  bool decides_by_time() const { return deciding_ == 0; }
  bool decides_by_value() const { return distinct_; }
  // How many entries count of those seen; kNoCut for all that differ.
  static constexpr size_t kNoCut = ~size_t{0};
  size_t cut() const { return cut_; }
  // What a row is marked with at a stage that it gets to.
  MarkedValue ReadValue(size_t stage, const RowMarks& marks, size_t row) const;
  // The order in which the deciding stage sees entries.
  bool Before(const FoundEntry& a, const FoundEntry& b) const;

  // Takes from `entries` what does not count, whatever else is found; those left are ordered by
  // Before if decides_by_value.
  void Reduce(std::vector<FoundEntry>& entries) const;

  // The answer made of all entries that count, in order.
  void Finish(std::vector<FoundEntry>& entries) const;

 private:
  bool ByTime(const FoundEntry& a, const FoundEntry& b) const;
  size_t CutFrom(size_t stage) const;

  const size_t limit_;
  const model::Direction direction_;
  std::vector<const Stage*> stages_;
  std::vector<bool>
      drops_behind_;  // Whether entries may be dropped between the stage and the next.
  size_t deciding_ = 0;
  bool distinct_ = false;
  size_t cut_ = kNoCut;
};

}  // namespace skald::logql
