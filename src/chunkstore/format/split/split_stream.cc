#include "chunkstore/format/split/split_stream.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <utility>

#include "common/compress.h"

namespace skald::chunkstore {
namespace {

// Smaller streams gain nothing from a codec's frame.
constexpr size_t kMinPackedBytes = 24;
// Bounds of what is made of a column, by the bytes of its texts; far above what any writer needs.
constexpr uint64_t kMaxMetaPerByte = 64;
constexpr uint64_t kMaxTextsPerByte = 4;
constexpr uint64_t kSmall = 1 << 16;

// What a codec has made of a stream must be so much smaller to be worth its decoding.
bool Pays(size_t packed, size_t raw) { return packed + raw / 32 + 8 < raw; }

// Numbers from their lowest bytes, and what their higher ones add. Sums are modulo 2^64.
void SetLowest(std::string_view bytes, uint64_t base, std::span<int64_t> numbers) {
  for (size_t i = 0; i < numbers.size(); ++i) {
    numbers[i] = static_cast<int64_t>(base + static_cast<uint8_t>(bytes[i]));
  }
}
void AddPlane(std::string_view bytes, size_t shift, std::span<int64_t> numbers) {
  for (size_t i = 0; i < numbers.size(); ++i) {
    const uint64_t part = static_cast<uint64_t>(static_cast<uint8_t>(bytes[i])) << shift;
    numbers[i] = static_cast<int64_t>(static_cast<uint64_t>(numbers[i]) + part);
  }
}

size_t BytesOf(uint64_t number) { return (static_cast<size_t>(std::bit_width(number)) + 7) / 8; }

}  // namespace

void SplitWriter::PutStream(std::string_view bytes) {
  std::string_view stored = bytes;
  if (bytes.size() >= kMinPackedBytes) {
    packed_.clear();
    Compress(Codec::kZstd, bytes, packed_, zstd_level_);
    if (Pays(packed_.size(), bytes.size())) stored = packed_;
  }
  PutVarint(meta_, bytes.size());
  PutVarint(meta_, stored.size());
  streams_.append(stored);
}

void SplitWriter::PutNumbers(std::span<const int64_t> numbers) {
  if (numbers.empty()) return;
  const auto [min, max] = std::ranges::minmax(numbers);
  const uint64_t base = static_cast<uint64_t>(min);
  const size_t width = BytesOf(static_cast<uint64_t>(max) - base);
  PutFixed64(meta_, base);
  meta_.push_back(static_cast<char>(width));
  for (size_t place = 0; place < width; ++place) {
    plane_.resize(numbers.size());
    for (size_t i = 0; i < numbers.size(); ++i) {
      plane_[i] = static_cast<char>((static_cast<uint64_t>(numbers[i]) - base) >> (8 * place));
    }
    PutStream(plane_);
  }
}

// split := varint meta_raw_bytes  varint meta_bytes  meta  stream*
void SplitWriter::Finish(std::string& out) {
  packed_.clear();
  Compress(Codec::kZstd, meta_, packed_, zstd_level_);
  const std::string_view stored = Pays(packed_.size(), meta_.size()) ? packed_ : meta_;
  PutVarint(out, meta_.size());
  PutVarint(out, stored.size());
  out.append(stored).append(streams_);
}

SplitReader::SplitReader(std::string meta, std::string_view streams, uint64_t text_bytes)
    : meta_bytes_(std::make_unique<std::string>(std::move(meta))),
      meta_(*meta_bytes_),
      streams_(streams),
      text_bytes_(text_bytes),
      texts_left_(kMaxTextsPerByte * text_bytes + kSmall) {}

Result<SplitReader> SplitReader::Make(std::string_view bytes, uint64_t text_bytes) {
  ByteReader head(bytes);
  const uint64_t raw_bytes = head.Varint();
  const uint64_t stored_bytes = head.Varint();
  const std::string_view stored = head.Bytes(stored_bytes);
  SKALD_RETURN_IF_ERROR(head.Finish("split column", false));
  if (raw_bytes > kMaxMetaPerByte * text_bytes + kSmall)
    return DataLoss("split column: its head is too large");
  std::string meta;
  if (stored_bytes == raw_bytes) {
    meta = stored;
  } else if (!Decompress(Codec::kZstd, stored, raw_bytes, meta).ok() || meta.size() != raw_bytes) {
    return DataLoss("split column: malformed head");
  }
  return SplitReader(std::move(meta), head.rest(), text_bytes);
}

bool SplitReader::TakeTexts(uint64_t count) {
  if (count > texts_left_) return false;
  texts_left_ -= count;
  return true;
}

Result<std::string_view> SplitReader::StoredStream(uint64_t max_bytes, uint64_t& raw_bytes) {
  raw_bytes = meta_.Varint();
  const uint64_t stored_bytes = meta_.Varint();
  if (meta_.failed() || raw_bytes > max_bytes || stored_bytes > streams_.size()) {
    return DataLoss("split column: malformed stream");
  }
  const std::string_view stored = streams_.substr(0, stored_bytes);
  streams_.remove_prefix(stored_bytes);
  return stored;
}

Result<std::string_view> SplitReader::Stream(uint64_t max_bytes, std::string& scratch) {
  uint64_t raw_bytes = 0;
  SKALD_ASSIGN_OR_RETURN(const std::string_view stored, StoredStream(max_bytes, raw_bytes));
  if (stored.size() == raw_bytes) return stored;
  if (!Decompress(Codec::kZstd, stored, raw_bytes, scratch).ok() || scratch.size() != raw_bytes) {
    return DataLoss("split column: a stream does not decompress");
  }
  return std::string_view(scratch);
}

Status SplitReader::SkipStream() {
  uint64_t raw_bytes = 0;
  return StoredStream(std::numeric_limits<uint64_t>::max(), raw_bytes).status();
}

Result<SplitReader::Bounds> SplitReader::SkipNumbers() {
  const uint64_t base = meta_.Fixed64();
  const size_t width = meta_.Byte();
  if (meta_.failed() || width > sizeof(uint64_t)) {
    return DataLoss("split column: malformed numbers");
  }
  for (size_t place = 0; place < width; ++place) SKALD_RETURN_IF_ERROR(SkipStream());
  constexpr uint64_t kAny = std::numeric_limits<uint64_t>::max();
  const uint64_t more = width == sizeof(uint64_t) ? kAny : (uint64_t{1} << 8 * width) - 1;
  return Bounds{.least = base, .most = more > kAny - base ? kAny : base + more};
}

Result<std::string_view> SplitReader::Plane(size_t count) {
  SKALD_ASSIGN_OR_RETURN(const std::string_view plane, Stream(count, scratch_));
  if (plane.size() != count) return DataLoss("split column: malformed numbers");
  return plane;
}

Status SplitReader::Numbers(std::span<int64_t> numbers) {
  ByteNumbers lowest;
  SKALD_ASSIGN_OR_RETURN(const bool in_bytes, BytesOrNumbers(numbers, lowest));
  if (!in_bytes) return {};
  if (lowest.bytes.empty()) {
    std::ranges::fill(numbers, static_cast<int64_t>(lowest.base));
  } else {
    SetLowest(lowest.bytes, lowest.base, numbers);
  }
  return {};
}

Result<bool> SplitReader::BytesOrNumbers(std::span<int64_t> numbers, ByteNumbers& bytes) {
  bytes = {};
  if (numbers.empty()) return true;
  bytes.base = meta_.Fixed64();
  const size_t width = meta_.Byte();
  if (meta_.failed() || width > sizeof(uint64_t)) {
    return DataLoss("split column: malformed numbers");
  }
  if (width == 0) return true;
  SKALD_ASSIGN_OR_RETURN(bytes.bytes, Plane(numbers.size()));
  if (width == 1) return true;
  SetLowest(bytes.bytes, bytes.base, numbers);
  for (size_t place = 1; place < width; ++place) {
    SKALD_ASSIGN_OR_RETURN(const std::string_view plane, Plane(numbers.size()));
    AddPlane(plane, 8 * place, numbers);
  }
  return false;
}

Status SplitReader::Finish() const {
  if (!streams_.empty()) return DataLoss("split column: bytes are left over");
  return meta_.Finish("split column");
}

}  // namespace skald::chunkstore
