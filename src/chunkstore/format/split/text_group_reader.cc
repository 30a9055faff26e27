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
  std::vector<TextPieces> pieces;  // Of which column_count are in use, the columns.
  size_t column_count = 0;
  uint32_t literal_size = 0;    // Of all literals.
  uint64_t total_bytes = 0;     // Of the texts that are wanted.
  std::vector<uint8_t> wanted;  // By row of the shape; empty: all are.

  // literals[i] stands before columns()[i].
  std::span<const TextPieces> columns() const { return std::span(pieces).first(column_count); }
  TextPieces& AddColumn() {
    if (column_count == pieces.size()) pieces.emplace_back();
    return pieces[column_count++];
  }
  // Forgets all but the memory.
  void Clear() {
    literal_bytes.clear();
    literals.assign(1, {});
    column_count = 0;
    literal_size = 0;
    total_bytes = 0;
    wanted.clear();
  }
  size_t MemoryBytes() const {
    size_t bytes = sizeof *this + literal_bytes.capacity() + wanted.capacity();
    for (const TextPieces& column : pieces) bytes += sizeof column + column.MemoryBytes();
    return bytes;
  }

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
  std::span<const int64_t> entry_times;
  ShapeColumns& shape;

  // What is looked for, if anything is, and what its columns may hold of it; `column` is the one
  // that comes next.
  const RowFilter* filter = nullptr;
  std::span<const TextGroupProbe::Column> probed{};
  size_t column = 0;
  std::vector<RowFilter::Met> met{};  // By row: what has been seen so far ...
  RowFilter::Met met_by_all = 0;      // ... and what every row meets.

  // Columns that hold nothing of it.
  struct PassedOver {
    size_t column = 0;
    TokenEncoding encoding = TokenEncoding::kDecimals;
    SplitReader::Position position;
  };
  std::vector<PassedOver> passed_over{};

  // What is kept of the shape's outline, if excerpts are made; `at` is the place reached in its
  // text, and `range` the first that may reach behind it.
  const std::vector<model::LineExcerpt::Range>* kept = nullptr;
  size_t at = 0;
  size_t range = 0;

  void AddLiteral(std::string_view text) {
    if (kept == nullptr) return shape.AddLiteral(text);
    const size_t end = at + text.size();
    for (; range < kept->size() && (*kept)[range].begin < end; ++range) {
      const size_t from = std::max((*kept)[range].begin, at);
      const size_t to = std::min((*kept)[range].end, end);
      if (from < to) shape.AddLiteral(text.substr(from - at, to - from));
      if (to == end) break;  // It may go on.
    }
    at = end;
  }
  // Whether the column that comes next is kept.
  bool TakeHole() {
    if (kept == nullptr) return true;
    while (range < kept->size() && (*kept)[range].end <= at) ++range;
    const size_t hole = at++;
    return range < kept->size() && (*kept)[range].begin <= hole;
  }
};

namespace {

void CountWanted(std::span<const uint8_t> wanted, TextPieces& pieces) {
  uint64_t total = 0;
  for (size_t row = 0; row < pieces.pieces.size(); ++row) {
    total += pieces.pieces[row].size & (0u - wanted[row]);
  }
  pieces.total_bytes = total;
}

}  // namespace

TextGroupReader::TextGroupReader() = default;
TextGroupReader::~TextGroupReader() = default;

size_t TextGroupReader::MemoryBytes() const {
  size_t bytes = shape_of_row_.capacity() * sizeof(uint32_t) + codes_.capacity() * sizeof(int64_t) +
                 ends_.capacity() * sizeof(uint32_t) + columns_.MemoryBytes() +
                 outline_.MemoryBytes() + passed_.MemoryBytes();
  for (const ShapeColumns& shape : shapes_) bytes += shape.MemoryBytes();
  for (const std::vector<int64_t>& times : times_) {
    bytes += sizeof times + times.capacity() * sizeof(int64_t);
  }
  return bytes + (inner_ != nullptr ? inner_->MemoryBytes() : 0);
}

