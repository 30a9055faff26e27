#include "logql/plan/wide_request.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "logql/stages/field_excerpt.h"

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

// Who reads no lines needs nothing of them.
void WidenExcerpt(const model::ScanRequest& other, model::ScanRequest& request) {
  if (!other.columns.lines) return;
  request.excerpt =
      request.columns.lines ? JoinExcerpts(request.excerpt, other.excerpt) : other.excerpt;
}

bool Includes(const std::vector<std::string>& texts, const std::vector<std::string>& some) {
  return std::ranges::all_of(
      some, [&](const std::string& text) { return std::ranges::find(texts, text) != texts.end(); });
}

// Whether the first follows from the second.
bool Follows(const model::RequiredLiteral& literal, const model::RequiredLiteral& from) {
  return literal.fold_case == from.fold_case && Includes(literal.any_of, from.any_of);
}

bool Follows(const model::LabelLiteral& literal, const model::LabelLiteral& from) {
  return Follows(literal.literal, from.literal) &&
         Includes(literal.unless_labels, from.unless_labels);
}

bool Follows(const model::RequiredLabel& label, const model::RequiredLabel& from) {
  const bool of_these = !from.any_of.empty() && Includes(label.any_of, from.any_of);
  return label.name == from.name && (label.may_be_parsed || !from.may_be_parsed) &&
         (label.any_of.empty() || of_these);
}

template <typename Requirement>
bool AllFollow(const std::vector<Requirement>& requirements, const std::vector<Requirement>& from) {
  return std::ranges::all_of(requirements, [&](const Requirement& requirement) {
    return std::ranges::any_of(
        from, [&](const Requirement& other) { return Follows(requirement, other); });
  });
}

bool CoversColumns(const model::ColumnSet& columns, const model::ColumnSet& others) {
  return (columns.lines || !others.lines) &&
         (columns.lines || columns.line_lengths || !others.line_lengths) &&
         (columns.all_metadata ||
          (!others.all_metadata && Includes(columns.metadata, others.metadata)));
}

bool HasMatcher(const model::Matchers& matchers, const model::Matcher& matcher) {
  return std::ranges::any_of(matchers, [&](const model::Matcher& other) {
    return other.name() == matcher.name() && other.op() == matcher.op() &&
           other.value() == matcher.value();
  });
}

// Sources treat names with two underscores as they like: they may stand for what no stream has as
// a label, such as the tenant, or decide what the other matchers find.
bool IsOfStreams(const model::Matcher& matcher) {
  return matcher.name().find("__") == std::string::npos;
}

bool CoversStreams(const model::ScanRequest& request, const model::ScanRequest& other) {
  if (model::MatchesEmpty(request.matchers) != model::MatchesEmpty(other.matchers)) return false;
  return std::ranges::all_of(request.matchers,
                             [&](const auto& m) { return HasMatcher(other.matchers, m); }) &&
         std::ranges::all_of(other.matchers, [&](const auto& m) {
           return HasMatcher(request.matchers, m) || IsOfStreams(m);
         });
}

}  // namespace

void WidenRequest(const model::ScanRequest& other, model::ScanRequest& request) {
  request.range.start = std::min(request.range.start, other.range.start);
  request.range.end = std::max(request.range.end, other.range.end);
  WidenExcerpt(other, request);
  WidenColumns(other.columns, request.columns);
  WidenAll(other.literals, request.literals);
  WidenAll(other.label_literals, request.label_literals);
  WidenAll(other.labels, request.labels);
}

bool Covers(const model::ScanRequest& request, const model::ScanRequest& other) {
  return request.range.start <= other.range.start && other.range.end <= request.range.end &&
         CoversColumns(request.columns, other.columns) &&
         (!other.columns.lines || CoversExcerpt(request.excerpt.get(), other.excerpt.get())) &&
         CoversStreams(request, other) && AllFollow(request.literals, other.literals) &&
         AllFollow(request.label_literals, other.label_literals) &&
         AllFollow(request.labels, other.labels);
}

model::Matchers NarrowingMatchers(const model::ScanRequest& request,
                                  const model::ScanRequest& other) {
  model::Matchers narrowing;
  std::ranges::copy_if(other.matchers, std::back_inserter(narrowing),
                       [&](const auto& m) { return !HasMatcher(request.matchers, m); });
  return narrowing;
}

}  // namespace skald::logql
