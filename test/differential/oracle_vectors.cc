#include "differential/oracle_vectors.h"

#include <re2/re2.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <string>

namespace skald::differential {
namespace {

using logql::BinaryOp;
using logql::Cardinality;
using logql::VectorOp;

std::vector<Element> Largest(std::vector<Element> group, size_t k, bool largest) {
  std::ranges::stable_sort(group, [&](const Element& a, const Element& b) {
    if (std::isnan(a.value) || std::isnan(b.value))
      return std::isnan(a.value) < std::isnan(b.value);
    return largest ? a.value > b.value : a.value < b.value;
  });
  if (group.size() > k) group.resize(k);
  return group;
}

double Reduce(VectorOp op, const std::vector<Element>& group) {
  const auto count = static_cast<double>(group.size());
  long double sum = 0;
  double low = std::numeric_limits<double>::quiet_NaN();
  double high = low;
  for (const Element& e : group) {
    sum += e.value;
    if (std::isnan(low) || e.value < low) low = e.value;
    if (std::isnan(high) || e.value > high) high = e.value;
  }
  const auto mean = static_cast<double>(sum / count);
  double squares = 0;
  for (const Element& e : group) squares += (e.value - mean) * (e.value - mean);
  switch (op) {
    case VectorOp::kSum:
      return static_cast<double>(sum);
    case VectorOp::kAvg:
      return mean;
    case VectorOp::kMax:
      return high;
    case VectorOp::kMin:
      return low;
    case VectorOp::kCount:
      return count;
    case VectorOp::kStdvar:
      return squares / count;
    default:
      return std::sqrt(squares / count);
  }
}

// What elements of both sides must have in common to be combined.
LabelMap MatchingKey(const logql::VectorMatching& matching, const LabelMap& labels) {
  return GroupLabels(logql::Grouping{.without = !matching.on, .labels = matching.labels}, labels);
}

std::vector<Element> CombineSets(BinaryOp op, const logql::VectorMatching& matching,
                                 const std::vector<Element>& left,
                                 const std::vector<Element>& right) {
  std::set<LabelMap> left_keys;
  std::set<LabelMap> right_keys;
  for (const Element& e : left) left_keys.insert(MatchingKey(matching, e.labels));
  for (const Element& e : right) right_keys.insert(MatchingKey(matching, e.labels));
  std::vector<Element> out;
  for (const Element& e : left) {
    const bool has_match = right_keys.contains(MatchingKey(matching, e.labels));
    if (op == BinaryOp::kOr || has_match == (op == BinaryOp::kAnd)) out.push_back(e);
  }
  if (op == BinaryOp::kOr) {
    for (const Element& e : right) {
      if (!left_keys.contains(MatchingKey(matching, e.labels))) out.push_back(e);
    }
  }
  return out;
}

LabelMap ResultLabels(const logql::VectorMatching& matching, const Element& many,
                      const Element& one) {
  if (matching.cardinality == Cardinality::kOneToOne) return MatchingKey(matching, many.labels);
  LabelMap labels = many.labels;
  for (const std::string& name : matching.include) {
    const auto it = one.labels.find(name);
    if (it == one.labels.end()) {
      labels.erase(name);
    } else {
      labels[name] = it->second;
    }
  }
  return labels;
}

// Go's expansion of $1 and ${name}.
std::string Expand(const std::string& replacement, const RE2& regex,
                   const std::vector<re2::StringPiece>& groups) {
  static const RE2 kReference(R"(\$(?:\{(\w+)\}|(\w+)|(\$)))");
  std::string out;
  re2::StringPiece rest(replacement);
  re2::StringPiece found[4];
  while (kReference.Match(rest, 0, rest.size(), RE2::UNANCHORED, found, 4)) {
    out.append(rest.data(), found[0].data() - rest.data());
    rest.remove_prefix(found[0].data() + found[0].size() - rest.data());
    if (!found[3].empty()) {
      out += '$';
      continue;
    }
    const std::string name = (found[1].empty() ? found[2] : found[1]).as_string();
    const auto named = regex.NamedCapturingGroups().find(name);
    size_t index = groups.size();
    if (named != regex.NamedCapturingGroups().end()) {
      index = static_cast<size_t>(named->second);
    } else if (name.find_first_not_of("0123456789") == std::string::npos) {
      index = std::stoul(name);
    }
    if (index < groups.size()) out.append(groups[index].data(), groups[index].size());
  }
  return out.append(rest.data(), rest.size());
}

}  // namespace

std::vector<Element> AggregateVector(const logql::VectorAggregation& expr,
                                     const std::vector<Element>& in) {
  const size_t k = expr.parameter ? static_cast<size_t>(*expr.parameter) : in.size();
  std::map<LabelMap, std::vector<Element>> groups;
  for (const Element& e : in) groups[GroupLabels(expr.grouping, e.labels)].push_back(e);
  std::vector<Element> out;
  for (const auto& [labels, group] : groups) {
    switch (expr.op) {
      case VectorOp::kTopk:
      case VectorOp::kBottomk:
      case VectorOp::kSort:
      case VectorOp::kSortDesc: {
        const bool largest = expr.op == VectorOp::kTopk || expr.op == VectorOp::kSortDesc;
        for (const Element& e : Largest(group, k, largest)) out.push_back(e);
        break;
      }
      default:
        out.push_back({labels, Reduce(expr.op, group)});
    }
  }
  return out;
}

bool Holds(BinaryOp op, double a, double b) {
  switch (op) {
    case BinaryOp::kEq:
      return a == b;
    case BinaryOp::kNotEq:
      return a != b;
    case BinaryOp::kLess:
      return a < b;
    case BinaryOp::kLessEq:
      return a <= b;
    case BinaryOp::kGreater:
      return a > b;
    case BinaryOp::kGreaterEq:
      return a >= b;
    default:
      return true;
  }
}

double Compute(BinaryOp op, double a, double b) {
  const double not_a_number = std::numeric_limits<double>::quiet_NaN();
  switch (op) {
    case BinaryOp::kAdd:
      return a + b;
    case BinaryOp::kSub:
      return a - b;
    case BinaryOp::kMul:
      return a * b;
    case BinaryOp::kDiv:
      return b == 0 ? not_a_number : a / b;
    case BinaryOp::kMod:
      return b == 0 ? not_a_number : std::fmod(a, b);
    case BinaryOp::kPow:
      return std::pow(a, b);
    default:
      return Holds(op, a, b) ? 1 : 0;
  }
}

std::vector<Element> CombineWithNumber(const logql::BinaryExpr& expr,
                                       const std::vector<Element>& in, double number,
                                       bool number_is_left) {
  std::vector<Element> out;
  for (const Element& e : in) {
    const double a = number_is_left ? number : e.value;
    const double b = number_is_left ? e.value : number;
    if (logql::IsComparison(expr.op) && !expr.return_bool) {
      if (Holds(expr.op, a, b)) out.push_back(e);
    } else {
      out.push_back({e.labels, Compute(expr.op, a, b)});
    }
  }
  return out;
}

Result<std::vector<Element>> Combine(const logql::BinaryExpr& expr,
                                     const std::vector<Element>& left,
                                     const std::vector<Element>& right) {
  const logql::VectorMatching matching = expr.matching.value_or(logql::VectorMatching());
  if (logql::IsSetOp(expr.op)) return CombineSets(expr.op, matching, left, right);
  const bool swapped = matching.cardinality == Cardinality::kOneToMany;
  const std::vector<Element>& many = swapped ? right : left;
  const std::vector<Element>& one = swapped ? left : right;
  std::map<LabelMap, Element> ones;
  for (const Element& e : one) {
    if (!ones.emplace(MatchingKey(matching, e.labels), e).second) {
      return Status(StatusCode::kUnknown, "found duplicate series on the one side");
    }
  }
  std::vector<Element> out;
  std::set<LabelMap> seen;
  for (const Element& e : many) {
    const auto match = ones.find(MatchingKey(matching, e.labels));
    if (match == ones.end()) continue;
    const double a = swapped ? match->second.value : e.value;
    const double b = swapped ? e.value : match->second.value;
    const LabelMap labels = ResultLabels(matching, e, match->second);
    if (!seen.insert(labels).second)
      return Status(StatusCode::kUnknown, "multiple matches for labels");
    const bool filters = logql::IsComparison(expr.op) && !expr.return_bool;
    if (!filters || Holds(expr.op, a, b)) {
      out.push_back({labels, filters ? a : Compute(expr.op, a, b)});
    }
  }
  return out;
}

std::vector<Element> ReplaceLabel(const logql::LabelReplace& expr, std::vector<Element> in) {
  const RE2 regex("(?:" + expr.pattern + ")");
  for (Element& e : in) {
    const auto it = e.labels.find(expr.source);
    const std::string value = it == e.labels.end() ? "" : it->second;
    std::vector<re2::StringPiece> groups(regex.NumberOfCapturingGroups() + 1);
    if (!regex.Match(value, 0, value.size(), RE2::ANCHOR_BOTH, groups.data(),
                     static_cast<int>(groups.size()))) {
      continue;
    }
    const std::string text = Expand(expr.replacement, regex, groups);
    if (text.empty()) {
      e.labels.erase(expr.destination);
    } else {
      e.labels[expr.destination] = text;
    }
  }
  return in;
}

}  // namespace skald::differential
