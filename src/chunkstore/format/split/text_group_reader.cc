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
  std::vector<uint8_t> wanted;      // By row of the shape; empty: all are.

  bool Wants(size_t row) const { return wanted.empty() || wanted[row] != 0; }
  void AddLiteral(std::string_view text) {
    literal_bytes.append(text);
    literals.back().size += static_cast<uint32_t>(text.size());
    literal_size += static_cast<uint32_t>(text.size());
  }
  void EndLiteral() { literals.push_back({static_cast<uint32_t>(literal_bytes.size()), 0}); }
};

// One shape while it is read.
struct TextGroupReader::ShapeReading {
  SplitReader& in;
  Cut cut;
  const RowFilter* filter;
  std::span<const int64_t> entry_times;
  ShapeColumns& shape;
  std::vector<RowFilter::Met> met{};  // By row, if there is a filter: what has been seen so far ...
  RowFilter::Met met_by_all = 0;      // ... and what every row meets.

  // Columns that cannot hold what the filter looks for.
  struct PassedOver {
    size_t column = 0;
    TokenEncoding encoding = TokenEncoding::kDecimals;
    SplitReader::Position position;
  };
  std::vector<PassedOver> passed_over{};
};

TextGroupReader::TextGroupReader() = default;
TextGroupReader::~TextGroupReader() = default;

Status TextGroupReader::Read(SplitReader& in, std::span<const int64_t> entry_times, Cut cut,
                             const RowFilter* filter) {
  const uint64_t count = in.meta().Varint();
  if (in.meta().failed() || count > entry_times.size()) {
    return DataLoss("split column: malformed shapes");
  }
  std::vector<int64_t> codes(entry_times.size());
  SKALD_RETURN_IF_ERROR(in.Numbers(codes));
  shape_of_row_.resize(codes.size());
  std::vector<std::vector<int64_t>> times(count + 1);  // By shape.
  for (size_t row = 0; row < codes.size(); ++row) {
    if (static_cast<uint64_t>(codes[row]) > count) {
      return DataLoss("split column: malformed shapes");
    }
    shape_of_row_[row] = static_cast<uint32_t>(codes[row] == 0 ? count : codes[row] - 1);
    times[shape_of_row_[row]].push_back(entry_times[row]);
  }
  shapes_.clear();
  for (uint64_t i = 0; i <= count; ++i) {
    if (i == count && times[i].empty()) break;
    // Texts of no shape are one column with nothing around it.
    const std::string_view text =
        i < count ? in.meta().LengthPrefixed() : std::string_view("\0\0", 2);
    ShapeReading reading{.in = in,
                         .cut = cut,
                         .filter = filter,
                         .entry_times = times[i],
                         .shape = shapes_.emplace_back()};
    SKALD_RETURN_IF_ERROR(ReadShape(text, reading));
  }
  return SumLengths(in);
}

Status TextGroupReader::ReadShape(std::string_view text, ShapeReading& reading) {
  if (reading.in.meta().failed() || text.empty() || text.back() != '\0' ||
      reading.entry_times.empty()) {
    return DataLoss("split column: malformed shape");
  }
  ShapeColumns& shape = reading.shape;
  if (reading.filter != nullptr) reading.met.resize(reading.entry_times.size());
  for (size_t column = 0; !text.empty(); ++column) {
    if (column > kMaxTokens) return DataLoss("split column: malformed shape");
    const size_t end = text.find('\0');
    shape.AddLiteral(text.substr(0, end));
    text.remove_prefix(end + 1);
    if (!text.empty()) SKALD_RETURN_IF_ERROR(ReadColumn(reading));
  }
  shape.literal_bytes.resize(shape.literal_bytes.size() + TextPieces::kSlack);
  return reading.filter != nullptr ? ReadPassedOver(reading) : Status();
}

Status TextGroupReader::ReadColumn(ShapeReading& reading) {
  ShapeColumns& shape = reading.shape;
  const size_t rows = reading.entry_times.size();
  const auto encoding = static_cast<TokenEncoding>(reading.in.meta().Byte());
  if (encoding == TokenEncoding::kSame) {
    SKALD_ASSIGN_OR_RETURN(const std::string_view text, columns_.GetSame(reading.in, rows));
    shape.AddLiteral(text);
    if (reading.filter != nullptr) reading.met_by_all |= reading.filter->Search(text);
    return {};
  }
  // No token is empty but among texts of no shape, so that this bounds what all columns take.
  if (!reading.in.TakeTexts(rows)) return DataLoss("split column: too many tokens");
  TextPieces& pieces = shape.columns.emplace_back();
  shape.EndLiteral();
  if (encoding == TokenEncoding::kSplit) return ReadSplitColumn(reading, pieces);
  if (reading.filter != nullptr && TokenColumnReader::CanSkip(encoding)) {
    const SplitReader::Position begin = reading.in.position();
    RowFilter::Bytes bytes;
    SKALD_RETURN_IF_ERROR(columns_.Skip(encoding, reading.in, rows, bytes));
    if (!reading.filter->MayMeet(bytes)) {
      reading.passed_over.push_back({shape.columns.size() - 1, encoding, begin});
      return {};
    }
    reading.in.GoTo(begin);
  }
  SKALD_RETURN_IF_ERROR(columns_.Get(encoding, reading.in, reading.entry_times, {}, pieces));
  if (reading.filter != nullptr) columns_.Search(encoding, pieces, *reading.filter, reading.met);
  return {};
}

