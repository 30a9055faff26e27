#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/status.h"
#include "differential/data_set.h"
#include "differential/oracle_row.h"
#include "logql/ast.h"

namespace skald::differential {

// One element of an instant vector.
struct Element {
  LabelMap labels;
  double value = 0;
};

// What an entry gives to a range aggregation.
struct RangeSample {
  int64_t time_ns = 0;
  uint64_t stream = 0;  // Hash of its labels.
  LabelMap series;
  double value = 0;
  bool failed = false;  // Its entry has an error that ends the query.
};

// All samples of the data, ordered by time, then by stream, then by arrival.
std::vector<RangeSample> Samples(const logql::RangeAggregation& expr, const DataSet& data,
                                 ParserErrors parser_errors);

// The aggregation's vector at `time_ns`, from the samples in its window.
Result<std::vector<Element>> EvaluateRange(const logql::RangeAggregation& expr,
                                           const std::vector<RangeSample>& samples,
                                           int64_t time_ns);

// The labels that a group by `grouping` is known by.
LabelMap GroupLabels(const std::optional<logql::Grouping>& grouping, const LabelMap& labels);

}  // namespace skald::differential
