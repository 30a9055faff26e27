#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "common/status.h"
#include "differential/data_set.h"
#include "model/sample.h"

namespace skald::differential {

struct AnswerLine {
  int64_t time_ns = 0;
  std::string line;
  LabelMap metadata;  // Of categorised answers.
  LabelMap parsed;

  friend bool operator==(const AnswerLine&, const AnswerLine&) = default;
};

using AnswerPoints = std::vector<std::pair<int64_t, double>>;  // In milliseconds.

// What a query answers, in a form in which two answers can be compared.
struct Answer {
  enum class Kind { kStreams, kMatrix, kVector, kScalar };

  StatusCode code = StatusCode::kOk;
  std::string message;
  Kind kind = Kind::kStreams;
  std::map<LabelMap, std::vector<AnswerLine>> streams;
  std::map<LabelMap, AnswerPoints> series;
  std::vector<double> values;  // Of a vector's series, in their order if it is any.
  // The query has more than one right answer: ties that nobody breaks, series that became one.
  bool ambiguous = false;

  bool empty() const { return code == StatusCode::kOk && streams.empty() && series.empty(); }
};

// An engine's answer. Texts of error details become "?".
Answer ToAnswer(const Result<model::QueryResult>& result);

// What is different, in words; "" if nothing is. Numbers may differ by rounding.
std::string Difference(const Answer& expected, const Answer& actual);

std::string ToString(const LabelMap& labels);
std::string ToString(const Answer& answer);

}  // namespace skald::differential
