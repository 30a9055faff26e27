// The filter of a pack. The first byte chooses: 0, the rest are lines, no part of which a filter
// that is made of them may deny; else it is the length of a filter's sections, and what follows
// these is the region that each id is looked for in, as a hostile disk may hold them. Their
// checksums are set right first.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "chunkstore/format/block_sealer.h"
#include "chunkstore/format/pack_filter.h"
#include "common/bytes.h"
#include "common/hash.h"
#include "model/entry_block.h"

namespace skald::chunkstore {
namespace {

constexpr uint64_t kChunkBytes = 1 << 20;

std::string WithCrc(std::string_view bytes) {
  std::string out(bytes);
  PutFixed32(out, Crc32c(bytes));
  return out;
}

void RoundTrip(std::string_view text) {
  model::EntryBlockBuilder builder;
  std::vector<std::string_view> lines;
  for (size_t at = 0; at <= text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
    builder.Append(0, lines.size(), lines.back(), {});
    at = end + 1;
  }
  std::vector<SealedBlock> blocks;
  BlockSealer({.codec = Codec::kZstd}).Seal(builder.Finish(), blocks);
  const auto group = static_cast<uint32_t>(text.size() % kStreamGroups);
  PackFilterBuilder filters;
  for (const SealedBlock& block : blocks) filters.Add(block, group);
  const PackFilterBuilder::Encoded encoded = filters.Finish(kChunkBytes);
  const auto filter = PackFilter::Decode(encoded.head);
  if (!filter.ok()) __builtin_trap();
  const auto with_id = [&](uint32_t key) {
    const RegionTable::Region region = filter->id_regions()->RegionOf(key);
    const auto groups = filter->GroupsWithId(
        key, std::string_view(encoded.regions).substr(region.offset, region.bytes));
    if (!groups.ok()) __builtin_trap();
    return *groups;
  };
  for (const std::string_view line : lines) {
    for (const std::string_view part : {line, line.substr(line.size() / 4, line.size() / 2)}) {
      const PackProbe probe({{.any_of = {std::string(part)}}});
      if ((probe.MayMatch(*filter, with_id) >> group & 1) == 0) __builtin_trap();
    }
  }
}

void ReadHostile(std::string_view sections, std::string_view region) {
  const auto filter = PackFilter::Decode(WithCrc(sections));
  if (!filter.ok()) return;
  const std::string stored = WithCrc(region);
  const auto with_id = [&](uint32_t key) {
    (void)filter->id_regions()->Check(stored);
    const auto groups = filter->GroupsWithId(key, stored);
    return groups.ok() ? *groups : kAllStreams;
  };
  for (const char* literal : {"OutOfMemoryError", "00f067aa0ba902b7", "4bf92f3577b34da6a3ce929d",
                              "4bf92f3577b34da6a3ce929d0e0e4736"}) {
    (void)PackProbe({{.any_of = {literal}}}).MayMatch(*filter, with_id);
  }
  (void)filter->MayHaveMetadata("trace_id");
}

}  // namespace
}  // namespace skald::chunkstore

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] == 0) {
    skald::chunkstore::RoundTrip(bytes);
  } else {
    const size_t sections = std::min<size_t>(data[0], bytes.size());
    skald::chunkstore::ReadHostile(bytes.substr(0, sections), bytes.substr(sections));
  }
  return 0;
}
