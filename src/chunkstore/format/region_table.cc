#include "chunkstore/format/region_table.h"

#include "common/hash.h"

namespace skald::chunkstore {
namespace {

constexpr int kKeyBits = 32;
constexpr size_t kSizeBytes = 2;  // Of a region, in the table.
constexpr size_t kMaxRegionBytes = 0xffff;
constexpr size_t kRegionsASum = 32;

}  // namespace

int RegionBits(uint64_t keys, uint64_t keys_a_region) {
  int bits = 0;
  while (bits < kMaxRegionBits && keys >> bits > keys_a_region) ++bits;
  return bits;
}

bool EncodedKeySet::Add(std::string_view region) {
  const size_t bytes = region.empty() ? 0 : region.size() + RegionTable::kCrcBytes;
  if (bytes > kMaxRegionBytes) return false;
  table.push_back(static_cast<char>(bytes));
  table.push_back(static_cast<char>(bytes >> 8));
  if (region.empty()) return true;
  regions += region;
  PutFixed32(regions, Crc32c(region));
  return true;
}

Result<RegionTable> RegionTable::Decode(int region_bits, ByteReader& reader) {
  RegionTable table;
  table.region_bits_ = region_bits;
  const std::string_view sizes = reader.Bytes(kSizeBytes << region_bits);
  if (reader.failed()) return DataLoss("table of keys is cut short");
  const size_t regions = size_t{1} << region_bits;
  table.sizes_.reserve(regions);
  table.begins_.reserve(regions / kRegionsASum + 1);
  uint32_t begin = 0;
  for (size_t i = 0; i < regions; ++i) {
    if (i % kRegionsASum == 0) table.begins_.push_back(begin);
    const auto low = static_cast<uint8_t>(sizes[i * kSizeBytes]);
    const auto high = static_cast<uint8_t>(sizes[i * kSizeBytes + 1]);
    table.sizes_.push_back(static_cast<uint16_t>(low | high << 8));
    begin += table.sizes_.back();
  }
  table.regions_bytes_ = begin;
  return table;
}

RegionTable::Region RegionTable::RegionOf(uint32_t key) const {
  if (sizes_.empty()) return {};
  const size_t region = static_cast<uint64_t>(key) >> (kKeyBits - region_bits_);
  uint64_t offset = begins_[region / kRegionsASum];
  for (size_t i = region / kRegionsASum * kRegionsASum; i < region; ++i) offset += sizes_[i];
  return {.offset = offset, .bytes = sizes_[region]};
}

Result<std::string_view> RegionTable::Open(uint32_t key, std::string_view region) const {
  if (region.size() != RegionOf(key).bytes) return DataLoss("keys: not a region of this table");
  if (region.empty()) return region;
  if (region.size() <= kCrcBytes) return DataLoss("keys: region is cut short");
  const std::string_view held = region.substr(0, region.size() - kCrcBytes);
  if (Crc32c(held) != LoadFixed32(region.data() + held.size())) {
    return DataLoss("keys: crc mismatch");
  }
  return held;
}

Status RegionTable::Check(std::string_view regions) const {
  if (regions.size() != regions_bytes()) return DataLoss("keys: regions are cut short");
  for (uint64_t region = 0; region < sizes_.size(); ++region) {
    const auto key = static_cast<uint32_t>(region << (kKeyBits - region_bits_));
    SKALD_RETURN_IF_ERROR(Open(key, regions.substr(0, sizes_[region])).status());
    regions.remove_prefix(sizes_[region]);
  }
  return {};
}

}  // namespace skald::chunkstore
