#include "deletes/pattern_check.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "patterns/entry_level.h"

namespace skald::deletes {
namespace {

constexpr std::string_view kPlaceholder = "<_>";
constexpr std::string_view kServiceName = "service_name";

}  // namespace

PatternCheck::PatternCheck(const logql::LogExpr& log) {
  for (const model::Matcher& matcher : log.matchers) {
    // A stream without a service is filed under a name all the same.
    if (matcher.name() == kServiceName && !matcher.MatchesEmpty()) services_.push_back(&matcher);
  }
  for (const logql::Stage& stage : log.stages) {
    if (const auto* line = std::get_if<logql::LineFilter>(&stage)) {
      Add(*line);
    } else if (const auto* label = std::get_if<logql::LabelFilter>(&stage)) {
      Add(*label);
    } else {
      break;  // Lines and labels may be others from here on.
    }
  }
}

void PatternCheck::Add(const logql::LineFilter& filter) {
  using enum logql::LineFilterOp;
  LineCheck check{.negated = filter.op == kNotContains || filter.op == kNotRegex ||
                             filter.op == kNotPattern};
  for (const logql::LineFilterArg& arg : filter.alternatives) {
    auto test = logql::LineTest::Make(filter.op, arg);
    if (!test.ok()) return;  // Of such a query no request is made.
    check.any.push_back(*std::move(test));
    if (filter.op == kNotContains && !arg.ip) check.without.push_back(arg.text);
  }
  lines_.push_back(std::move(check));
}

void PatternCheck::Add(const logql::LabelFilter& filter) {
  const auto* text = std::get_if<logql::StringLabelFilter>(&filter.node);
  if (text == nullptr || text->matcher.name() != patterns::kDetectedLevel) return;
  levels_.push_back(&text->matcher);
}

bool PatternCheck::MaySelect(std::string_view service) const {
  return std::all_of(services_.begin(), services_.end(),
                     [&](const model::Matcher* matcher) { return matcher->Matches(service); });
}

bool PatternCheck::MaySelect(const model::Labels& stream, std::string_view level,
                             std::string_view pattern) const {
  // What levels are put together as unknown is not known, nor which of two labels a filter means.
  const bool level_is_known =
      level != patterns::kUnknownLevel && !stream.Has(patterns::kDetectedLevel);
  return (!level_is_known ||
          std::all_of(levels_.begin(), levels_.end(),
                      [&](const model::Matcher* matcher) { return matcher->Matches(level); })) &&
         std::all_of(lines_.begin(), lines_.end(),
                     [&](const LineCheck& check) { return check.MayPass(pattern); });
}

bool PatternCheck::LineCheck::MayPass(std::string_view pattern) const {
  if (pattern.find(kPlaceholder) == std::string_view::npos) {  // It is the line.
    return negated != std::any_of(any.begin(), any.end(),
                                  [&](const auto& test) { return test->Matches(pattern); });
  }
  for (size_t begin = 0; begin < pattern.size();) {
    const size_t end = std::min(pattern.find(kPlaceholder, begin), pattern.size());
    const std::string_view literal = pattern.substr(begin, end - begin);
    for (const std::string& text : without) {
      if (literal.find(text) != std::string_view::npos) return false;
    }
    begin = end + kPlaceholder.size();
  }
  return true;
}

}  // namespace skald::deletes
