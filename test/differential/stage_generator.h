#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "differential/data_set.h"
#include "differential/part_filters.h"
#include "differential/random.h"

namespace skald::differential {

// Draws selectors and stages, as text.
//
// Ownership: borrows random and data.
// Threads:   not synchronised.
class StageGenerator {
 public:
  StageGenerator(Random& random, const DataSet& data)
      : random_(random), data_(data), parts_(random) {}

  std::string Selector();
  // Stages, each with a blank before it. `keeps_details` says whether error details may be left to
  // tell rows apart by.
  std::string Pipeline(bool keeps_details);
  // One filter of a kind of kSearches, for one of the data's rare texts or what is much like it.
  std::string Search(std::string_view kind);
  // A selector, and one or two filters for parts of one of the data's lines, or what is much like
  // these.
  std::string PartSearch();
  std::string LabelFilter(int levels);
  std::string LabelList(uint64_t at_most);
  const std::string& LabelName();

 private:
  std::string AnyStage();
  std::string LineFilter();
  std::string LineLiteral();
  std::string LineRegex();
  std::string LinePattern();
  std::string Parser();
  std::string Json();
  std::string Logfmt();
  std::string Comparison();
  std::string Matcher();
  std::string NamesOrMatchers();
  std::string LabelFormat();
  std::string Template();
  std::string SelectorOf(const LabelMap& labels);
  std::string RareText();
  std::string RareTrace();
  // A line of the data, or a text that is in none.
  std::string SomeLine();

  Random& random_;
  const DataSet& data_;
  PartFilters parts_;
};

}  // namespace skald::differential
