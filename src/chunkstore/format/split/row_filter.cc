#include "chunkstore/format/split/row_filter.h"

#include <algorithm>
#include <utility>

#include "chunkstore/format/split/line_shape.h"

namespace skald::chunkstore {
namespace {

constexpr size_t kMaxConditions = 32;
// Each text is a search of its own through every column: with more of them it is cheaper to put the
// lines together and search for all at once.
constexpr size_t kMaxTexts = 8;

}  // namespace

RowFilter::RowFilter(const std::vector<model::RequiredLiteral>& literals) : words_(new RowFilter) {
  size_t condition = 0;
  for (const model::RequiredLiteral& literal : literals) {
    if (condition == kMaxConditions) break;
    const Met bit = Met{1} << condition;
    if (!Add(literal, Cut::kLine, bit)) continue;
    ++condition;
    if (!words_->Add(literal, Cut::kWord, bit)) words_->untold_ |= bit;
  }
  words_->all_ = all_;
}

bool RowFilter::Add(const model::RequiredLiteral& literal, Cut cut, Met bit) {
  if (literal.any_of.empty() || literal.any_of.size() > kMaxTexts) return false;
  std::vector<std::string_view> within_tokens;
  for (const std::string& text : literal.any_of) {
    // A word of that very token, not of another that the literal reaches into.
    std::string_view part = LongestTokenPart(text, Cut::kLine);
    if (cut == Cut::kWord) part = LongestTokenPart(part, Cut::kWord);
    if (part.empty()) return false;
    within_tokens.push_back(part);
  }
  for (const std::string_view text : within_tokens) {
    parts_.push_back({SubstringSearch(std::string(text), literal.fold_case), bit});
  }
  all_ |= bit;
  return true;
}

RowFilter::Met RowFilter::Search(std::string_view text) const {
  return SearchIf([&](const SubstringSearch& search) { return search.Contains(text); });
}

void RowFilter::SearchPieces(const TextPieces& pieces, std::span<Met> met) const {
  if (pieces.pieces.empty()) return;
  const char* const buffer = pieces.buffer();
  const char* const end = buffer + pieces.pieces.back().at + pieces.pieces.back().size;
  for (const Part& part : parts_) {
    const size_t size = part.search.needle().size();
    size_t row = 0;
    for (const char* p = part.search.Find(buffer, end); p != end;) {
      const auto at = static_cast<uint32_t>(p - buffer);
      while (pieces.pieces[row].at + pieces.pieces[row].size <= at) ++row;
      const TextPieces::Piece piece = pieces.pieces[row];
      if (at + size > piece.at + piece.size) {
        p = part.search.Find(p + 1, end);  // Reaches into the next piece.
        continue;
      }
      met[row] |= part.meets;
      p = part.search.Find(buffer + piece.at + piece.size, end);
    }
  }
}

}  // namespace skald::chunkstore
