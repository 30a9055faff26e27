#include <algorithm>
#include <utility>

#include "chunkstore/format/split/text_group.h"

namespace skald::chunkstore {

// The columns of one shape, and the literals that stand before, between and behind them:
// separators, and tokens that all rows have alike.
struct TextGroupReader::ShapeColumns {
  struct Literal {
    uint32_t at = 0;
    uint32_t size = 0;
  };

  std::string literal_bytes;  // With TextPieces::kSlack more.
  std::vector<Literal> literals{1};
  std::vector<TextPieces> columns;  // literals[i] stands before columns[i].
  uint32_t literal_size = 0;        // Of all literals.

  void AddLiteral(std::string_view text) {
    literal_bytes.append(text);
    literals.back().size += static_cast<uint32_t>(text.size());
    literal_size += static_cast<uint32_t>(text.size());
  }
  void EndLiteral() { literals.push_back({static_cast<uint32_t>(literal_bytes.size()), 0}); }
};

TextGroupReader::TextGroupReader() = default;
TextGroupReader::~TextGroupReader() = default;

Status TextGroupReader::Read(SplitReader& in, std::span<const int64_t> entry_times, Cut cut) {
  const uint64_t count = in.meta().Varint();
  if (in.meta().failed() || count > entry_times.size()) {
    return DataLoss("split column: malformed shapes");
  }
  std::vector<int64_t> codes(entry_times.size());
  SKALD_RETURN_IF_ERROR(in.Numbers(codes));
  shape_of_row_.resize(codes.size());
  for (size_t row = 0; row < codes.size(); ++row) {
    if (static_cast<uint64_t>(codes[row]) > count) {
      return DataLoss("split column: malformed shapes");
    }
    shape_of_row_[row] = static_cast<uint32_t>(codes[row] == 0 ? count : codes[row] - 1);
  }
  SKALD_RETURN_IF_ERROR(ReadShapes(in, entry_times, cut, count));
  return SumLengths(in);
}

Status TextGroupReader::ReadShapes(SplitReader& in, std::span<const int64_t> entry_times, Cut cut,
                                   uint64_t count) {
  // One walk for all shapes, not one each.
  std::vector<std::vector<int64_t>> times(count + 1);
  for (size_t row = 0; row < shape_of_row_.size(); ++row) {
    times[shape_of_row_[row]].push_back(entry_times[row]);
  }
  shapes_.clear();
  for (uint64_t i = 0; i < count; ++i) {
    ShapeColumns& shape = shapes_.emplace_back();
    std::string_view text = in.meta().LengthPrefixed();
    if (in.meta().failed() || text.empty() || text.back() != '\0') {
      return DataLoss("split column: malformed shape");
    }
    for (size_t column = 0; !text.empty(); ++column) {
      if (column > kMaxTokens) return DataLoss("split column: malformed shape");
      const size_t end = text.find('\0');
      shape.AddLiteral(text.substr(0, end));
      text.remove_prefix(end + 1);
      if (!text.empty()) SKALD_RETURN_IF_ERROR(ReadColumn(in, times[i], cut, shape));
    }
    shape.literal_bytes.resize(shape.literal_bytes.size() + TextPieces::kSlack);
  }
  if (times[count].empty()) return {};
  ShapeColumns& alone = shapes_.emplace_back();
  SKALD_RETURN_IF_ERROR(ReadColumn(in, times[count], cut, alone));
  alone.literal_bytes.resize(TextPieces::kSlack);
  return {};
}

Status TextGroupReader::ReadColumn(SplitReader& in, std::span<const int64_t> entry_times, Cut cut,
                                   ShapeColumns& shape) {
  const auto encoding = static_cast<TokenEncoding>(in.meta().Byte());
  TextPieces pieces;
  if (encoding != TokenEncoding::kSplit) {
    SKALD_RETURN_IF_ERROR(columns_.Get(encoding, in, entry_times, pieces));
    if (encoding == TokenEncoding::kSame) {
      if (!pieces.pieces.empty()) shape.AddLiteral(pieces[0]);
      return {};
    }
  } else {
    if (cut == Cut::kWord) return DataLoss("split column: split too often");
    TextGroupReader group;
    SKALD_RETURN_IF_ERROR(group.Read(in, entry_times, Cut::kWord));
    std::vector<uint32_t> ends(entry_times.size());
    pieces.buffer.resize(group.total_bytes() + TextPieces::kSlack);
    group.Write(pieces.buffer.data(), Separator::kNone, ends);
    pieces.pieces.reserve(ends.size());
    uint32_t begin = 0;
    for (const uint32_t end : ends) {
      pieces.pieces.push_back({begin, end - begin});
      begin = end;
    }
  }
  shape.columns.push_back(std::move(pieces));
  shape.EndLiteral();
  return {};
}

// Before anything is written: hostile lists may make a few bytes many.
Status TextGroupReader::SumLengths(const SplitReader& in) {
  total_bytes_ = 0;
  std::vector<uint64_t> rows(shapes_.size());
  for (const uint32_t shape : shape_of_row_) ++rows[shape];
  for (size_t i = 0; i < shapes_.size(); ++i) {
    total_bytes_ += rows[i] * shapes_[i].literal_size;
    for (const TextPieces& column : shapes_[i].columns) {
      for (const TextPieces::Piece& piece : column.pieces) total_bytes_ += piece.size;
    }
  }
  return total_bytes_ <= in.text_bytes() ? Status() : DataLoss("split column: texts are too long");
}

void TextGroupReader::Write(char* to, Separator separator, std::span<uint32_t> ends) const {
  std::vector<size_t> next(shapes_.size());  // Row within the shape.
  char* p = to;
  for (size_t row = 0; row < shape_of_row_.size(); ++row) {
    const ShapeColumns& shape = shapes_[shape_of_row_[row]];
    const size_t i = next[shape_of_row_[row]]++;
    const ShapeColumns::Literal* literal = shape.literals.data();
    for (const TextPieces& column : shape.columns) {
      if (literal->size > 0)
        p = CopyPiece(p, shape.literal_bytes.data() + literal->at, literal->size);
      const TextPieces::Piece piece = column.pieces[i];
      p = CopyPiece(p, column.buffer.data() + piece.at, piece.size);
      ++literal;
    }
    if (literal->size > 0)
      p = CopyPiece(p, shape.literal_bytes.data() + literal->at, literal->size);
    if (separator == Separator::kNewline) *p++ = '\n';
    ends[row] = static_cast<uint32_t>(p - to);
  }
}

}  // namespace skald::chunkstore
