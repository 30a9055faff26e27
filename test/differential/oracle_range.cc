#include "differential/oracle_range.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include "differential/oracle_stages.h"
#include "differential/oracle_values.h"

namespace skald::differential {
namespace {

using logql::RangeOp;
using logql::UnwrapConversion;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNotANumber = std::numeric_limits<double>::quiet_NaN();

bool Contains(const std::vector<std::string>& list, const std::string& name) {
  return std::ranges::find(list, name) != list.end();
}

std::optional<double> Convert(UnwrapConversion conversion, const std::string& text) {
  switch (conversion) {
    case UnwrapConversion::kNone:
      return ParseNumber(text);
    case UnwrapConversion::kBytes:
      return ParseBytes(text);
    default:
      return ParseSeconds(text);
  }
}

// Who asks for rows by their error gets those that stages have failed on, and no failure for them.
void PreserveError(bool mentioned, Row& row) {
  if (mentioned && row.HasError()) row.Set(kPreserveLabel, "true");
}

// The number that `| unwrap` takes from a row; nothing if the row gives none.
std::optional<double> UnwrapRow(const logql::Unwrap& unwrap, bool error_mentioned, Row& row) {
  const std::string text = row.Get(unwrap.label);
  if (text.empty()) return std::nullopt;
  const auto value = Convert(unwrap.conversion, text);
  if (!value) row.SetError("SampleExtractionErr");
  const bool failed = row.HasError();
  for (const logql::LabelFilter& filter : unwrap.filters) {
    if (!Passes(filter, row)) return std::nullopt;
  }
  if (!failed) PreserveError(error_mentioned, row);
  return value.value_or(0);
}

struct TimedValue {
  int64_t time_ns = 0;
  double value = 0;

