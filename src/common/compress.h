#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/status.h"

namespace skald {

// Codecs of whole buffers. The numbers are stored and never reused.
enum class Codec : uint8_t {
  kNone = 0,
  kGzip = 1,
  kSnappy = 2,  // Raw block format.
  kLz4 = 3,     // Raw block format.
  kZstd = 4,
  kDeflate = 5,  // Raw when encoding; raw, whatever follows it, or zlib-wrapped when decoding.
  kLz4Frame = 6,
};

// "none", "gzip", "snappy", "lz4" (and its Loki spellings lz4-64k ...), "zstd", "flate".
// kInvalidArgument otherwise.
Result<Codec> ParseCodec(std::string_view name);
std::string_view CodecName(Codec codec);

// Appends the compressed form of `raw` to `out`. `level` is the codec's own scale, 0 its default.
// For kLz4 and kZstd the caller stores the raw size and passes it to Decompress.
void Compress(Codec codec, std::string_view raw, std::string& out, int level = 0);

// Replaces `out` by the decompressed bytes. kInvalidArgument when `bytes` are not of `codec`;
// kResourceExhausted when the result would exceed `max_bytes` (nothing larger is ever allocated,
// whatever a header declares). `raw_size` is needed for kLz4 only. After kInvalidArgument of kGzip
// and kDeflate `out` holds what came before the damage.
Status Decompress(Codec codec, std::string_view bytes, size_t max_bytes, std::string& out,
                  size_t raw_size = 0);

}  // namespace skald
