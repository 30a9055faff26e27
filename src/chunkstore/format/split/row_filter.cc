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

bool IsUnder(const RowFilter::Bytes& bytes, const RowFilter::Bytes& set) {
  return (bytes & ~set).none();
}

}  // namespace

RowFilter::RowFilter(const std::vector<model::RequiredLiteral>& literals) {
  size_t condition = 0;
  for (const model::RequiredLiteral& literal : literals) {
    if (condition == kMaxConditions) break;
    if (literal.any_of.size() > kMaxTexts) continue;
    std::vector<std::string_view> within_tokens;
    for (const std::string& text : literal.any_of) within_tokens.push_back(LongestTokenPart(text));
    const bool tells =
        !within_tokens.empty() && std::ranges::none_of(within_tokens, &std::string_view::empty);
    if (!tells) continue;
    const Met bit = Met{1} << condition++;
    all_ |= bit;
    for (const std::string_view text : within_tokens) {
      Part part{.search = SubstringSearch(std::string(text), literal.fold_case),
                .bytes = {},
                .meets = bit,
                .fold_case = literal.fold_case};
      for (const char c : text) {
        const bool upper = literal.fold_case && c >= 'a' && c <= 'z';
        part.bytes.set(static_cast<uint8_t>(upper ? c - 'a' + 'A' : c));
      }
      parts_.push_back(std::move(part));
    }
  }
}

RowFilter::Met RowFilter::Search(std::string_view text) const {
  Met met = 0;
  for (const Part& part : parts_) {
    if ((met & part.meets) == 0 && part.search.Contains(text)) met |= part.meets;
  }
  return met;
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

bool RowFilter::MayMeet(const Bytes& bytes) const {
  Bytes folded = bytes;
  for (char c = 'a'; c <= 'z'; ++c) {
    if (bytes.test(static_cast<uint8_t>(c))) folded.set(static_cast<uint8_t>(c - 'a' + 'A'));
  }
  return std::ranges::any_of(parts_, [&](const Part& part) {
    return IsUnder(part.bytes, part.fold_case ? folded : bytes);
  });
}

}  // namespace skald::chunkstore
