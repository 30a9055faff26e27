#include "differential/answer.h"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "common/quote.h"
#include "differential/oracle_row.h"

namespace skald::differential {
namespace {

LabelMap ToMap(const model::Labels& labels) {
  LabelMap map;
  for (const model::LabelView label : labels) {
    map[std::string(label.name)] = label.name == kDetailsLabel ? "?" : std::string(label.value);
  }
  return map;
}

struct Converter {
  Answer& answer;

  void operator()(const model::Streams& data) const {
    answer.kind = Answer::Kind::kStreams;
    for (const model::ResultStream& stream : data.streams) {
      auto& lines = answer.streams[ToMap(stream.labels)];
      for (const model::ResultEntry& e : stream.entries) {
        lines.push_back({e.time_ns, e.line, ToMap(e.structured_metadata), ToMap(e.parsed)});
      }
    }
  }
  void operator()(const model::Matrix& data) const {
    answer.kind = Answer::Kind::kMatrix;
    for (const model::Series& series : data.series) AddSeries(series);
  }
  void operator()(const model::Vector& data) const {
    answer.kind = Answer::Kind::kVector;
    for (const model::Series& series : data.samples) {
      AddSeries(series);
      answer.values.push_back(series.points.at(0).value);
    }
  }
  void operator()(const model::Scalar& data) const {
    answer.kind = Answer::Kind::kScalar;
    answer.series[{}] = {{data.point.time_ms, data.point.value}};
  }

  void AddSeries(const model::Series& series) const {
    auto [it, is_new] = answer.series.try_emplace(ToMap(series.labels));
    if (!is_new) answer.ambiguous = true;
    for (const model::Point& p : series.points) it->second.emplace_back(p.time_ms, p.value);
  }
};

bool Near(double a, double b) {
  if (std::isnan(a) || std::isnan(b)) return std::isnan(a) == std::isnan(b);
  if (a == b) return true;
  return std::fabs(a - b) <= 1e-9 * std::max({std::fabs(a), std::fabs(b), 1e-3});
}

bool Near(const AnswerPoints& a, const AnswerPoints& b) {
  return std::ranges::equal(a, b, [](const auto& x, const auto& y) {
    return x.first == y.first && Near(x.second, y.second);
  });
}

std::string Text(const AnswerPoints& points) {
  std::ostringstream out;
  out.precision(17);
  for (const auto& [time, value] : points) out << " " << time << ":" << value;
  return out.str();
}

std::string Text(const std::vector<AnswerLine>& lines) {
  std::ostringstream out;
  for (const AnswerLine& line : lines) {
    out << "\n      " << line.time_ns << " " << GoQuote(line.line);
    if (!line.metadata.empty()) out << " metadata " << ToString(line.metadata);
    if (!line.parsed.empty()) out << " parsed " << ToString(line.parsed);
  }
  return out.str();
}

// Streams that differed in the texts of errors have become one: their lines are put in order.
std::map<LabelMap, std::vector<AnswerLine>> InKnownOrder(
    std::map<LabelMap, std::vector<AnswerLine>> streams) {
  for (auto& [labels, lines] : streams) {
    if (!labels.contains(kDetailsLabel)) continue;
    std::ranges::sort(lines, {}, [](const AnswerLine& l) { return std::pair(l.time_ns, l.line); });
  }
  return streams;
}

// Names the first of the keys whose values differ.
template <typename Map, typename Equal>
std::string FirstDifference(const Map& expected, const Map& actual, Equal equal) {
  for (const auto& [labels, value] : expected) {
    const auto it = actual.find(labels);
    if (it == actual.end()) return ToString(labels) + " is missing";
    if (!equal(value, it->second)) {
      return ToString(labels) + "\n    expected:" + Text(value) +
             "\n    actual:  " + Text(it->second);
    }
  }
  for (const auto& [labels, value] : actual) {
    if (!expected.contains(labels)) return ToString(labels) + " is too much";
  }
  return "";
}

}  // namespace

Answer ToAnswer(const Result<model::QueryResult>& result) {
  Answer answer;
  answer.code = result.status().code();
  answer.message = result.status().message();
  if (result.ok()) std::visit(Converter{answer}, result->data);
  return answer;
}

std::string Difference(const Answer& expected, const Answer& actual) {
  if (expected.code != actual.code) {
    return "status " + std::to_string(static_cast<int>(expected.code)) + " " + expected.message +
           " != " + std::to_string(static_cast<int>(actual.code)) + " " + actual.message;
  }
  if (expected.code != StatusCode::kOk || expected.ambiguous || actual.ambiguous) return "";
  if (expected.kind != actual.kind) return "kinds differ";
  const std::string streams =
      FirstDifference(InKnownOrder(expected.streams), InKnownOrder(actual.streams),
                      std::equal_to<std::vector<AnswerLine>>());
  if (!streams.empty()) return streams;
  const std::string series =
      FirstDifference(expected.series, actual.series,
                      [](const AnswerPoints& a, const AnswerPoints& b) { return Near(a, b); });
  if (!series.empty()) return series;
  const auto near = [](double a, double b) { return Near(a, b); };
  const bool ordered =
      expected.values.empty() || std::ranges::equal(expected.values, actual.values, near);
  return ordered ? "" : "order of the vector";
}

std::string ToString(const LabelMap& labels) {
  std::string out = "{";
  for (const auto& [name, value] : labels) {
    out += (out.size() == 1 ? "" : ", ") + name + "=" + GoQuote(value);
  }
  return out + "}";
}

std::string ToString(const Answer& answer) {
  if (answer.code != StatusCode::kOk) return "error: " + answer.message;
  std::string out;
  for (const auto& [labels, lines] : answer.streams) {
    out += "\n    " + ToString(labels) + Text(lines);
  }
  for (const auto& [labels, points] : answer.series) {
    out += "\n    " + ToString(labels) + Text(points);
  }
  return out.empty() ? "nothing" : out;
}

}  // namespace skald::differential