TextGroupReader::ShapeColumns& TextGroupReader::AddShape() {
  if (shape_count_ == shapes_.size()) shapes_.emplace_back();
  ShapeColumns& shape = shapes_[shape_count_++];
  shape.Clear();
  return shape;
}

Status TextGroupReader::Read(SplitReader& in, std::span<const int64_t> entry_times,
                             const Choice& choice) {
  const uint64_t count = in.meta().Varint();
  if (in.meta().failed() || count > entry_times.size()) {
    return DataLoss("split column: malformed shapes");
  }
  codes_.resize(entry_times.size());
  shape_of_row_.resize(entry_times.size());
  std::vector<uint32_t> rows_of_shape(count + 1);
  SKALD_RETURN_IF_ERROR(ReadShapesOfRows(in, rows_of_shape));
  const bool alike = std::ranges::find(rows_of_shape, entry_times.size()) != rows_of_shape.end();
  if (!alike) DealTimes(entry_times, rows_of_shape);
  shape_count_ = 0;
  total_bytes_ = 0;
  has_excerpts_ = false;
  for (uint64_t i = 0; i <= count; ++i) {
    if (i == count && rows_of_shape[i] == 0) break;
    // Texts of no shape are one column with nothing around it.
    const std::string_view text =
        i < count ? in.meta().LengthPrefixed() : std::string_view("\0\0", 2);
    const std::span<const int64_t> times = alike ? entry_times.first(rows_of_shape[i]) : times_[i];
    ShapeReading reading{.in = in, .cut = choice.cut, .entry_times = times, .shape = AddShape()};
    if (const TextGroupProbe* probe = choice.probe; probe != nullptr) {
      if (i >= probe->shapes().size()) return DataLoss("split column: malformed shapes");
      const TextGroupProbe::Shape& probed = probe->shapes()[i];
      if (probed.may_meet != probe->filter().all()) {
        reading.shape.wanted.assign(times.size(), 0);
        in.GoTo(probed.end);
        continue;
      }
      reading.filter = &probe->filter();
      reading.probed = probe->ColumnsOf(probed);
    }
    if (choice.excerpt != nullptr && i < count) {
      SKALD_RETURN_IF_ERROR(CutShape(text, *choice.excerpt, reading));
    }
    SKALD_RETURN_IF_ERROR(ReadShape(text, reading));
    total_bytes_ += reading.shape.total_bytes;
  }
  // Before anything is written: hostile lists may make a few bytes many.
  return total_bytes_ <= in.text_bytes() ? Status() : DataLoss("split column: texts are too long");
}

// Which shape each row is of, and how many rows a shape has. Code 0 is that of none, the last.
Status TextGroupReader::ReadShapesOfRows(SplitReader& in, std::span<uint32_t> rows_of_shape) {
  SplitReader::ByteNumbers bytes;
  SKALD_ASSIGN_OR_RETURN(const bool in_bytes, in.BytesOrNumbers(codes_, bytes));
  const bool valid = in_bytes ? NoteShapes([&](size_t row) { return bytes.At(row); }, rows_of_shape)
                              : NoteShapes([&](size_t row) { return codes_[row]; }, rows_of_shape);
  return valid ? Status() : DataLoss("split column: malformed shapes");
}

// False for a code that there is no shape for.
template <typename CodeOf>
bool TextGroupReader::NoteShapes(const CodeOf& code_of, std::span<uint32_t> rows_of_shape) {
  // Counted in several places in turn, as it takes longer to add to what was just added to.
  constexpr size_t kPlaces = 4;
  const size_t none = rows_of_shape.size() - 1;
  std::vector<uint32_t> counts(kPlaces * rows_of_shape.size());
  uint32_t* const shapes = shape_of_row_.data();
  for (size_t row = 0; row < shape_of_row_.size(); ++row) {
    const auto code = static_cast<uint64_t>(code_of(row));
    if (code > none) return false;
    const size_t shape = code == 0 ? none : code - 1;
    shapes[row] = static_cast<uint32_t>(shape);
    ++counts[kPlaces * shape + row % kPlaces];
  }
  for (size_t i = 0; i < counts.size(); ++i) rows_of_shape[i / kPlaces] += counts[i];
  return true;
}

