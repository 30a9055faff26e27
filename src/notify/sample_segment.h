#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/frames.h"
#include "common/status.h"
#include "notify/sample.h"

// The bytes of the queue of samples on disk; FORMAT.md draws them. A segment is a header and
// frames; a frame is some of what was written and synced at once, under one checksum.
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
  SampleFrameReader(std::string_view bytes, uint64_t segment);

  // The samples of the next whole frame; nullopt at the end. Bytes that belong to none are stepped
  // over and add to damaged_bytes().
  std::optional<std::vector<Sample>> Next();

  // How many of the bytes have been read.
  size_t position() const { return frames_.position(); }
  uint64_t damaged_bytes() const { return frames_.damaged_bytes(); }

 private:
  FrameReader frames_;
};

}  // namespace skald::notify
