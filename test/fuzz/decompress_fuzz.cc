// Frames of snappy are tried on all; for the others the first byte picks the codec and the next the
// cap; the rest is what a client or a disk holds.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "common/compress.h"
#include "common/snappy_frames.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const auto codec = static_cast<skald::Codec>(data[0] % 7);
  const size_t cap = size_t{1} << (data[1] % 21);
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  std::string out;
  const skald::Status status = skald::Decompress(codec, bytes, cap, out, data[1] * size_t{16});
  if (status.ok() && out.size() > cap) std::abort();
  if (skald::DecompressSnappyFrames(bytes, cap, out).ok() && out.size() > cap) std::abort();
  // What comes out must go in and come out again.
  std::string packed;
  std::string again;
  skald::Compress(codec, bytes, packed);
  if (!skald::Decompress(codec, packed, bytes.size(), again, bytes.size()).ok()) std::abort();
  if (again != bytes) std::abort();
  return 0;
}