// The times of each shape's rows.
void TextGroupReader::DealTimes(std::span<const int64_t> entry_times,
                                std::span<const uint32_t> rows_of_shape) {
  if (times_.size() < rows_of_shape.size()) times_.resize(rows_of_shape.size());
  std::vector<int64_t*> next(rows_of_shape.size());
  for (size_t i = 0; i < next.size(); ++i) {
    times_[i].resize(rows_of_shape[i]);
    next[i] = times_[i].data();
  }
  for (size_t row = 0; row < entry_times.size(); ++row) {
    *next[shape_of_row_[row]]++ = entry_times[row];
  }
}

// Decides what of the shape's columns is read.
Status TextGroupReader::CutShape(std::string_view text, const model::LineExcerpt& excerpt,
                                 ShapeReading& reading) {
  const SplitReader::Position begin = reading.in.position();
  SKALD_RETURN_IF_ERROR(outline_.Read(reading.in, text));
  reading.in.GoTo(begin);
  if (!outline_.exact() || !excerpt.Cut(outline_.outline(), kept_)) return {};
  reading.kept = &kept_;
  has_excerpts_ = true;
  return {};
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
    reading.AddLiteral(text.substr(0, end));
    text.remove_prefix(end + 1);
    if (!text.empty()) SKALD_RETURN_IF_ERROR(ReadColumn(reading));
  }
  shape.literal_bytes.resize(shape.literal_bytes.size() + TextPieces::kSlack);
  size_t wanted = reading.entry_times.size();
  if (reading.filter != nullptr) {
    SKALD_ASSIGN_OR_RETURN(wanted, ReadPassedOver(reading));
  }
  if (wanted == 0) return {};
  shape.total_bytes = wanted * shape.literal_size;
  for (const TextPieces& column : shape.columns()) shape.total_bytes += column.total_bytes;
  return {};
}

Status TextGroupReader::ReadColumn(ShapeReading& reading) {
  ShapeColumns& shape = reading.shape;
  const size_t rows = reading.entry_times.size();
  const auto encoding = static_cast<TokenEncoding>(reading.in.meta().Byte());
  const size_t column = reading.column++;
  if (reading.filter != nullptr && column >= reading.probed.size()) {
    return DataLoss("split column: malformed shape");
  }
  if (encoding == TokenEncoding::kSame) {
    SKALD_ASSIGN_OR_RETURN(const std::string_view text, columns_.GetSame(reading.in, rows));
    reading.AddLiteral(text);
    if (reading.filter != nullptr) reading.met_by_all |= reading.probed[column].may_meet;
    return {};
  }
  if (!reading.TakeHole()) return PassColumn(encoding, column, reading);
  // No token is empty but among texts of no shape, so that this bounds what all columns take.
  if (!reading.in.TakeTexts(rows)) return DataLoss("split column: too many tokens");
  TextPieces& pieces = shape.AddColumn();
  shape.EndLiteral();
  if (reading.filter != nullptr && reading.probed[column].may_meet == 0) {
    reading.passed_over.push_back({shape.column_count - 1, encoding, reading.in.position()});
    reading.in.GoTo(reading.probed[column].end);
    return {};
  }
  SKALD_RETURN_IF_ERROR(GetColumn(encoding, reading, pieces));
  if (reading.filter != nullptr) columns_.Search(encoding, pieces, *reading.filter, reading.met);
  return {};
}

