#include "common/compress.h"

#include <lz4.h>
#include <lz4frame.h>
#include <snappy.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <memory>

namespace skald {
namespace {

struct CodecSpelling {
  std::string_view name;
  Codec codec;
};

// The first spelling of a codec is its name.
constexpr std::array<CodecSpelling, 10> kSpellings = {{{"none", Codec::kNone},
                                                       {"gzip", Codec::kGzip},
                                                       {"snappy", Codec::kSnappy},
                                                       {"lz4", Codec::kLz4},
                                                       {"lz4-64k", Codec::kLz4},
                                                       {"lz4-256k", Codec::kLz4},
                                                       {"lz4-1M", Codec::kLz4},
                                                       {"zstd", Codec::kZstd},
                                                       {"flate", Codec::kDeflate},
                                                       {"lz4-frame", Codec::kLz4Frame}}};

// Appends what `fill` writes to a place of `bound` bytes; it returns how many. They are not zeroed
// before, which on large buffers costs a tenth of what a fast codec does.
template <typename Fill>
void AppendFilled(std::string& out, size_t bound, const Fill& fill) {
  const size_t begin = out.size();
  out.resize_and_overwrite(begin + bound, [&](char* bytes, size_t) {
    const size_t written = fill(bytes + begin);
    SKALD_DCHECK(written <= bound);
    return begin + written;
  });
}

// zlib's windowBits: 15 is the largest window, +16 asks for gzip's header, a minus sign for none.
constexpr int kGzipWindow = 15 + 16;
constexpr int kZlibWindow = 15;
constexpr int kRawWindow = -15;

Status Malformed(Codec codec) {
  return InvalidArgument("not " + std::string(CodecName(codec)) + " data");
}

Status TooLarge(size_t max_bytes) {
  return ResourceExhausted("decompressed size exceeds " + std::to_string(max_bytes) + " bytes");
}

// Grows `out`, of which `used` bytes hold data, as streaming decoders need it. False at the cap.
bool GrowOutput(std::string& out, size_t used, size_t max_bytes) {
  constexpr size_t kFirst = 16 << 10;
  if (used < out.size()) return true;
  if (used >= max_bytes) return false;
  out.resize(std::min(max_bytes, std::max(kFirst, 2 * used)));
  return true;
}

void Deflate(int window, std::string_view raw, std::string& out, int level) {
  z_stream stream{};
  constexpr int kMemoryLevel = 8;  // zlib's default.
  const int error = deflateInit2(&stream, level == 0 ? Z_DEFAULT_COMPRESSION : level, Z_DEFLATED,
                                 window, kMemoryLevel, Z_DEFAULT_STRATEGY);
  SKALD_DCHECK(error == Z_OK);
  (void)error;
  const size_t begin = out.size();
  out.resize(begin + deflateBound(&stream, raw.size()));
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(raw.data()));
  stream.avail_in = static_cast<uInt>(raw.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data() + begin);
  stream.avail_out = static_cast<uInt>(out.size() - begin);
  deflate(&stream, Z_FINISH);
  out.resize(begin + stream.total_out);
  deflateEnd(&stream);
}

// Inflates all members of `bytes` (gzip allows several in a row).
Status Inflate(Codec codec, int window, std::string_view bytes, size_t max_bytes,
               std::string& out) {
  z_stream stream{};
  if (inflateInit2(&stream, window) != Z_OK) return Internal("zlib: inflateInit2 failed");
  const std::unique_ptr<z_stream, int (*)(z_stream*)> guard(&stream, &inflateEnd);
  out.clear();
  size_t used = 0;
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  for (;;) {
    // At the cap one spare byte tells an end that needs no more room from one byte too many.
    char spare = 0;
    const bool room = GrowOutput(out, used, max_bytes);
    stream.next_out = reinterpret_cast<Bytef*>(room ? out.data() + used : &spare);
    const size_t space = room ? out.size() - used : 1;
    stream.avail_out = static_cast<uInt>(space);
    const int result = inflate(&stream, Z_NO_FLUSH);
    const size_t written = space - stream.avail_out;
    if (!room && written > 0) return TooLarge(max_bytes);
    used += written;
    if (result == Z_STREAM_END) {
      if (stream.avail_in == 0 || codec != Codec::kGzip) break;
      inflateReset(&stream);
    } else if (result != Z_OK || (written == 0 && stream.avail_in == 0)) {
      out.resize(used);
      return Malformed(codec);
    }
  }
  out.resize(used);
  // Compat: behind raw DEFLATE there is nothing that could say where it ends, and Go's reader
  // stops.
  if (stream.avail_in != 0 && window != kRawWindow) return Malformed(codec);
  return {};
}

// RFC 1950: compression method 8, and the first two bytes a multiple of 31.
bool LooksLikeZlib(std::string_view bytes) {
  if (bytes.size() < 2) return false;
  const auto first = static_cast<uint8_t>(bytes[0]);
  const auto second = static_cast<uint8_t>(bytes[1]);
  return (first & 0x0f) == 8 && (first * 256 + second) % 31 == 0;
}

Status DecompressDeflate(std::string_view bytes, size_t max_bytes, std::string& out) {
  if (LooksLikeZlib(bytes)) {
    Status status = Inflate(Codec::kDeflate, kZlibWindow, bytes, max_bytes, out);
    if (status.code() != StatusCode::kInvalidArgument) return status;
  }
  return Inflate(Codec::kDeflate, kRawWindow, bytes, max_bytes, out);
}

Status DecompressSnappy(std::string_view bytes, size_t max_bytes, std::string& out) {
  size_t raw_size = 0;
  if (!snappy::GetUncompressedLength(bytes.data(), bytes.size(), &raw_size)) {
    return Malformed(Codec::kSnappy);
  }
  if (raw_size > max_bytes) return TooLarge(max_bytes);
  // A copy of three bytes yields at most 64: a larger claim is a lie not worth an allocation.
  if (raw_size / 22 > bytes.size()) return Malformed(Codec::kSnappy);
  out.clear();
  bool whole = false;
  AppendFilled(out, raw_size, [&](char* raw) {
    whole = snappy::RawUncompress(bytes.data(), bytes.size(), raw);
    return whole ? raw_size : 0;
  });
  return whole ? Status() : Malformed(Codec::kSnappy);
}

Status DecompressLz4(std::string_view bytes, size_t max_bytes, std::string& out, size_t raw_size) {
  if (raw_size > max_bytes) return TooLarge(max_bytes);
  if (raw_size > LZ4_MAX_INPUT_SIZE || bytes.size() > LZ4_MAX_INPUT_SIZE) {
    return Malformed(Codec::kLz4);
  }
  out.clear();
  bool whole = false;
  AppendFilled(out, raw_size, [&](char* raw) {
    const int written = LZ4_decompress_safe(bytes.data(), raw, static_cast<int>(bytes.size()),
                                            static_cast<int>(raw_size));
    whole = written >= 0 && static_cast<size_t>(written) == raw_size;
    return whole ? raw_size : 0;
  });
  return whole ? Status() : Malformed(Codec::kLz4);
}

Status DecompressLz4Frame(std::string_view bytes, size_t max_bytes, std::string& out) {
  LZ4F_dctx* raw_context = nullptr;
  if (LZ4F_isError(LZ4F_createDecompressionContext(&raw_context, LZ4F_VERSION))) {
    return Internal("lz4: no decompression context");
  }
  const std::unique_ptr<LZ4F_dctx, size_t (*)(LZ4F_dctx*)> context(raw_context,
                                                                   &LZ4F_freeDecompressionContext);
  out.clear();
  size_t used = 0;
  for (;;) {
    char spare = 0;
    const bool room = GrowOutput(out, used, max_bytes);
    size_t written = room ? out.size() - used : 1;
    size_t consumed = bytes.size();
    const size_t hint = LZ4F_decompress(context.get(), room ? out.data() + used : &spare, &written,
                                        bytes.data(), &consumed, nullptr);
    if (LZ4F_isError(hint)) return Malformed(Codec::kLz4Frame);
    if (!room && written > 0) return TooLarge(max_bytes);
    used += written;
    bytes.remove_prefix(consumed);
    if (hint == 0 && bytes.empty()) break;
    if (written == 0 && consumed == 0) return Malformed(Codec::kLz4Frame);
  }
  out.resize(used);
  return {};
}

ZSTD_CCtx& ZstdCompressor() {
  thread_local const std::unique_ptr<ZSTD_CCtx, size_t (*)(ZSTD_CCtx*)> context(ZSTD_createCCtx(),
                                                                                &ZSTD_freeCCtx);
  return *context;
}

ZSTD_DCtx& ZstdDecompressor() {
  thread_local const std::unique_ptr<ZSTD_DCtx, size_t (*)(ZSTD_DCtx*)> context(ZSTD_createDCtx(),
                                                                                &ZSTD_freeDCtx);
  return *context;
}

// For frames that do not say how much they hold, and several in a row. Has a context of its own,
// as the window that a header asks for stays allocated with it.
Status DecompressZstdStream(std::string_view bytes, size_t max_bytes, std::string& out) {
  const std::unique_ptr<ZSTD_DCtx, size_t (*)(ZSTD_DCtx*)> context(ZSTD_createDCtx(),
                                                                   &ZSTD_freeDCtx);
  const int window_log = std::clamp<int>(std::bit_width(max_bytes), 10, 27);
  ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, window_log);
  out.clear();
  size_t used = 0;
  ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
  for (;;) {
    char spare = 0;
    const bool room = GrowOutput(out, used, max_bytes);
    ZSTD_outBuffer chunk{room ? out.data() + used : &spare, room ? out.size() - used : 1, 0};
    const size_t consumed_before = in.pos;
    const size_t hint = ZSTD_decompressStream(context.get(), &chunk, &in);
    if (ZSTD_isError(hint)) return Malformed(Codec::kZstd);
    if (!room && chunk.pos > 0) return TooLarge(max_bytes);
    used += chunk.pos;
    if (hint == 0 && in.pos == in.size) break;
    if (chunk.pos == 0 && in.pos == consumed_before) return Malformed(Codec::kZstd);
  }
  out.resize(used);
  return {};
}

