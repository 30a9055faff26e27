#include "common/bytes.h"

#include <bit>

namespace skald {

// Numbers at rest are little endian and are copied as they are.
static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__);

void PutFixed32(std::string& out, uint32_t value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

void PutFixed64(std::string& out, uint64_t value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

void PutLengthPrefixed(std::string& out, std::string_view bytes) {
  PutVarint(out, bytes.size());
  out.append(bytes);
}

void ByteReader::Fail() {
  failed_ = true;
  rest_ = {};
}

uint8_t ByteReader::Byte() {
  if (rest_.empty()) {
    Fail();
    return 0;
  }
  const auto value = static_cast<uint8_t>(rest_.front());
  rest_.remove_prefix(1);
  return value;
}

uint32_t ByteReader::Fixed32() {
  const std::string_view bytes = Bytes(sizeof(uint32_t));
  return failed_ ? 0 : LoadFixed32(bytes.data());
}

uint64_t ByteReader::Fixed64() {
  const std::string_view bytes = Bytes(sizeof(uint64_t));
  return failed_ ? 0 : LoadFixed64(bytes.data());
}

uint64_t ByteReader::LongVarint() {
  constexpr uint64_t kTopBits = 0x8080808080808080;
  if (rest_.size() >= sizeof(uint64_t)) {
    // One that ends within eight bytes has no branch for each: the lowest top bit that is not set
    // is its end, and groups of seven bits are pushed together by pairs.
    uint64_t word = LoadFixed64(rest_.data());
    if (const uint64_t ends = ~word & kTopBits; ends != 0) {
      const int bits = std::countr_zero(ends) + 1;
      word &= ~kTopBits & ~uint64_t{0} >> (64 - bits);
      word = (word & 0x007f007f007f007f) | (word & 0x7f007f007f007f00) >> 1;
      word = (word & 0x00003fff00003fff) | (word & 0x3fff00003fff0000) >> 2;
      word = (word & 0x000000000fffffff) | (word & 0x0fffffff00000000) >> 4;
      rest_.remove_prefix(static_cast<size_t>(bits / 8));
      return word;
    }
  }
  uint64_t value = 0;
  for (size_t i = 0; i < rest_.size() && i < 10; ++i) {
    const auto byte = static_cast<uint8_t>(rest_[i]);
    if (i == 9 && byte > 1) break;  // Would not fit in 64 bits.
    value |= static_cast<uint64_t>(byte & 0x7f) << (7 * i);
    if (byte < 0x80) {
      rest_.remove_prefix(i + 1);
      return value;
    }
  }
  Fail();
  return 0;
}

std::string_view ByteReader::Bytes(uint64_t count) {
  if (failed_ || count > rest_.size()) {
    Fail();
    return {};
  }
  const std::string_view bytes = rest_.substr(0, count);
  rest_.remove_prefix(count);
  return bytes;
}

std::string_view ByteReader::LengthPrefixed() { return Bytes(Varint()); }

Status ByteReader::Finish(std::string_view what, bool whole) const {
  if (failed_) return DataLoss(std::string(what) + ": cut short or malformed");
  if (whole && !rest_.empty()) {
    return DataLoss(std::string(what) + ": " + std::to_string(rest_.size()) + " bytes left over");
  }
  return {};
}

}  // namespace skald
