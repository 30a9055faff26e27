#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "differential/data_set.h"
#include "logql/engine.h"

namespace skald::differential {

// A query's text with the parameters that come beside it; `query.expr` is not set.
struct GeneratedQuery {
  std::string text;
  logql::Query query;
  // Of GenerateSearch: the kind of its filter; of GeneratePartSearch: kPartSearch.
  std::string_view search;
};

// Draws a query that mostly finds something in `data`: its selectors and literals are taken from
// there.
GeneratedQuery GenerateQuery(uint64_t seed, const DataSet& data);

// Kinds of filters by which blocks and packs are ruled out.
inline constexpr std::array<std::string_view, 6> kSearches = {"contains",    "folded",  "regex",
                                                              "alternation", "pattern", "metadata"};
// A query over all time that has one filter, of a text that few entries or none have.
GeneratedQuery GenerateSearch(uint64_t seed, const DataSet& data);
inline constexpr std::string_view kPartSearch = "parts";
// One over all time that looks for parts of a line, which begin and end anywhere, or for what
// differs from them by a byte.
GeneratedQuery GeneratePartSearch(uint64_t seed, const DataSet& data);

}  // namespace skald::differential