Status DecompressZstd(std::string_view bytes, size_t max_bytes, std::string& out) {
  const unsigned long long raw_size = ZSTD_getFrameContentSize(bytes.data(), bytes.size());
  if (raw_size == ZSTD_CONTENTSIZE_ERROR) return Malformed(Codec::kZstd);
  const bool one_frame = ZSTD_findFrameCompressedSize(bytes.data(), bytes.size()) == bytes.size();
  if (raw_size == ZSTD_CONTENTSIZE_UNKNOWN || !one_frame) {
    return DecompressZstdStream(bytes, max_bytes, out);
  }
  if (raw_size > max_bytes) return TooLarge(max_bytes);
  out.clear();
  bool whole = false;
  AppendFilled(out, raw_size, [&](char* raw) {
    const size_t written =
        ZSTD_decompressDCtx(&ZstdDecompressor(), raw, raw_size, bytes.data(), bytes.size());
    whole = !ZSTD_isError(written) && written == raw_size;
    return whole ? raw_size : 0;
  });
  return whole ? Status() : Malformed(Codec::kZstd);
}

}  // namespace

Result<Codec> ParseCodec(std::string_view name) {
  for (const CodecSpelling& spelling : kSpellings) {
    if (spelling.name == name) return spelling.codec;
  }
  std::string known;
  for (const CodecSpelling& spelling : kSpellings) {
    if (!known.empty()) known += ", ";
    known += spelling.name;
  }
  return InvalidArgument("invalid encoding: " + std::string(name) + ", supported: " + known);
}

