#include "model/matcher.h"

#include <algorithm>

#include "common/quote.h"

namespace skald::model {

std::string_view MatchOpText(MatchOp op) {
  switch (op) {
    case MatchOp::kEqual:
      return "=";
    case MatchOp::kNotEqual:
      return "!=";
    case MatchOp::kRegex:
      return "=~";
    case MatchOp::kNotRegex:
      return "!~";
  }
  return "";
}

Result<Matcher> Matcher::Make(MatchOp op, std::string_view name, std::string_view value) {
  Matcher matcher;
  matcher.op_ = op;
  matcher.name_ = name;
  matcher.value_ = value;
  if (op == MatchOp::kRegex || op == MatchOp::kNotRegex) {
    SKALD_ASSIGN_OR_RETURN(matcher.regex_, Regex::Compile(value, Regex::Anchor::kBoth));
  }
  return matcher;
}

bool Matcher::Matches(std::string_view value) const {
  switch (op_) {
    case MatchOp::kEqual:
      return value == value_;
    case MatchOp::kNotEqual:
      return value != value_;
    case MatchOp::kRegex:
      return regex_->Matches(value);
    case MatchOp::kNotRegex:
      return !regex_->Matches(value);
  }
  return false;
}

const std::vector<std::string>* Matcher::literal_set() const {
  if (op_ != MatchOp::kRegex || !regex_->literal_set()) return nullptr;
  return &*regex_->literal_set();
}

std::string Matcher::ToString() const {
  std::string text = name_;
  text += MatchOpText(op_);
  AppendGoQuoted(text, value_);
  return text;
}

bool MatchesAll(const Matchers& matchers, const Labels& labels) {
  for (const Matcher& matcher : matchers) {
    if (!matcher.Matches(labels.Get(matcher.name()))) return false;
  }
  return true;
}

bool MatchesEmpty(const Matchers& matchers) {
  return std::ranges::all_of(matchers,
                             [](const Matcher& matcher) { return matcher.MatchesEmpty(); });
}

std::string ToString(const Matchers& matchers) {
  std::string text = "{";
  for (const Matcher& matcher : matchers) {
    if (text.size() > 1) text += ", ";
    text += matcher.ToString();
  }
  text += '}';
  return text;
}

}  // namespace skald::model