Status TextGroupReader::ReadSplitColumn(ShapeReading& reading, TextPieces& pieces) {
  if (reading.cut == Cut::kWord) return DataLoss("split column: split too often");
  const size_t rows = reading.entry_times.size();
  TextGroupReader group;
  SKALD_RETURN_IF_ERROR(group.Read(reading.in, reading.entry_times, Cut::kWord, nullptr));
  std::vector<uint32_t> ends(rows);
  group.Write(pieces.MakeBuffer(group.total_bytes()), Separator::kNone, ends);
  pieces.pieces.reserve(rows);
  uint32_t begin = 0;
  for (const uint32_t end : ends) {
    pieces.pieces.push_back({begin, end - begin});
    begin = end;
  }
  if (reading.filter != nullptr) reading.filter->SearchPieces(pieces, reading.met);
  return {};
}

// Now that it is known which rows are wanted, reads what the others need not have.
Status TextGroupReader::ReadPassedOver(ShapeReading& reading) {
  ShapeColumns& shape = reading.shape;
  const size_t rows = reading.entry_times.size();
  shape.wanted.resize(rows);
  bool any = false;
  for (size_t row = 0; row < rows; ++row) {
    const RowFilter::Met met = reading.met[row] | reading.met_by_all;
    shape.wanted[row] = met == reading.filter->all() ? 1 : 0;
    any = any || shape.wanted[row] != 0;
  }
  const SplitReader::Position end = reading.in.position();
  for (const ShapeReading::PassedOver& column : reading.passed_over) {
    TextPieces& pieces = shape.columns[column.column];
    if (!any) {
      pieces.MakeBuffer(0);
      pieces.pieces.resize(rows);
      continue;
    }
    reading.in.GoTo(column.position);
    SKALD_RETURN_IF_ERROR(
        columns_.Get(column.encoding, reading.in, reading.entry_times, shape.wanted, pieces));
  }
  reading.in.GoTo(end);
  return {};
}

// Before anything is written: hostile lists may make a few bytes many.
Status TextGroupReader::SumLengths(const SplitReader& in) {
  total_bytes_ = 0;
  std::vector<uint64_t> rows(shapes_.size());
  for (const uint32_t shape : shape_of_row_) ++rows[shape];
  for (size_t i = 0; i < shapes_.size(); ++i) {
    const ShapeColumns& shape = shapes_[i];
    for (size_t row = 0; row < rows[i]; ++row)
      total_bytes_ += shape.Wants(row) ? shape.literal_size : 0;
    for (const TextPieces& column : shape.columns) {
      for (size_t row = 0; row < rows[i]; ++row) {
        total_bytes_ += shape.Wants(row) ? column.pieces[row].size : 0;
      }
    }
  }
  return total_bytes_ <= in.text_bytes() ? Status() : DataLoss("split column: texts are too long");
}

void TextGroupReader::AppendWanted(std::vector<uint32_t>& rows) const {
  std::vector<size_t> next(shapes_.size());
  for (size_t row = 0; row < shape_of_row_.size(); ++row) {
    const size_t shape = shape_of_row_[row];
    if (shapes_[shape].Wants(next[shape]++)) rows.push_back(static_cast<uint32_t>(row));
  }
}

void TextGroupReader::Write(char* to, Separator separator, std::span<uint32_t> ends) const {
  std::vector<size_t> next(shapes_.size());  // Row within the shape.
  char* p = to;
  for (size_t row = 0; row < shape_of_row_.size(); ++row) {
    const ShapeColumns& shape = shapes_[shape_of_row_[row]];
    const size_t i = next[shape_of_row_[row]]++;
    if (shape.Wants(i)) {
      const char* const literals = shape.literal_bytes.data();
      const ShapeColumns::Literal* literal = shape.literals.data();
      for (const TextPieces& column : shape.columns) {
        if (literal->size > 0) p = CopyPiece(p, literals + literal->at, literal->size);
        p = CopyPiece(p, column.buffer() + column.pieces[i].at, column.pieces[i].size);
        ++literal;
      }
      if (literal->size > 0) p = CopyPiece(p, literals + literal->at, literal->size);
    }
    if (separator == Separator::kNewline) *p++ = '\n';
    ends[row] = static_cast<uint32_t>(p - to);
  }
}

}  // namespace skald::chunkstore
