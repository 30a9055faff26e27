#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace skald {

// The frames of which a log file is made, little endian:
//
//   frame = magic:4 length:u32 crc:u32 payload      crc: CRC-32C of context, length and payload
//
// The context is not written; it keeps frames of one file from being taken for those of another.

// Of a frame beside its payload.
inline constexpr size_t kFrameHeaderBytes = 12;

// Requires: `magic` has four bytes; no payload is as large as 4 GiB.
void AppendFrame(std::string& out, std::string_view magic, std::string_view context,
                 std::string_view payload);

// Finds whole frames, past damage too.
//
// Ownership: borrows the bytes and the magic.
// Threads:   not synchronised.
class FrameReader {
 public:
  FrameReader(std::string_view bytes, std::string_view magic, std::string context)
      : bytes_(bytes), magic_(magic), context_(std::move(context)) {}

  // The payload of the next whole frame; nullopt at the end. Bytes that belong to none are stepped
  // over and add to damaged_bytes().
  std::optional<std::string_view> Next();
  // The payload that Next has given makes no sense: the bytes of its frame are damaged ones.
  void Reject() { damaged_bytes_ += at_ - frame_; }

  // How many of the bytes have been read.
  size_t position() const { return at_; }
  uint64_t damaged_bytes() const { return damaged_bytes_; }

 private:
  // The payload of the frame that begins at `at`, if a whole one does.
  std::optional<std::string_view> FrameAt(size_t at) const;

  std::string_view bytes_;
  std::string_view magic_;
  std::string context_;
  size_t frame_ = 0;  // Where the last one began.
  size_t at_ = 0;
  uint64_t damaged_bytes_ = 0;
};

}  // namespace skald
