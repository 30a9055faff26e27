#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "common/multi_search.h"
#include "common/regex.h"
#include "common/status.h"
#include "common/substring_search.h"
#include "logql/ast.h"
#include "logql/stages/stage.h"
#include "model/entry_block.h"

namespace skald::logql {

// One of the alternatives of a line filter.
//
// Threads: immutable; any thread may test.
class LineTest {
 public:
  virtual ~LineTest() = default;
  virtual bool Matches(std::string_view line) const = 0;
  // Texts of which every matching line contains one; empty if unknown. Found in whole blocks at a
  // time, so that Matches is asked about few lines.
  const std::vector<SubstringSearch>& required() const { return required_; }
  // Whether a line with one of them surely matches.
  bool required_suffices() const { return required_suffices_; }

 protected:
  std::vector<SubstringSearch> required_;
  bool required_suffices_ = false;
};

// |= != |~ !~ |> !>: keeps the lines for which any alternative (negated: none) holds.
class LineFilterStage final : public BatchStage {
 public:
  // kInvalidArgument with the cause: a bad regex, pattern or ip().
  static Result<std::unique_ptr<LineFilterStage>> Make(const LineFilter& filter);

  // Narrows the ascending rows of `lines` in `selection`. Searches the buffer as a whole while
  // most of it is selected.
  void FilterBlock(const model::TextColumn& lines, std::vector<uint32_t>& selection);

  // On lines that may have been replaced.
  void Run(RowSlice& rows) override;

 private:
  LineFilterStage() = default;
  // An alternative, with the search for what it requires where that is many texts.
  struct Alternative {
    std::unique_ptr<LineTest> test;
    std::unique_ptr<MultiSearch> search;
  };

  void MarkMatches(const Alternative& alternative, const model::TextColumn& lines,
                   const std::vector<uint32_t>& selection);
  // Marks `row`, which contains a text that `test` requires, if the test holds.
  void MarkCandidate(const LineTest& test, const model::TextColumn& lines, uint32_t row);
  bool Keeps(std::string_view line) const;

  bool negated_ = false;
  bool always_ = false;  // Every line matches: an empty text is among the alternatives.
  std::vector<Alternative> alternatives_;
  std::vector<uint64_t> hits_;  // A bit for each row of the block.
};

}  // namespace skald::logql
