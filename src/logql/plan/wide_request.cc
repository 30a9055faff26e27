#include "logql/plan/wide_request.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace skald::logql {
namespace {

// Of entries that hold all of A, or all of B, each holds one of a and b, for any a of A and b of B.
// So what is left of n and m requirements are their pairs; no more than these, as each costs the
// sources time, and fewer requirements only rule out less.
constexpr size_t kMaxPairs = 16;

// The sorted union.
void AddTo(std::vector<std::string>& texts, const std::vector<std::string>& more) {
  texts.insert(texts.end(), more.begin(), more.end());
  std::ranges::sort(texts);
  texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
}

// False where there is nothing that follows from either.
bool Widen(const model::RequiredLiteral& other, model::RequiredLiteral& literal) {
  if (literal.fold_case != other.fold_case) return false;
  AddTo(literal.any_of, other.any_of);
  return true;
}

bool Widen(const model::LabelLiteral& other, model::LabelLiteral& literal) {
  if (!Widen(other.literal, literal.literal)) return false;
  AddTo(literal.unless_labels, other.unless_labels);
  return true;
}

bool Widen(const model::RequiredLabel& other, model::RequiredLabel& label) {
  if (label.name != other.name) return false;
  label.may_be_parsed = label.may_be_parsed || other.may_be_parsed;
  if (label.any_of.empty() || other.any_of.empty()) {
    label.any_of.clear();
  } else {
    AddTo(label.any_of, other.any_of);
  }
  return true;
}

template <typename Requirement>
void WidenAll(const std::vector<Requirement>& others, std::vector<Requirement>& requirements) {
  std::vector<Requirement> pairs;
  for (const Requirement& requirement : requirements) {
    for (const Requirement& other : others) {
      Requirement pair = requirement;
      if (pairs.size() < kMaxPairs && Widen(other, pair)) pairs.push_back(std::move(pair));
    }
  }
  requirements = std::move(pairs);
}

void WidenColumns(const model::ColumnSet& other, model::ColumnSet& columns) {
  columns.lines = columns.lines || other.lines;
  columns.line_lengths = columns.line_lengths || other.line_lengths;
  columns.all_metadata = columns.all_metadata || other.all_metadata;
  AddTo(columns.metadata, other.metadata);
  if (columns.all_metadata) columns.metadata.clear();
}

}  // namespace

void WidenRequest(const model::ScanRequest& other, model::ScanRequest& request) {
  request.range.start = std::min(request.range.start, other.range.start);
  request.range.end = std::max(request.range.end, other.range.end);
  WidenColumns(other.columns, request.columns);
  WidenAll(other.literals, request.literals);
  WidenAll(other.label_literals, request.label_literals);
  WidenAll(other.labels, request.labels);
}

}  // namespace skald::logql
