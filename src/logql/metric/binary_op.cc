#include "logql/metric/binary_op.h"

#include <string>
#include <utility>
#include <vector>

#include "common/hash.h"
#include "logql/arithmetic.h"
#include "logql/metric/label_group.h"

namespace skald::logql {
namespace {

constexpr size_t kNoRow = ~size_t{0};

// Applies the operator to one pair. A comparison that filters gives `kept`, or nothing.
bool Combine(const BinaryExpr& expr, double left, double right, double kept, double& result) {
  result = Calculate(expr.op, left, right);
  if (!IsComparison(expr.op) || expr.return_bool) {
    return true;
  }
  const bool holds = result != 0;
  result = kept;
  return holds;
}

SeriesTable WithNumber(const BinaryExpr& expr, SeriesTable table, double number, bool number_left) {
  for (size_t at = 0; at < table.values.size(); ++at) {
    if (table.present[at] == 0) {
      continue;
    }
    double& value = table.values[at];
    const double left = number_left ? number : value;
    const double right = number_left ? value : number;
    table.present[at] = Combine(expr, left, right, value, value) ? 1 : 0;
  }
  return table;
}

// The part of a series' labels by which it is matched.
model::Labels MatchLabels(const BinaryExpr& expr, const model::Labels& labels) {
  if (!expr.matching || (!expr.matching->on && expr.matching->labels.empty())) {
    return labels;
  }
  return ProjectLabels(labels, expr.matching->labels, !expr.matching->on);
}

// Series of a table by the labels they are matched by.
struct MatchGroups {
  MatchGroups(const BinaryExpr& expr, const SeriesTable& table) {
    for (size_t s = 0; s < table.size(); ++s) {
      const uint32_t group = numbers.Number(MatchLabels(expr, table.labels[s]));
      series.resize(numbers.size());
      series[group].push_back(s);
    }
  }

  // Null if no series is matched by `labels`.
  const std::vector<size_t>* Find(const model::Labels& labels) const {
    const uint32_t group = numbers.Find(labels);
    return group == LabelNumbers::kNone ? nullptr : &series[group];
  }

  LabelNumbers numbers;
  std::vector<std::vector<size_t>> series;
};

bool AnyPresent(const SeriesTable& table, const std::vector<size_t>* series, size_t step) {
  if (series != nullptr) {
    for (const size_t s : *series) {
      if (table.Present(s)[step] != 0) {
        return true;
      }
    }
  }
  return false;
}

// and, unless: the left series where the right has, or has not, a match.
SeriesTable KeepMatched(const BinaryExpr& expr, SeriesTable left, const SeriesTable& right,
                        bool matched) {
  const MatchGroups groups(expr, right);
  for (size_t s = 0; s < left.size(); ++s) {
    const std::vector<size_t>* others = groups.Find(MatchLabels(expr, left.labels[s]));
    for (size_t k = 0; k < left.steps; ++k) {
      if (left.Present(s)[k] != 0 && AnyPresent(right, others, k) != matched) {
        left.Present(s)[k] = 0;
      }
    }
  }
  return left;
}

// or: the left series, and the right ones where they match none of them.
SeriesTable Unite(const BinaryExpr& expr, SeriesTable left, const SeriesTable& right) {
  const MatchGroups groups(expr, left);
  const SeriesTable original = left;
  StringMap<size_t> rows;  // Of the result, by labels.
  for (size_t s = 0; s < left.size(); ++s) {
    rows.try_emplace(std::string(left.labels[s].encoded()), s);
  }
  for (size_t s = 0; s < right.size(); ++s) {
    const std::vector<size_t>* others = groups.Find(MatchLabels(expr, right.labels[s]));
    for (size_t k = 0; k < right.steps; ++k) {
      if (right.Present(s)[k] == 0 || AnyPresent(original, others, k)) {
        continue;
      }
      const auto [it, added] =
          rows.try_emplace(std::string(right.labels[s].encoded()), left.size());
      if (added) {
        left.Add(right.labels[s]);
      }
      left.Values(it->second)[k] = right.Values(s)[k];
      left.Present(it->second)[k] = 1;
    }
  }
  return left;
}

// Matches series of the "many" side with at most one of the "one" side at each step.
class Matching {
 public:
  Matching(const BinaryExpr& expr, const SeriesTable& left, const SeriesTable& right)
      : expr_(expr),
        swapped_(expr.matching && expr.matching->cardinality == Cardinality::kOneToMany),
        one_to_one_(!expr.matching || expr.matching->cardinality == Cardinality::kOneToOne),
        many_(swapped_ ? right : left),
        one_(swapped_ ? left : right),
        groups_(expr, one_),
        result_(left.steps) {}

