#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

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
  // One token for each of `entry_times`. Requires: `encoding` was read and is not kSplit.
  Status Get(TokenEncoding encoding, SplitReader& in, std::span<const int64_t> entry_times,
             TextPieces& out);

 private:
  Status GetSame(SplitReader& in, size_t rows, TextPieces& out);
  Status GetListed(SplitReader& in, size_t rows, TextPieces& out);
  Status GetTexts(SplitReader& in, size_t rows, TextPieces& out);

  std::vector<int64_t> numbers_;
  std::string scratch_;
};

}  // namespace skald::chunkstore
