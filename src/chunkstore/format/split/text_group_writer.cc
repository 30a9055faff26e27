#include <algorithm>

#include "chunkstore/format/split/text_group.h"
#include "common/bytes.h"
#include "common/compress.h"
#include "common/hash.h"

namespace skald::chunkstore {
namespace {

// Fewer texts of a shape are not worth columns of their own, whatever is in them.
constexpr size_t kMinRows = 12;
// With so many they always are: it is not tried.
constexpr size_t kSurelyEnoughRows = 400;
// A column is split further if it has so many rows.
constexpr size_t kMinSplitRows = 64;

}  // namespace

// The rows of one shape.
struct TextGroupWriter::Shape {
  std::string text;
  size_t tokens = 0;
  std::vector<uint32_t> rows;
};

struct TextGroupWriter::Rows {
  std::vector<Shape> shapes;
  std::vector<std::string_view> tokens;  // Of all rows.
  std::vector<size_t> first_token;       // By row.
};

TextGroupWriter::Rows TextGroupWriter::CutAll(std::span<const std::string_view> texts, Cut cut) {
  Rows rows;
  StringMap<size_t> by_shape;
  CutText text;
  for (size_t row = 0; row < texts.size(); ++row) {
    rows.first_token.push_back(rows.tokens.size());
    if (!CutIntoTokens(texts[row], cut, text)) continue;
    const auto [it, added] = by_shape.try_emplace(text.shape, rows.shapes.size());
    if (added) {
      rows.shapes.push_back({.text = text.shape, .tokens = text.tokens.size(), .rows = {}});
    }
    rows.shapes[it->second].rows.push_back(static_cast<uint32_t>(row));
    rows.tokens.insert(rows.tokens.end(), text.tokens.begin(), text.tokens.end());
  }
  return rows;
}

void TextGroupWriter::Put(std::span<const std::string_view> texts,
                          std::span<const int64_t> entry_times, Cut cut, SplitWriter& out) {
  Rows rows = CutAll(texts, cut);
  std::erase_if(rows.shapes, [&](const Shape& shape) {
    return !Pays(rows, shape, {texts, entry_times, cut}, out.zstd_level());
  });
  PutVarint(out.meta(), rows.shapes.size());
  std::vector<int64_t> shape_of_row(texts.size(), 0);
  for (size_t i = 0; i < rows.shapes.size(); ++i) {
    for (const uint32_t row : rows.shapes[i].rows) shape_of_row[row] = static_cast<int64_t>(i + 1);
  }
  out.PutNumbers(shape_of_row);
  for (const Shape& shape : rows.shapes) {
    PutShape(rows, shape, {texts, entry_times, cut}, out);
  }
  std::vector<std::string_view> alone;
  for (size_t row = 0; row < texts.size(); ++row) {
    if (shape_of_row[row] == 0) alone.push_back(texts[row]);
  }
  if (!alone.empty()) columns_.PutTexts(alone, out);
}

// Whether the columns of a shape take less than its texts would.
bool TextGroupWriter::Pays(const Rows& rows, const Shape& shape, const Texts& texts,
                           int zstd_level) {
  if (shape.rows.size() < kMinRows) return false;
  if (shape.rows.size() >= kSurelyEnoughRows) return true;
  SplitWriter as_columns(zstd_level);
  PutShape(rows, shape, texts, as_columns);
  std::vector<std::string_view> of_shape;
  for (const uint32_t row : shape.rows) of_shape.push_back(texts.texts[row]);
  SplitWriter as_texts(zstd_level);
  columns_.PutTexts(of_shape, as_texts);
  return as_columns.cost() < as_texts.cost();
}

void TextGroupWriter::PutShape(const Rows& rows, const Shape& shape, const Texts& texts,
                               SplitWriter& out) {
  PutLengthPrefixed(out.meta(), shape.text);
  std::vector<int64_t> times;
  for (const uint32_t row : shape.rows) times.push_back(texts.entry_times[row]);
  std::vector<std::string_view> tokens(shape.rows.size());
  for (size_t column = 0; column < shape.tokens; ++column) {
    for (size_t i = 0; i < tokens.size(); ++i) {
      tokens[i] = rows.tokens[rows.first_token[shape.rows[i]] + column];
    }
    PutColumn(tokens, times, texts.cut, out);
  }
}

void TextGroupWriter::PutColumn(std::span<const std::string_view> tokens,
                                std::span<const int64_t> entry_times, Cut cut, SplitWriter& out) {
  if (columns_.Put(tokens, entry_times, out)) return;
  if (cut == Cut::kWord || tokens.size() < kMinSplitRows) return columns_.PutTexts(tokens, out);
  const SplitWriter::Mark begin = out.mark();
  const size_t cost_before = out.cost();
  columns_.PutTexts(tokens, out);
  const size_t cost_of_texts = out.cost() - cost_before;
  out.GoBack(begin);
  out.meta().push_back(static_cast<char>(TokenEncoding::kSplit));
  Put(tokens, entry_times, Cut::kWord, out);
  if (out.cost() - cost_before < cost_of_texts) return;
  out.GoBack(begin);
  columns_.PutTexts(tokens, out);
}

}  // namespace skald::chunkstore
