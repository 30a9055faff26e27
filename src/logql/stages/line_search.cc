#include "logql/stages/line_search.h"

#include <algorithm>
#include <string>
#include <utility>

namespace skald::logql {
namespace {

// How many bytes stand at a place that was found.
size_t SizeAt(const SubstringSearch& search, const char*, const char*) {
  return search.needle().size();
}
size_t SizeAt(const ByteSetSearch& search, const char*, const char*) { return search.size(); }
size_t SizeAt(const PairSearch& search, const char* p, const char* end) {
  return search.SizeAt(p, end);
}

// Calls hit(row) for the rows from `first` to `last` that contain what is searched, once each.
template <typename Search, typename F>
void ForEachRowWith(const Search& search, const model::TextColumn& lines, uint32_t first,
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
    if (at + SizeAt(search, p, end) < next_row_at) {
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

std::unique_ptr<MultiSearch> SearchTogether(const std::vector<SubstringSearch>& required) {
  if (required.size() < 3) return nullptr;
  std::vector<std::string> needles;
  for (const SubstringSearch& search : required) {
    needles.push_back(search.needle());
  }
  return MultiSearch::Make(needles, required[0].fold_case());
}

std::optional<PairSearch> SearchAsPair(const std::vector<SubstringSearch>& required) {
  if (required.size() != 2 || required[0].needle().empty() || required[1].needle().empty()) {
    return std::nullopt;
  }
  return PairSearch(required[0], required[1]);
}

}  // namespace

LineSearch::LineSearch(std::unique_ptr<LineTest> test)
    : test_(std::move(test)),
      pair_(SearchAsPair(test_->required())),
      together_(SearchTogether(test_->required())) {}

void LineSearch::MarkMatches(const model::TextColumn& lines, const std::vector<uint32_t>& selection,
                             RowBits& hits) {
  const auto mark = [&](uint32_t row) {
    if (!hits.Has(row) && (test_->required_suffices() || test_->Matches(lines[row]))) {
      hits.Add(row);
    }
  };
  const uint32_t first = selection.front();
  const uint32_t last = selection.back();
  if (together_ != nullptr && ForEachRowWith(*together_, lines, first, last, mark)) {
    return;
  }
  if (pair_.has_value()) {
    ForEachRowWith(*pair_, lines, first, last, mark);
  } else if (!test_->required().empty()) {
    for (const SubstringSearch& search : test_->required()) {
      ForEachRowWith(search, lines, first, last, mark);
    }
  } else if (test_->window().has_value()) {
    ForEachRowWith(*test_->window(), lines, first, last, mark);
  } else {
    std::for_each(selection.begin(), selection.end(), mark);
  }
}

}  // namespace skald::logql
