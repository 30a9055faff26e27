#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace skald::chunkstore {

// Texts on their way into lines: pieces of one buffer, in the order of rows.
//
// Threads: not synchronised.
struct TextPieces {
  struct Piece {
    uint32_t at = 0;
    uint32_t size = 0;
  };

  // Behind the buffer's last text there is room to read this many bytes.
  static constexpr size_t kSlack = 16;

  std::string buffer;
  std::vector<Piece> pieces;

  std::string_view operator[](size_t row) const {
    return {buffer.data() + pieces[row].at, pieces[row].size};
  }
};

// Copies `size` bytes, and perhaps up to kSlack - 1 more: both sides must have room for them. Most
// pieces are short, and a loop of whole words is faster for those than a call.
inline char* CopyPiece(char* to, const char* from, size_t size) {
  char* const end = to + size;
  do {
    std::memcpy(to, from, TextPieces::kSlack);
    to += TextPieces::kSlack;
    from += TextPieces::kSlack;
  } while (to < end);
  return end;
}

}  // namespace skald::chunkstore
