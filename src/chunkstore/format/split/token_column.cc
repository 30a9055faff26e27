#include "chunkstore/format/split/token_column.h"

#include <algorithm>

#include "chunkstore/format/split/hex_column.h"
#include "chunkstore/format/split/number_column.h"
#include "chunkstore/format/split/time_column.h"
#include "common/bytes.h"
#include "common/hash.h"

namespace skald::chunkstore {
namespace {

// Values that a place in lines may have and still be listed: with more of them a row's choice costs
// about what the value does.
size_t MaxListed(size_t rows) { return std::min<size_t>(rows / 4 + 2, 4096); }
// Rows whose tokens tell whether it is worth while to list all.
constexpr size_t kSample = 256;
constexpr size_t kFewOfSample = 160;

size_t CountDistinct(std::span<const std::string_view> tokens) {
  ViewMap<bool> seen;
  for (const std::string_view token : tokens) seen.emplace(token, true);
  return seen.size();
}

void PutEncoding(TokenEncoding encoding, SplitWriter& out) {
  out.meta().push_back(static_cast<char>(encoding));
}

}  // namespace

bool TokenColumnWriter::Put(std::span<const std::string_view> tokens,
                            std::span<const int64_t> entry_times, SplitWriter& out) {
  if (std::ranges::all_of(tokens, [&](std::string_view t) { return t == tokens[0]; })) {
    PutEncoding(TokenEncoding::kSame, out);
    PutLengthPrefixed(out.meta(), tokens[0]);
    return true;
  }
  // Each of these writes its number, and takes it back if it was the wrong one.
  const auto put = [&](TokenEncoding encoding, auto writer) {
    PutEncoding(encoding, out);
    if (writer()) return true;
    out.meta().pop_back();
    return false;
  };
  if (put(TokenEncoding::kTimes,
          [&] { return PutTimeTokens(tokens, entry_times, numbers_, out); })) {
    return true;
  }
  const bool few = CountDistinct(tokens.first(std::min(tokens.size(), kSample))) <
                   std::min(kFewOfSample, tokens.size() / 2 + 2);
  const auto listed = [&] { return PutListed(tokens, MaxListed(tokens.size()), out); };
  if (few && put(TokenEncoding::kListed, listed)) return true;
  return put(TokenEncoding::kDecimals, [&] { return PutDecimalTokens(tokens, numbers_, out); }) ||
         put(TokenEncoding::kHex, [&] { return PutHexTokens(tokens, out); });
}

bool TokenColumnWriter::PutListed(std::span<const std::string_view> tokens, size_t max_values,
                                  SplitWriter& out) {
  ViewMap<int64_t> codes;
  std::vector<std::string_view> values;
  numbers_.resize(tokens.size());
  for (size_t i = 0; i < tokens.size(); ++i) {
    const auto [it, added] = codes.emplace(tokens[i], static_cast<int64_t>(values.size()));
    if (added) values.push_back(tokens[i]);
    if (values.size() > max_values) return false;
    numbers_[i] = it->second;
  }
  PutVarint(out.meta(), values.size());
  for (const std::string_view value : values) PutLengthPrefixed(out.meta(), value);
  out.PutNumbers(numbers_);
  return true;
}

void TokenColumnWriter::PutTexts(std::span<const std::string_view> tokens, SplitWriter& out) {
  PutEncoding(TokenEncoding::kTexts, out);
  numbers_.resize(tokens.size());
  bytes_.clear();
  for (size_t i = 0; i < tokens.size(); ++i) {
    numbers_[i] = static_cast<int64_t>(tokens[i].size());
    bytes_.append(tokens[i]);
  }
  out.PutNumbers(numbers_);
  out.PutStream(bytes_);
}

Status TokenColumnReader::Get(TokenEncoding encoding, SplitReader& in,
                              std::span<const int64_t> entry_times, std::span<const uint8_t> wanted,
                              TextPieces& out) {
  const size_t rows = entry_times.size();
  switch (encoding) {
    case TokenEncoding::kListed:
      return GetListed(in, rows, out);
    case TokenEncoding::kDecimals:
      return GetDecimalTokens(in, rows, wanted, numbers_, scratch_, out);
    case TokenEncoding::kHex:
      return GetHexTokens(in, rows, wanted, scratch_, out);
    case TokenEncoding::kTimes:
      return GetTimeTokens(in, entry_times, wanted, numbers_, out);
    case TokenEncoding::kTexts:
      return GetTexts(in, rows, out);
    case TokenEncoding::kSame:
    case TokenEncoding::kSplit:
      break;
  }
  return DataLoss("split column: unknown encoding");
}

Result<std::string_view> TokenColumnReader::GetSame(SplitReader& in, size_t rows) {
  const std::string_view text = in.meta().LengthPrefixed();
  if (in.meta().failed() || !in.MayHold(rows, text.size())) {
    return DataLoss("split column: malformed text");
  }
  return text;
}

void TokenColumnReader::Search(TokenEncoding encoding, const TextPieces& pieces,
                               const RowFilter& filter, std::span<RowFilter::Met> met) {
  if (encoding != TokenEncoding::kListed) return filter.SearchPieces(pieces, met);
  std::vector<RowFilter::Met> of_value;
  for (const TextPieces::Piece value : values_) {
    of_value.push_back(filter.Search({pieces.buffer() + value.at, value.size}));
  }
  if (std::ranges::all_of(of_value, [](RowFilter::Met m) { return m == 0; })) return;
  for (size_t row = 0; row < met.size(); ++row) {
    const uint64_t code = in_bytes_ ? bytes_.At(row) : static_cast<uint64_t>(numbers_[row]);
    met[row] |= of_value[code];
  }
}

Status TokenColumnReader::GetListed(SplitReader& in, size_t rows, TextPieces& out) {
  const uint64_t count = in.meta().Varint();
  if (in.meta().failed() || count == 0 || count > rows) {
    return DataLoss("split column: malformed list");
  }
  std::vector<std::string_view> texts(count);
  size_t bytes = 0;
  for (std::string_view& text : texts) {
    text = in.meta().LengthPrefixed();
    bytes += text.size();
  }
  char* p = out.MakeBuffer(bytes);
  values_.resize(count);
  for (size_t i = 0; i < count; ++i) {
    values_[i] = {static_cast<uint32_t>(p - out.buffer()), static_cast<uint32_t>(texts[i].size())};
    p = std::ranges::copy(texts[i], p).out;
  }
  numbers_.resize(rows);
  SKALD_ASSIGN_OR_RETURN(in_bytes_, in.BytesOrNumbers(numbers_, bytes_));
  const bool valid = in_bytes_
                         ? PickValues([this](size_t row) { return bytes_.At(row); }, rows, out)
                         : PickValues([this](size_t row) { return numbers_[row]; }, rows, out);
  return valid ? Status() : DataLoss("split column: malformed list");
}

// The value of each row, whose code is `code_of(row)`. False if there is none for one.
template <typename CodeOf>
bool TokenColumnReader::PickValues(const CodeOf& code_of, size_t rows, TextPieces& out) const {
  out.pieces.resize(rows);
  const TextPieces::Piece* const values = values_.data();
  const size_t count = values_.size();
  TextPieces::Piece* const pieces = out.pieces.data();
  uint64_t total = 0;
  for (size_t row = 0; row < rows; ++row) {
    const auto code = static_cast<uint64_t>(code_of(row));
    if (code >= count) return false;
    pieces[row] = values[code];
    total += pieces[row].size;
  }
  out.total_bytes = total;
  return true;
}

Status TokenColumnReader::GetTexts(SplitReader& in, size_t rows, TextPieces& out) {
  numbers_.resize(rows);
  SKALD_RETURN_IF_ERROR(in.Numbers(numbers_));
  SKALD_ASSIGN_OR_RETURN(const std::string_view bytes, in.Stream(in.text_bytes(), scratch_));
  out.pieces.resize(rows);
  uint64_t at = 0;
  for (size_t row = 0; row < rows; ++row) {
    const auto size = static_cast<uint64_t>(numbers_[row]);
    if (size > bytes.size() - at) return DataLoss("split column: malformed texts");
    out.pieces[row] = {static_cast<uint32_t>(at), static_cast<uint32_t>(size)};
    at += size;
  }
  if (at != bytes.size()) return DataLoss("split column: malformed texts");
  std::ranges::copy(bytes, out.MakeBuffer(bytes.size()));
  out.total_bytes = bytes.size();
  return {};
}

}  // namespace skald::chunkstore
