#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/status.h"
#include "notify/sample.h"

// The bytes of the queue of samples on disk; FORMAT.md draws them. A segment is a header and
// frames; a frame is what was written and synced at once, under one checksum.
namespace skald::notify {

inline constexpr size_t kSampleSegmentHeaderBytes = 20;

std::string EncodeSampleSegmentHeader(uint64_t segment);
// kDataLoss for a damaged header, or another segment's.
Status CheckSampleSegmentHeader(std::string_view bytes, uint64_t segment);

// Appends a frame with `samples`, which are not empty.
void AppendSampleFrame(std::string& out, uint64_t segment, std::span<const Sample> samples);

// Finds the frames in a segment's bytes, past damage too.
//
// Ownership: borrows the bytes.
// Threads:   not synchronised.
class SampleFrameReader {
 public:
  // `bytes` is a part of segment `segment` that begins where a frame does.
  SampleFrameReader(std::string_view bytes, uint64_t segment) : bytes_(bytes), segment_(segment) {}

  // The samples of the next whole frame; nullopt at the end. Bytes that belong to none are stepped
  // over and add to damaged_bytes().
  std::optional<std::vector<Sample>> Next();

  // How many of the bytes have been read.
  size_t position() const { return at_; }
  uint64_t damaged_bytes() const { return damaged_bytes_; }

 private:
  // The samples of the frame that begins at `at`, if a whole one does; then sets next_.
  std::optional<std::vector<Sample>> FrameAt(size_t at);

  std::string_view bytes_;
  uint64_t segment_;
  size_t at_ = 0;
  size_t next_ = 0;
  uint64_t damaged_bytes_ = 0;
};

}  // namespace skald::notify