// A column that is not kept, but may hold what is looked for.
Status TextGroupReader::PassColumn(TokenEncoding encoding, size_t column, ShapeReading& reading) {
  if (reading.filter != nullptr && reading.probed[column].may_meet != 0) {
    SKALD_RETURN_IF_ERROR(GetColumn(encoding, reading, passed_));
    columns_.Search(encoding, passed_, *reading.filter, reading.met);
  } else {
    reading.in.GoTo(outline_.column_ends()[column]);
  }
  return {};
}

// The tokens of those rows that are wanted, of some encodings those of all.
Status TextGroupReader::GetColumn(TokenEncoding encoding, ShapeReading& reading,
                                  TextPieces& pieces) {
  if (encoding == TokenEncoding::kSplit) return GetSplitColumn(reading, pieces);
  return columns_.Get(encoding, reading.in, reading.entry_times, reading.shape.wanted, pieces);
}

Status TextGroupReader::GetSplitColumn(ShapeReading& reading, TextPieces& pieces) {
  if (reading.cut == Cut::kWord) return DataLoss("split column: split too often");
  const size_t rows = reading.entry_times.size();
  if (inner_ == nullptr) inner_ = std::make_unique<TextGroupReader>();
  SKALD_RETURN_IF_ERROR(inner_->Read(reading.in, reading.entry_times, {.cut = Cut::kWord}));
  ends_.resize(rows);
  inner_->Write(pieces.MakeBuffer(inner_->total_bytes()), Separator::kNone, ends_);
  pieces.pieces.resize(rows);
  uint32_t begin = 0;
  for (size_t row = 0; row < rows; ++row) {
    pieces.pieces[row] = {begin, ends_[row] - begin};
    begin = ends_[row];
  }
  pieces.total_bytes = begin;
  return {};
}

// Now that it is known which rows are wanted, reads what the others need not have. Returns how many
// are, with the bytes of columns counted for these alone; if none is, the columns passed over hold
// what an earlier group has left, and must not be read.
Result<size_t> TextGroupReader::ReadPassedOver(ShapeReading& reading) {
  ShapeColumns& shape = reading.shape;
  const size_t rows = reading.entry_times.size();
  shape.wanted.resize(rows);
  size_t wanted = 0;
  for (size_t row = 0; row < rows; ++row) {
    const RowFilter::Met met = reading.met[row] | reading.met_by_all;
    shape.wanted[row] = met == reading.filter->all() ? 1 : 0;
    wanted += shape.wanted[row];
  }
  if (wanted == 0) return wanted;
  const SplitReader::Position end = reading.in.position();
  for (const ShapeReading::PassedOver& column : reading.passed_over) {
    reading.in.GoTo(column.position);
    SKALD_RETURN_IF_ERROR(GetColumn(column.encoding, reading, shape.pieces[column.column]));
  }
  reading.in.GoTo(end);
  if (wanted < rows) {
    for (size_t i = 0; i < shape.column_count; ++i) CountWanted(shape.wanted, shape.pieces[i]);
  }
  return wanted;
}

void TextGroupReader::AppendWanted(std::vector<uint32_t>& rows) const {
  std::vector<size_t> next(shape_count_);
  for (size_t row = 0; row < shape_of_row_.size(); ++row) {
    const size_t shape = shape_of_row_[row];
    if (shapes_[shape].Wants(next[shape]++)) rows.push_back(static_cast<uint32_t>(row));
  }
}

void TextGroupReader::Write(char* to, Separator separator, std::span<uint32_t> ends) const {
  std::vector<size_t> next(shape_count_);  // Row within the shape.
  char* p = to;
  for (size_t row = 0; row < shape_of_row_.size(); ++row) {
    const ShapeColumns& shape = shapes_[shape_of_row_[row]];
    const size_t i = next[shape_of_row_[row]]++;
    if (shape.Wants(i)) {
      const char* const literals = shape.literal_bytes.data();
      const ShapeColumns::Literal* literal = shape.literals.data();
      for (const TextPieces& column : shape.columns()) {
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
