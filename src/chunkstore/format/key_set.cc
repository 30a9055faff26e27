#include "chunkstore/format/key_set.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <utility>

#include "common/hash.h"

// The first `region_bits` of a key name its region. A region holds the gaps between its keys, once
// these are scaled by range / 2^32, by Rice's code: gap / 2^r zeros, a one, r bits of the
// remainder. Bits are filled from the lowest of each byte; behind the last gap there are zeros,
// which begin no gap as they never come to a one.
//
// With gaps of 2^g on average this takes g + 1.5 bits a key, and a key that was never added is
// taken for a member once in 2^g times.

namespace skald::chunkstore {
namespace {

constexpr int kMaxKeyBits = 32;

class BitWriter {
 public:
  explicit BitWriter(std::string& out) : out_(out) {}
  ~BitWriter() {
    for (; filled_ > 0; filled_ -= 8, bits_ >>= 8) out_.push_back(static_cast<char>(bits_));
  }
  BitWriter(const BitWriter&) = delete;
  BitWriter& operator=(const BitWriter&) = delete;

  void Put(uint64_t bits, int count) {  // Up to 32.
    bits_ |= bits << filled_;
    filled_ += count;
    if (filled_ < 32) return;
    PutFixed32(out_, static_cast<uint32_t>(bits_));
    bits_ >>= 32;
    filled_ -= 32;
  }
  void PutGap(uint32_t gap, int rice_bits) {
    for (uint32_t zeros = gap >> rice_bits; zeros > 0;) {
      const auto step = static_cast<int>(std::min<uint32_t>(zeros, 32));
      Put(0, step);
      zeros -= static_cast<uint32_t>(step);
    }
    Put(1, 1);
    Put(gap & ((uint64_t{1} << rice_bits) - 1), rice_bits);
  }

 private:
  std::string& out_;
  uint64_t bits_ = 0;
  int filled_ = 0;
};

class BitReader {
 public:
  explicit BitReader(std::string_view bytes) : bytes_(bytes) {}

  // False at the end.
  bool GetGap(int rice_bits, uint64_t& gap) {
    uint64_t zeros = 0;
    for (;;) {
      const uint64_t bits = Peek();
      if (bits != 0) {
        const int more = std::countr_zero(bits);
        zeros += static_cast<uint64_t>(more);
        at_ += static_cast<size_t>(more) + 1;
        break;
      }
      zeros += kPeekBits;
      at_ += kPeekBits;
      if (at_ >= bytes_.size() * 8) return false;
    }
    gap = zeros << rice_bits | (Peek() & ((uint64_t{1} << rice_bits) - 1));
    at_ += static_cast<size_t>(rice_bits);
    return at_ <= bytes_.size() * 8;
  }

 private:
  static constexpr size_t kPeekBits = 56;

  // The next 56 bits; behind the end there are zeros.
  uint64_t Peek() const {
    const size_t byte = at_ / 8;
    if (byte >= bytes_.size()) return 0;
    char buffer[8] = {};
    std::memcpy(buffer, bytes_.data() + byte, std::min<size_t>(8, bytes_.size() - byte));
    return (LoadFixed64(buffer) >> (at_ % 8)) & ((uint64_t{1} << kPeekBits) - 1);
  }

  std::string_view bytes_;
  size_t at_ = 0;  // In bits.
};

uint64_t Scale(uint64_t key, uint64_t range) { return key * range >> kMaxKeyBits; }

// The least key of a region, scaled: where its first gap begins.
uint64_t RegionBegin(uint64_t region, int region_bits, uint64_t range) {
  return Scale(region << (kMaxKeyBits - region_bits), range);
}

int RiceBits(uint64_t keys, uint64_t range) {
  const double mean_gap = static_cast<double>(range) / static_cast<double>(keys);
  // The best for gaps that are spread geometrically, as those of even keys are.
  return std::clamp(static_cast<int>(std::lround(std::log2(mean_gap * 0.69))), 0, kMaxKeyBits - 1);
}

}  // namespace

EncodedKeySet EncodeKeySet(std::span<const uint32_t> keys, const KeySetOptions& options) {
  const int rice_bits = RiceBits(std::max<uint64_t>(keys.size(), 1), options.range);
  const int region_bits = RegionBits(keys.size(), options.keys_a_region);
  EncodedKeySet set;
  PutVarint(set.table, keys.size());
  PutVarint(set.table, options.range);
  set.table.push_back(static_cast<char>(region_bits));
  set.table.push_back(static_cast<char>(rice_bits));
  auto key = keys.begin();
  std::string bits;
  for (uint64_t region = 0; region < uint64_t{1} << region_bits; ++region) {
    bits.clear();
    {
      BitWriter writer(bits);
      uint64_t next = RegionBegin(region, region_bits, options.range);  // The least that may come.
      for (; key != keys.end(); ++key) {
        if (static_cast<uint64_t>(*key) >> (kMaxKeyBits - region_bits) != region) break;
        const uint64_t scaled = Scale(*key, options.range);
        if (scaled < next) continue;  // The same as the one before it, once scaled.
        writer.PutGap(static_cast<uint32_t>(scaled - next), rice_bits);
        next = scaled + 1;
      }
    }
    if (!set.Add(bits)) return {};
  }
  return set;
}

Result<KeySetTable> KeySetTable::Decode(ByteReader& reader) {
  KeySetTable table;
  table.keys_ = reader.Varint();
  table.range_ = reader.Varint();
  const int region_bits = reader.Byte();
  table.rice_bits_ = reader.Byte();
  if (reader.failed() || table.range_ < 1 || table.range_ > kWholeRange ||
      region_bits > kMaxRegionBits || table.rice_bits_ >= kMaxKeyBits) {
    return DataLoss("bad table of keys");
  }
  SKALD_ASSIGN_OR_RETURN(table.regions_, RegionTable::Decode(region_bits, reader));
  return table;
}

Result<bool> KeySetTable::Has(uint32_t key, std::string_view region) const {
  SKALD_ASSIGN_OR_RETURN(const uint32_t found, Which({&key, 1}, region));
  return found != 0;
}

Result<uint32_t> KeySetTable::Which(std::span<const uint32_t> keys, std::string_view region) const {
  SKALD_ASSIGN_OR_RETURN(const std::string_view bits, regions_.Open(keys.front(), region));
  if (bits.empty()) return 0u;
  const uint64_t last = Scale(keys.back(), range_);
  BitReader reader(bits);
  uint64_t next =
      RegionBegin(static_cast<uint64_t>(keys.front()) >> (kMaxKeyBits - regions_.region_bits()),
                  regions_.region_bits(), range_);
  uint32_t found = 0;
  size_t i = 0;
  for (uint64_t gap = 0; next <= last && reader.GetGap(rice_bits_, gap); ++next) {
    next += gap;
    for (; i < keys.size() && Scale(keys[i], range_) <= next; ++i) {
      if (Scale(keys[i], range_) == next) found |= 1u << i;
    }
  }
  return found;
}

}  // namespace skald::chunkstore
