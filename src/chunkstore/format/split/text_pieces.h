#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace skald::chunkstore {

// Texts on their way into lines: pieces of one buffer, in the order of rows.
//
// Threads: not synchronised.
class TextPieces {
 public:
  struct Piece {
    uint32_t at = 0;
    uint32_t size = 0;
  };

  // Behind the buffer's last text there is room to read this many bytes.
  static constexpr size_t kSlack = 16;

  // A buffer of so many bytes, whose contents are undefined: pages are dear, zeros in them too.
  char* MakeBuffer(size_t bytes) {
    if (bytes + kSlack > capacity_) {
      capacity_ = bytes + kSlack;
      buffer_.reset(new char[capacity_]);
    }
    return buffer_.get();
  }

  size_t MemoryBytes() const { return capacity_ + pieces.capacity() * sizeof(Piece); }

  const char* buffer() const { return buffer_.get(); }
  std::string_view operator[](size_t row) const {
    return {buffer_.get() + pieces[row].at, pieces[row].size};
  }

  std::vector<Piece> pieces;
  // Of all pieces. Who fills them says it: that is cheaper than to add it up afterwards.
  uint64_t total_bytes = 0;

 private:
  std::unique_ptr<char[]> buffer_;
  size_t capacity_ = 0;
};

// Copies `size` bytes, and perhaps up to kSlack - 1 more: both sides must have room for them. Most
// pieces are short, and a loop of whole words is faster for those than a call.
inline char* CopyPiece(char* to, const char* from, size_t size) {
  char* const end = to + size;
  do {
    std::memcpy(to, from, TextPieces::kSlack);
    to += TextPieces::kSlack;
    from += TextPieces::kSlack;
    asm("" : "+r"(from));  // Else compilers make that very call of the loop.
  } while (to < end);
  return end;
}

}  // namespace skald::chunkstore
