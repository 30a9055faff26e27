#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "chunkstore/format/split/row_filter.h"
#include "chunkstore/format/split/split_stream.h"
#include "chunkstore/format/split/text_pieces.h"
#include "common/status.h"

namespace skald::chunkstore {

// How the tokens that stand in one place of lines of one shape are stored. The numbers are stored
// and never reused.
enum class TokenEncoding : uint8_t {
  kSame = 1,      // One text in all rows.
  kListed = 2,    // Few texts, and for each row which one.
  kDecimals = 3,  // number_column.h.
  kHex = 4,       // hex_column.h.
  kTimes = 5,     // time_column.h.
  kTexts = 6,     // Lengths and bytes.
  kSplit = 7,     // Texts that are split in their turn.
};

// Writes and reads columns of tokens, all encodings but kSplit.
//
// Threads: not synchronised.
class TokenColumnWriter {
 public:
  // Writes the tokens in the encoding that suits them, its number first. False, and nothing is
  // written, if none does but kTexts or kSplit.
  bool Put(std::span<const std::string_view> tokens, std::span<const int64_t> entry_times,
           SplitWriter& out);
  void PutTexts(std::span<const std::string_view> tokens, SplitWriter& out);

 private:
  bool PutListed(std::span<const std::string_view> tokens, size_t max_values, SplitWriter& out);

  std::vector<int64_t> numbers_;
  std::string bytes_;
};

class TokenColumnReader {
 public:
  // One token for each of `entry_times`; of numbers, ids and times those that are not `wanted` may
  // come as empty texts (empty: all are). Requires: `encoding` was read and is neither kSame nor
  // kSplit.
  Status Get(TokenEncoding encoding, SplitReader& in, std::span<const int64_t> entry_times,
             std::span<const uint8_t> wanted, TextPieces& out);
  // The text that is the same in all rows. It lives as long as the reader of the column.
  Result<std::string_view> GetSame(SplitReader& in, size_t rows);

  size_t MemoryBytes() const {
    return numbers_.capacity() * sizeof(int64_t) + values_.capacity() * sizeof(values_[0]) +
           scratch_.capacity();
  }

  // Adds to `met` of each row what its token meets. Requires: Get was called last, for `pieces`.
  void Search(TokenEncoding encoding, const TextPieces& pieces, const RowFilter& filter,
              std::span<RowFilter::Met> met);

 private:
  Status GetListed(SplitReader& in, size_t rows, TextPieces& out);
  Status GetTexts(SplitReader& in, size_t rows, TextPieces& out);
  template <typename CodeOf>
  bool PickValues(const CodeOf& code_of, size_t rows, TextPieces& out) const;

  std::vector<int64_t> numbers_;
  SplitReader::ByteNumbers bytes_;  // In place of numbers_, if in_bytes_: which value a row has.
  bool in_bytes_ = false;
  std::vector<TextPieces::Piece> values_;
  std::string scratch_;
};

}  // namespace skald::chunkstore
