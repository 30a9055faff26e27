#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/compress.h"
#include "common/status.h"

// The files of the write-ahead log: FORMAT.md draws their bytes. A segment is a header and frames;
// a frame is what was written and synced at once, under one checksum; its payload is a run of items
// (wal_record.h).
namespace skald::ingester {

// The file of a segment, and back: nullopt for names of other files.
std::string WalSegmentName(uint64_t segment);
std::optional<uint64_t> ParseWalSegmentName(std::string_view name);
// What is behind the path of a segment that is kept for whoever can read more of it.
inline constexpr std::string_view kWalUnreadableSuffix = ".unreadable";
// How many segments that are gone one after the other are told of: a file whose name is a number
// at random makes many.
inline constexpr uint64_t kMaxMissingSegmentsNamed = 20;

inline constexpr size_t kWalSegmentHeaderBytes = 24;
inline constexpr size_t kWalFrameHeaderBytes = 24;

std::string EncodeWalSegmentHeader(uint64_t segment);
// kDataLoss for a damaged header, kUnimplemented for a version that is newer than this program.
Status CheckWalSegmentHeader(std::string_view bytes, uint64_t segment);

// Turns a buffer of kWalFrameHeaderBytes of any content followed by a payload into a frame. With a
// codec the payload is packed if that saves an eighth; `scratch` is used for it.
void SealWalFrame(std::string& frame, uint64_t segment, Codec codec, std::string& scratch);

// Whether `rest`, which begins with no whole frame, is one whose end was never written: of its
// header, or of what a sound header announces; or nothing but zeros. No push was acknowledged for
// it.
bool IsUnfinishedWalFrame(std::string_view rest);

// Finds the frames in a segment's bytes, past damage too.
//
// Ownership: borrows the bytes.
// Threads:   not synchronised.
class WalFrameReader {
 public:
  // `bytes` is what follows the segment's header.
  WalFrameReader(std::string_view bytes, uint64_t segment) : bytes_(bytes), segment_(segment) {}

  // The next whole frame's payload, valid until the next call; nullopt at the end. Bytes that
  // belong to no whole frame are stepped over and add to damaged_bytes().
  std::optional<std::string_view> Next();

  // Where the frame that Next handed out last begins in the bytes, and where it ends.
  size_t frame_begin() const { return frame_begin_; }
  size_t frame_end() const { return at_; }

  uint64_t damaged_bytes() const { return damaged_bytes_; }
  // Stretches of damage so far. torn_tail: no whole frame followed the last one.
  uint64_t damages() const { return damages_; }
  bool torn_tail() const { return torn_tail_; }

 private:
  // The whole frame that begins at `at`, if one does.
  std::optional<std::string_view> FrameAt(size_t at);

  std::string_view bytes_;
  uint64_t segment_;
  size_t at_ = 0;
  size_t frame_begin_ = 0;
  size_t next_ = 0;  // Set by FrameAt: behind the frame.
  uint64_t damaged_bytes_ = 0;
  uint64_t damages_ = 0;
  bool torn_tail_ = false;
  std::string unpacked_;
};

}  // namespace skald::ingester
