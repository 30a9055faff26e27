#include "chunkstore/format/line_filter.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "common/bytes.h"

namespace skald::chunkstore {
namespace {

// Every fourth bit of `word`, from the lowest on, as its lowest 16.
constexpr uint64_t EveryFourth(uint64_t word) {
  static_assert(kLineFilterParts == 4);
  word &= 0x1111111111111111;
  word = (word | word >> 3) & 0x0303030303030303;
  word = (word | word >> 6) & 0x000f000f000f000f;
  word = (word | word >> 12) & 0x000000ff000000ff;
  return (word | word >> 24) & 0xffff;
}

// The part of a bitmap of which four words make one of it.
std::string PartOf(std::string_view bits, size_t part) {
  std::string out;
  out.reserve(bits.size() / kLineFilterParts);
  for (size_t at = 0; at < bits.size(); at += kLineFilterParts * sizeof(uint64_t)) {
    uint64_t word = 0;
    for (size_t i = 0; i < kLineFilterParts; ++i) {
      word |= EveryFourth(LoadFixed64(bits.data() + at + i * sizeof word) >> part) << 16 * i;
    }
    PutFixed64(out, word);
  }
  return out;
}

}  // namespace

LineFilter LineFilter::Decode(FilterKind kind, std::string_view stored) {
  LineFilter filter;
  const LineFilterParts parts = PartsOf(kind);
  if (kind != FilterKind::kAllLineGrams) {
    ByteReader reader(stored);
    filter.word_limit_ = reader.Fixed32();
    filter.other_limit_ = reader.Fixed32();
    if (reader.failed()) return {};
    stored.remove_prefix(kLimitsBytes);
  }
  if (parts == 0 || stored.size() % 8 != 0) return {};
  filter.in_parts_ = parts != kAllLineFilterParts;
  filter.bits_[filter.in_parts_ ? static_cast<size_t>(std::countr_zero(parts)) : 0] = stored;
  return filter;
}

void LineFilter::Add(const LineFilter& parts) {
  if (empty()) *this = parts;
  if (!in_parts_ || !parts.in_parts_) return;
  word_limit_ = std::min(word_limit_, parts.word_limit_);
  other_limit_ = std::min(other_limit_, parts.other_limit_);
  for (size_t part = 0; part < bits_.size(); ++part) {
    if (bits_[part].empty()) bits_[part] = parts.bits_[part];
  }
}

size_t LineFilter::bitmap_bytes() const {
  size_t bytes = 0;
  for (const std::string_view bits : bits_) bytes += bits.size();
  return bytes;
}

uint64_t LineFilter::bits_set() const {
  uint64_t set = 0;
  for (const std::string_view bits : bits_) {
    for (const char byte : bits) set += std::popcount(static_cast<uint8_t>(byte));
  }
  return set;
}

std::string EncodeLineFilter(std::string_view bits, uint32_t word_limit, uint32_t other_limit) {
  std::string stored;
  stored.reserve(LineFilter::kLimitsBytes + bits.size());
  PutFixed32(stored, word_limit);
  PutFixed32(stored, other_limit);
  return stored.append(bits);
}

std::vector<StoredFilter> CutLineFilter(std::string encoded) {
  const std::string_view bits = std::string_view(encoded).substr(LineFilter::kLimitsBytes);
  std::vector<StoredFilter> cut;
  if (bits.size() < kMinPartedBytes || bits.size() % (8 * kLineFilterParts) != 0) {
    cut.push_back({.kind = FilterKind::kLineGrams, .bytes = std::move(encoded)});
    return cut;
  }
  const std::string limits = encoded.substr(0, LineFilter::kLimitsBytes);
  for (size_t part = 0; part < kLineFilterParts; ++part) {
    cut.push_back({.kind = LineGramsPart(part), .bytes = limits + PartOf(bits, part)});
  }
  return cut;
}

}  // namespace skald::chunkstore
