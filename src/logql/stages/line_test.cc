#include "logql/stages/line_test.h"

#include <algorithm>
#include <string>
#include <utility>

#include "common/regex.h"
#include "common/regex_window.h"
#include "logql/stages/ip_range.h"
#include "logql/stages/line_pattern.h"

namespace skald::logql {
namespace {

class LiteralTest final : public LineTest {
 public:
  explicit LiteralTest(std::string text) {
    required_.emplace_back(std::move(text));
    required_suffices_ = true;
    matches_all_ = required_[0].needle().empty();
  }
  bool Matches(std::string_view line) const override { return required_[0].Contains(line); }
};

// Of places in logs; 1 if there are no literals.
double Share(const Regex::RequiredLiterals& literals) {
  double share = literals.any_of.empty() ? 1 : 0;
  for (const std::string& literal : literals.any_of) {
    share += UsualShare(literal);
  }
  return share;
}

// Each is a search of the line, which RE2 would read once.
constexpr size_t kMaxSufficient = 8;

class RegexTest final : public LineTest {
 public:
  explicit RegexTest(std::shared_ptr<const Regex> regex) : regex_(std::move(regex)) {
    matches_all_ = regex_->matches_all();
    if (const auto& literals = regex_->literal_set(); literals && !literals->empty()) {
      for (const std::string& literal : *literals) {
        required_.emplace_back(literal);
      }
      required_suffices_ = true;
      return;
    }
    const Regex::RequiredLiterals& literals = regex_->required_literals();
    if (Share(literals) > kTooFrequent) {
      if (const std::vector<ByteSet> sets = RequiredWindow(regex_->pattern()); !sets.empty()) {
        window_.emplace(sets);
        return;
      }
    }
    for (const std::string& literal : literals.any_of) {
      required_.emplace_back(literal, literals.fold_case);
    }
    const std::vector<std::string>& sufficient = regex_->sufficient_literals();
    required_suffices_ = !sufficient.empty() && sufficient == literals.any_of;
    if (required_suffices_ || sufficient.size() > kMaxSufficient) return;
    for (const std::string& literal : sufficient) {
      sufficient_.emplace_back(literal, /*fold_case=*/true);
    }
  }
  bool Matches(std::string_view line) const override {
    return std::any_of(sufficient_.begin(), sufficient_.end(),
                       [line](const SubstringSearch& search) { return search.Contains(line); }) ||
           regex_->Matches(line);
  }

 private:
  std::shared_ptr<const Regex> regex_;
  std::vector<SubstringSearch> sufficient_;  // A line with one of them matches.
};

class PatternTest final : public LineTest {
 public:
  explicit PatternTest(LinePattern pattern) : pattern_(std::move(pattern)) {
    if (const std::string_view literal = pattern_.LongestLiteral(); !literal.empty()) {
      required_.emplace_back(std::string(literal));
    }
  }
  bool Matches(std::string_view line) const override { return pattern_.Matches(line); }

 private:
  LinePattern pattern_;
};

class IpTest final : public LineTest {
 public:
  explicit IpTest(IpRange range) : range_(range) {}
  bool Matches(std::string_view line) const override { return range_.MatchesLine(line); }

 private:
  IpRange range_;
};

}  // namespace

Result<std::unique_ptr<LineTest>> LineTest::Make(LineFilterOp op, const LineFilterArg& arg) {
  if (arg.ip) {
    if (op != LineFilterOp::kContains && op != LineFilterOp::kNotContains) {
      return InvalidArgument("ip: invalid operation");
    }
    SKALD_ASSIGN_OR_RETURN(const IpRange range, IpRange::Parse(arg.text));
    return std::unique_ptr<LineTest>(std::make_unique<IpTest>(range));
  }
  switch (op) {
    case LineFilterOp::kContains:
    case LineFilterOp::kNotContains:
      return std::unique_ptr<LineTest>(std::make_unique<LiteralTest>(arg.text));
    case LineFilterOp::kRegex:
    case LineFilterOp::kNotRegex: {
      SKALD_ASSIGN_OR_RETURN(std::shared_ptr<const Regex> regex, Regex::Compile(arg.text));
      return std::unique_ptr<LineTest>(std::make_unique<RegexTest>(std::move(regex)));
    }
    case LineFilterOp::kPattern:
    case LineFilterOp::kNotPattern: {
      SKALD_ASSIGN_OR_RETURN(std::vector<PatternPart> parts, ParseLinePattern(arg.text));
      return std::unique_ptr<LineTest>(
          std::make_unique<PatternTest>(LinePattern(std::move(parts))));
    }
  }
  return Internal("unknown line filter");
}

}  // namespace skald::logql