std::string_view CodecName(Codec codec) {
  for (const CodecSpelling& spelling : kSpellings) {
    if (spelling.codec == codec) return spelling.name;
  }
  return "unknown";
}

void Compress(Codec codec, std::string_view raw, std::string& out, int level) {
  switch (codec) {
    case Codec::kNone:
      out.append(raw);
      return;
    case Codec::kGzip:
      Deflate(kGzipWindow, raw, out, level);
      return;
    case Codec::kDeflate:
      Deflate(kRawWindow, raw, out, level);
      return;
    case Codec::kSnappy:
      AppendFilled(out, snappy::MaxCompressedLength(raw.size()), [&](char* packed) {
        size_t written = 0;
        snappy::RawCompress(raw.data(), raw.size(), packed, &written);
        return written;
      });
      return;
    case Codec::kLz4: {
      const int size = static_cast<int>(raw.size());
      const int bound = LZ4_compressBound(size);
      AppendFilled(out, static_cast<size_t>(bound), [&](char* packed) {
        return static_cast<size_t>(LZ4_compress_fast(raw.data(), packed, size, bound, level));
      });
      return;
    }
    case Codec::kLz4Frame: {
      LZ4F_preferences_t preferences{};
      preferences.frameInfo.contentSize = raw.size();
      preferences.compressionLevel = level;
      const size_t bound = LZ4F_compressFrameBound(raw.size(), &preferences);
      AppendFilled(out, bound, [&](char* packed) {
        return LZ4F_compressFrame(packed, bound, raw.data(), raw.size(), &preferences);
      });
      return;
    }
    case Codec::kZstd: {
      const size_t bound = ZSTD_compressBound(raw.size());
      AppendFilled(out, bound, [&](char* packed) {
        return ZSTD_compressCCtx(&ZstdCompressor(), packed, bound, raw.data(), raw.size(),
                                 level == 0 ? ZSTD_CLEVEL_DEFAULT : level);
      });
      return;
    }
  }
}

Status Decompress(Codec codec, std::string_view bytes, size_t max_bytes, std::string& out,
                  size_t raw_size) {
  switch (codec) {
    case Codec::kNone:
      if (bytes.size() > max_bytes) return TooLarge(max_bytes);
      out.assign(bytes);
      return {};
    case Codec::kGzip:
      return Inflate(codec, kGzipWindow, bytes, max_bytes, out);
    case Codec::kDeflate:
      return DecompressDeflate(bytes, max_bytes, out);
    case Codec::kSnappy:
      return DecompressSnappy(bytes, max_bytes, out);
    case Codec::kLz4:
      return DecompressLz4(bytes, max_bytes, out, raw_size);
    case Codec::kLz4Frame:
      return DecompressLz4Frame(bytes, max_bytes, out);
    case Codec::kZstd:
      return DecompressZstd(bytes, max_bytes, out);
  }
  return InvalidArgument("unknown codec " + std::to_string(static_cast<int>(codec)));
}

}  // namespace skald