  friend auto operator<=>(const TimedValue&, const TimedValue&) = default;
};
using Window = std::vector<TimedValue>;

double Sum(const Window& window) {
  long double sum = 0;
  for (const TimedValue& v : window) sum += v.value;
  return static_cast<double>(sum);
}

double Mean(const Window& window) {
  long double sum = 0;
  for (const TimedValue& v : window) sum += v.value;
  return static_cast<double>(sum / static_cast<long double>(window.size()));
}

double Variance(const Window& window) {
  const double mean = Mean(window);
  double sum = 0;
  for (const TimedValue& v : window) sum += (v.value - mean) * (v.value - mean);
  return sum / static_cast<double>(window.size());
}

double Extreme(const Window& window, bool largest) {
  double best = kNotANumber;
  for (const TimedValue& v : window) {
    if (std::isnan(best) || (largest ? v.value > best : v.value < best)) best = v.value;
  }
  return best;
}

double Quantile(const Window& window, double phi) {
  if (phi < 0) return -kInfinity;
  if (phi > 1) return kInfinity;
  std::vector<double> values;
  for (const TimedValue& v : window) values.push_back(v.value);
  std::ranges::sort(values,
                    [](double a, double b) { return std::isnan(a) > std::isnan(b) || a < b; });
  const double rank = phi * (static_cast<double>(values.size()) - 1);
  const auto below = static_cast<size_t>(std::floor(rank));
  const size_t above = std::min(below + 1, values.size() - 1);
  const double weight = rank - std::floor(rank);
  if (weight == 0) return values[below];
  return values[below] * (1 - weight) + values[above] * weight;
}

// As Prometheus' rate(): a counter that may start anew, continued to the window's edges.
double CounterRate(const Window& window, int64_t begin_ns, int64_t end_ns) {
  if (window.size() < 2) return 0;
  double increase = window.back().value - window.front().value;
  for (size_t i = 1; i < window.size(); ++i) {
    if (window[i].value < window[i - 1].value) increase += window[i - 1].value;
  }
  const auto seconds = [](int64_t ns) { return static_cast<double>(ns) / 1e9; };
  const double sampled = seconds(window.back().time_ns - window.front().time_ns);
  const double average = sampled / static_cast<double>(window.size() - 1);
  double before = seconds(window.front().time_ns - begin_ns);
  const double after = seconds(end_ns - window.back().time_ns);
  if (increase > 0 && window.front().value >= 0) {
    before = std::min(before, sampled * (window.front().value / increase));
  }
  double extrapolated = sampled;
  extrapolated += before < average * 1.1 ? before : average / 2;
  extrapolated += after < average * 1.1 ? after : average / 2;
  return increase * (extrapolated / sampled) / seconds(end_ns - begin_ns);
}

double Aggregate(const logql::RangeAggregation& expr, const Window& window, int64_t begin_ns,
                 int64_t end_ns) {
  const double range_seconds = static_cast<double>(end_ns - begin_ns) / 1e9;
  switch (expr.op) {
    case RangeOp::kCount:
    case RangeOp::kBytes:
    case RangeOp::kSum:
      return Sum(window);
    case RangeOp::kRate:
    case RangeOp::kBytesRate:
      return Sum(window) / range_seconds;
    case RangeOp::kRateCounter:
      return CounterRate(window, begin_ns, end_ns);
    case RangeOp::kAvg:
      return Mean(window);
    case RangeOp::kMin:
      return Extreme(window, false);
    case RangeOp::kMax:
      return Extreme(window, true);
    case RangeOp::kStdvar:
      return Variance(window);
    case RangeOp::kStddev:
      return std::sqrt(Variance(window));
    case RangeOp::kQuantile:
      return Quantile(window, *expr.parameter);
    case RangeOp::kFirst:
      return window.front().value;
    case RangeOp::kLast:
      return window.back().value;
    case RangeOp::kAbsent:
    case RangeOp::kCountDistinct:  // Generated queries have none.
      break;
  }
  return 1;
}

// What absent_over_time's element is called: by the selector's equalities, but for names that it
// speaks of in another way, too.
LabelMap AbsentLabels(const model::Matchers& matchers) {
  LabelMap labels;
  for (const model::Matcher& matcher : matchers) {
    const auto mentions = std::ranges::count(matchers, matcher.name(), &model::Matcher::name);
    if (matcher.op() == model::MatchOp::kEqual && mentions == 1 && !matcher.value().empty()) {
      labels[matcher.name()] = matcher.value();
    }
  }
  return labels;
}

uint64_t StreamHash(const LabelMap& stream) {
  std::vector<model::LabelView> labels;
  for (const auto& [name, value] : stream) labels.push_back({name, value});
  return model::Labels(std::move(labels)).Hash().value();
}

}  // namespace

LabelMap GroupLabels(const std::optional<logql::Grouping>& grouping, const LabelMap& labels) {
  LabelMap group;
  if (!grouping) return group;
  for (const auto& [name, value] : labels) {
    if (Contains(grouping->labels, name) != grouping->without) group[name] = value;
  }
  return group;
}

std::vector<RangeSample> Samples(const logql::RangeAggregation& expr, const DataSet& data,
                                 ParserErrors parser_errors) {
  const logql::LogRange& range = expr.range;
  const bool mentioned = MentionsError(range);
  std::vector<RangeSample> samples;
  for (Row& row :
       Select(range.log.matchers, data, mentioned ? ParserErrors::kCount : parser_errors)) {
    if (!RunStages(range.log.stages, row)) continue;
    PreserveError(mentioned, row);
    RangeSample sample{.time_ns = row.time_ns,
                       .stream = StreamHash(row.stream),
                       .series = {},
                       .value = 1,
                       .failed = false};
    if (range.unwrap) {
      const auto value = UnwrapRow(*range.unwrap, mentioned, row);
      if (!value) continue;
      sample.value = *value;
    } else if (expr.op == RangeOp::kBytes || expr.op == RangeOp::kBytesRate) {
      sample.value = static_cast<double>(row.line.size());
    }
    sample.failed = row.HasError() && row.Get(kPreserveLabel) != "true";
    LabelMap labels = row.AllLabels();
    std::erase_if(labels, [](const auto& label) { return label.second.empty(); });
    if (range.unwrap && (!expr.grouping || expr.grouping->without)) {
      labels.erase(range.unwrap->label);
    }
    sample.series = expr.grouping ? GroupLabels(expr.grouping, labels) : labels;
    samples.push_back(std::move(sample));
  }
  std::ranges::stable_sort(samples, {}, [](const RangeSample& sample) {
    return std::pair(sample.time_ns, sample.stream);
  });
  return samples;
}

Result<std::vector<Element>> EvaluateRange(const logql::RangeAggregation& expr,
                                           const std::vector<RangeSample>& samples,
                                           int64_t time_ns) {
  const int64_t end_ns = time_ns - expr.range.offset_ns;
  const int64_t begin_ns = end_ns - expr.range.range_ns;
  std::map<LabelMap, Window> windows;
  for (const RangeSample& sample : samples) {
    if (sample.time_ns <= begin_ns || sample.time_ns > end_ns) continue;
    if (sample.failed) return InvalidArgument("pipeline error");
    windows[sample.series].push_back({sample.time_ns, sample.value});
  }
  std::vector<Element> elements;
  if (expr.op == RangeOp::kAbsent) {
    if (windows.empty()) elements.push_back({AbsentLabels(expr.range.log.matchers), 1});
    return elements;
  }
  for (auto& [labels, window] : windows) {
    const bool by_arrival = expr.op == RangeOp::kFirst || expr.op == RangeOp::kLast;
    if (!by_arrival) std::ranges::sort(window);
    elements.push_back({labels, Aggregate(expr, window, begin_ns, end_ns)});
  }
  return elements;
}

}  // namespace skald::differential