  Result<SeriesTable> Run() {
    SKALD_RETURN_IF_ERROR(CheckOneSide());
    for (size_t s = 0; s < many_.size(); ++s) {
      const std::vector<size_t>* partners = groups_.Find(MatchLabels(expr_, many_.labels[s]));
      if (partners == nullptr) {
        continue;
      }
      for (const size_t partner : *partners) {
        SKALD_RETURN_IF_ERROR(CombineSeries(s, partner));
      }
    }
    return std::move(result_);
  }

 private:
  Status CheckOneSide() const {
    for (const std::vector<size_t>& series : groups_.series) {
      for (size_t k = 0; series.size() > 1 && k < one_.steps; ++k) {
        size_t present = 0;
        for (const size_t s : series) {
          present += one_.Present(s)[k];
        }
        if (present > 1) {
          return Status(StatusCode::kUnknown,
                        std::string("found duplicate series on the ") +
                            (swapped_ ? "left" : "right") +
                            " hand-side;many-to-many matching not allowed: matching labels must "
                            "be unique on one side");
        }
      }
    }
    return Status();
  }

  model::Labels ResultLabels(size_t many, size_t one) const {
    if (one_to_one_) {
      return MatchLabels(expr_, many_.labels[many]);
    }
    model::LabelsBuilder labels(many_.labels[many]);
    for (const std::string& name : expr_.matching->include) {
      labels.Set(name, one_.labels[one].Get(name));
    }
    return labels.Build();
  }

  Status CombineSeries(size_t many, size_t one) {
    size_t row = kNoRow;
    for (size_t k = 0; k < many_.steps; ++k) {
      if (many_.Present(many)[k] == 0 || one_.Present(one)[k] == 0) {
        continue;
      }
      if (row == kNoRow) {
        row = RowFor(ResultLabels(many, one));
      }
      if (taken_[row * many_.steps + k] != 0) {
        return Status(StatusCode::kUnknown,
                      one_to_one_ ? "multiple matches for labels: many-to-one matching must be "
                                    "explicit (group_left/group_right)"
                                  : "multiple matches for labels: grouping labels must ensure "
                                    "unique matches");
      }
      taken_[row * many_.steps + k] = 1;
      const double many_value = many_.Values(many)[k];
      const double one_value = one_.Values(one)[k];
      const double left = swapped_ ? one_value : many_value;
      const double right = swapped_ ? many_value : one_value;
      result_.Present(row)[k] = Combine(expr_, left, right, left, result_.Values(row)[k]) ? 1 : 0;
    }
    return Status();
  }

  size_t RowFor(const model::Labels& labels) {
    const size_t row = rows_.Number(labels);
    if (row == result_.size()) {
      result_.Add(labels);
      taken_.resize(result_.present.size(), 0);
    }
    return row;
  }

  const BinaryExpr& expr_;
  const bool swapped_;  // The right side is the "many" one.
  const bool one_to_one_;
  const SeriesTable& many_;
  const SeriesTable& one_;
  const MatchGroups groups_;  // Of the "one" side.
  LabelNumbers rows_;
  SeriesTable result_;
  std::vector<uint8_t> taken_;  // Where a match was found, even if a comparison dropped it.
};

}  // namespace

Result<MetricValue> ApplyBinary(const BinaryExpr& expr, MetricValue left, MetricValue right) {
  auto* left_number = std::get_if<double>(&left);
  auto* right_number = std::get_if<double>(&right);
  if (left_number != nullptr && right_number != nullptr) {
    return MetricValue(Calculate(expr.op, *left_number, *right_number));
  }
  if (left_number != nullptr) {
    return MetricValue(
        WithNumber(expr, std::get<SeriesTable>(std::move(right)), *left_number, true));
  }
  if (right_number != nullptr) {
    return MetricValue(
        WithNumber(expr, std::get<SeriesTable>(std::move(left)), *right_number, false));
  }
  auto& left_table = std::get<SeriesTable>(left);
  auto& right_table = std::get<SeriesTable>(right);
  switch (expr.op) {
    case BinaryOp::kAnd:
    case BinaryOp::kUnless:
      return MetricValue(
          KeepMatched(expr, std::move(left_table), right_table, expr.op == BinaryOp::kAnd));
    case BinaryOp::kOr:
      return MetricValue(Unite(expr, std::move(left_table), right_table));
    default:
      break;
  }
  SKALD_ASSIGN_OR_RETURN(SeriesTable matched, Matching(expr, left_table, right_table).Run());
  return MetricValue(std::move(matched));
}

}  // namespace skald::logql
