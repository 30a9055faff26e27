#include "logql/stages/line_filter.h"

#include <algorithm>
#include <string>
#include <utility>

#include "logql/stages/ip_range.h"
#include "logql/stages/line_pattern.h"

namespace skald::logql {
namespace {

class LiteralTest final : public LineTest {
 public:
  explicit LiteralTest(std::string text) {
    required_.emplace_back(std::move(text));
    required_suffices_ = true;
  }
  bool Matches(std::string_view line) const override { return required_[0].Contains(line); }
};

class RegexTest final : public LineTest {
 public:
  explicit RegexTest(std::shared_ptr<const Regex> regex) : regex_(std::move(regex)) {
    if (const auto& literals = regex_->literal_set(); literals && !literals->empty()) {
      for (const std::string& literal : *literals) {
        required_.emplace_back(literal);
      }
      required_suffices_ = true;
      return;
    }
    const Regex::RequiredLiterals& literals = regex_->required_literals();
    for (const std::string& literal : literals.any_of) {
      required_.emplace_back(literal, literals.fold_case);
    }
  }
  bool Matches(std::string_view line) const override { return regex_->Matches(line); }

 private:
  std::shared_ptr<const Regex> regex_;
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

bool IsNegated(LineFilterOp op) {
  return op == LineFilterOp::kNotContains || op == LineFilterOp::kNotRegex ||
         op == LineFilterOp::kNotPattern;
}

Result<std::unique_ptr<LineTest>> MakeTest(LineFilterOp op, const LineFilterArg& arg) {
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

bool MatchesEverything(LineFilterOp op, const LineFilterArg& arg) {
  if (arg.ip || op == LineFilterOp::kPattern || op == LineFilterOp::kNotPattern) {
    return false;
  }
  const bool regex = op == LineFilterOp::kRegex || op == LineFilterOp::kNotRegex;
  return arg.text.empty() || (regex && arg.text == ".*");
}

bool Test(const std::vector<uint64_t>& bits, uint32_t row) {
  return (bits[row / 64] >> (row % 64) & 1) != 0;
}
void Mark(std::vector<uint64_t>& bits, uint32_t row) {
  bits[row / 64] |= uint64_t{1} << (row % 64);
}

// Calls hit(row) for the rows from `first` to `last` that contain the text, once each.
template <typename F>
void ForEachRowWith(const SubstringSearch& search, const model::TextColumn& lines, uint32_t first,
                    uint32_t last, F&& hit) {
  const char* const text = lines.text.data();
  const char* const end = text + lines.offsets[last + 1];
  uint32_t row = first;
  for (const char* p = text + lines.offsets[first]; (p = search.Find(p, end)) != end;) {
    const auto at = static_cast<uint32_t>(p - text);
    if (lines.offsets[row + 1] <= at) {
      const auto next =
          std::upper_bound(lines.offsets.begin() + row + 1, lines.offsets.begin() + last + 1, at);
      row = static_cast<uint32_t>(next - lines.offsets.begin()) - 1;
    }
    const uint32_t next_row_at = lines.offsets[row + 1];
    if (at + search.needle().size() < next_row_at) {
      hit(row);
      p = text + next_row_at;
    } else {
      ++p;  // Runs across the border of two rows.
    }
  }
}

// The same for several texts; where their hits do not ascend, a row may come again. False if the
// search failed.
template <typename F>
bool ForEachRowWith(MultiSearch& search, const model::TextColumn& lines, uint32_t first,
                    uint32_t last, F&& hit) {
  const uint32_t from = lines.offsets[first];
  const auto text = std::string_view(lines.text).substr(from, lines.offsets[last + 1] - from);
  uint32_t row = first;
  bool called = false;  // For `row`.
  return search.ForEach(text, [&](size_t begin, size_t end) {
    const auto at = static_cast<uint32_t>(from + begin);
    if (at < lines.offsets[row] || at >= lines.offsets[row + 1]) {
      const auto next =
          std::upper_bound(lines.offsets.begin() + first + 1, lines.offsets.begin() + last + 1, at);
      row = static_cast<uint32_t>(next - lines.offsets.begin()) - 1;
      called = false;
    }
    if (!called && from + end < lines.offsets[row + 1]) {  // Within one row.
      hit(row);
      called = true;
    }
  });
}

// From here on one pass for all texts is faster than one for each.
constexpr size_t kMinTogether = 3;

std::unique_ptr<MultiSearch> SearchTogether(const std::vector<SubstringSearch>& required) {
  if (required.size() < kMinTogether) {
    return nullptr;
  }
  std::vector<std::string> needles;
  for (const SubstringSearch& search : required) {
    needles.push_back(search.needle());
  }
  return MultiSearch::Make(needles, required[0].fold_case());
}

// Whether the selected rows make up enough of the buffer to be searched in one go.
bool IsDense(const model::TextColumn& lines, const std::vector<uint32_t>& selection) {
  const size_t span = selection.back() - selection.front() + 1;
  return selection.size() * 4 >= span && !lines.text.empty();
}

}  // namespace

Result<std::unique_ptr<LineFilterStage>> LineFilterStage::Make(const LineFilter& filter) {
  std::unique_ptr<LineFilterStage> stage(new LineFilterStage());
  stage->negated_ = IsNegated(filter.op);
  for (const LineFilterArg& arg : filter.alternatives) {
    stage->always_ = stage->always_ || MatchesEverything(filter.op, arg);
    SKALD_ASSIGN_OR_RETURN(std::unique_ptr<LineTest> test, MakeTest(filter.op, arg));
    std::unique_ptr<MultiSearch> search = SearchTogether(test->required());
    stage->alternatives_.push_back({.test = std::move(test), .search = std::move(search)});
  }
  return stage;
}

bool LineFilterStage::Keeps(std::string_view line) const {
  const bool any = std::any_of(alternatives_.begin(), alternatives_.end(),
                               [line](const Alternative& one) { return one.test->Matches(line); });
  return any != negated_;
}

void LineFilterStage::Run(RowSlice& rows) {
  if (always_) {
    rows.Retain([this](size_t) { return !negated_; });
    return;
  }
  rows.Retain([&](size_t i) { return Keeps(rows.Line(i)); });
}

void LineFilterStage::FilterBlock(const model::TextColumn& lines,
                                  std::vector<uint32_t>& selection) {
  if (selection.empty() || always_) {
    if (negated_) {
      selection.clear();
    }
    return;
  }
  if (!IsDense(lines, selection)) {
    std::erase_if(selection, [&](uint32_t row) { return !Keeps(lines[row]); });
    return;
  }
  hits_.assign(lines.size() / 64 + 1, 0);
  for (const Alternative& alternative : alternatives_) {
    MarkMatches(alternative, lines, selection);
  }
  std::erase_if(selection, [&](uint32_t row) { return Test(hits_, row) == negated_; });
}

void LineFilterStage::MarkCandidate(const LineTest& test, const model::TextColumn& lines,
                                    uint32_t row) {
  if (!Test(hits_, row) && (test.required_suffices() || test.Matches(lines[row]))) {
    Mark(hits_, row);
  }
}

void LineFilterStage::MarkMatches(const Alternative& alternative, const model::TextColumn& lines,
                                  const std::vector<uint32_t>& selection) {
  const LineTest& test = *alternative.test;
  const auto mark = [&](uint32_t row) { MarkCandidate(test, lines, row); };
  if (test.required().empty()) {
    std::for_each(selection.begin(), selection.end(), mark);
    return;
  }
  const uint32_t first = selection.front();
  const uint32_t last = selection.back();
  if (alternative.search != nullptr &&
      ForEachRowWith(*alternative.search, lines, first, last, mark)) {
    return;
  }
  for (const SubstringSearch& search : test.required()) {
    ForEachRowWith(search, lines, first, last, mark);
  }
}

}  // namespace skald::logql
