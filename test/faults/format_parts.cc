#include "faults/format_parts.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>

#include "chunkstore/format/chunk_layout.h"
#include "chunkstore/format/pack.h"
#include "chunkstore/format/pack_filter.h"
#include "common/bytes.h"
#include "ingester/wal_end.h"
#include "ingester/wal_frame.h"
#include "support/matchers.h"

namespace skald::test {
namespace {

using chunkstore::PackHead;

uint64_t SegmentOf(const std::string& path) {
  const auto segment = ingester::ParseWalSegmentName(path.substr(path.find_last_of('/') + 1));
  EXPECT_TRUE(segment.has_value()) << path;
  return segment.value_or(0);
}

std::string_view WithoutHeader(std::string_view bytes) {
  return bytes.substr(std::min(bytes.size(), ingester::kWalSegmentHeaderBytes));
}

std::vector<FilePart> PartsOfSegment(const std::string& path, std::string_view bytes) {
  constexpr size_t kHeader = ingester::kWalSegmentHeaderBytes;
  FilePart headers{.name = "wal_frame_headers", .ranges = {}};
  FilePart payloads{.name = "wal_payloads", .ranges = {}};
  ingester::WalFrameReader frames(WithoutHeader(bytes), SegmentOf(path));
  while (frames.Next()) {
    const size_t begin = kHeader + frames.frame_begin();
    const size_t payload = begin + ingester::kWalFrameHeaderBytes;
    headers.ranges.emplace_back(begin, payload);
    payloads.ranges.emplace_back(payload, kHeader + frames.frame_end());
  }
  return {{.name = "wal_header", .ranges = {{0, std::min(kHeader, bytes.size())}}},
          std::move(headers),
          std::move(payloads)};
}

// Calls `visit` with each chunk's header and where in the pack the chunk begins.
template <typename Visit>
void VisitChunks(std::string_view pack, const Visit& visit) {
  const auto entries = chunkstore::ReadPackDirectory(pack);
  ASSERT_THAT(entries, IsOk());
  for (const chunkstore::PackEntry& entry : *entries) {
    const auto header = chunkstore::DecodeChunkHead(pack.substr(entry.offset, entry.head_bytes));
    ASSERT_THAT(header, IsOk());
    visit(*header, entry);
  }
}

std::vector<FilePart> PartsOfPack(std::string_view pack) {
  const auto head = chunkstore::DecodePackHead(pack.substr(0, chunkstore::kPackHeadBytes));
  EXPECT_THAT(head, IsOk());
  if (!head.ok()) return {};
  const size_t filter = head->filter_bytes > 0 ? head->filter_offset : head->chunks_offset;
  const size_t regions = head->filter_bytes > 0 ? head->regions_offset : filter;
  FilePart heads{.name = "chunk_heads", .ranges = {}};
  FilePart filters{.name = "block_filters", .ranges = {}};
  FilePart blocks{.name = "blocks", .ranges = {}};
  size_t end = head->chunks_offset;
  VisitChunks(pack, [&](const chunkstore::ChunkHeader& chunk, const chunkstore::PackEntry& entry) {
    const size_t data = entry.offset + chunk.blocks.front().data_offset;
    end = entry.offset + entry.bytes;
    heads.ranges.emplace_back(entry.offset, entry.offset + entry.head_bytes);
    filters.ranges.emplace_back(entry.offset + entry.head_bytes, data);
    blocks.ranges.emplace_back(data, end);
  });
  return {{.name = "pack_head", .ranges = {{0, filter}}},
          {.name = "pack_filter", .ranges = {{filter, regions}}},
          {.name = "pack_filter_regions", .ranges = {{regions, head->chunks_offset}}},
          std::move(heads),
          std::move(filters),
          std::move(blocks),
          {.name = "pack_end", .ranges = {{end, pack.size()}}}};
}

void AddSegmentFeatures(const std::string& path, std::string_view bytes,
                        std::set<std::string>& features) {
  constexpr size_t kUnpackedAt = 12;
  ingester::WalFrameReader frames(WithoutHeader(bytes), SegmentOf(path));
  while (const std::optional<std::string_view> payload = frames.Next()) {
    const char* const frame = WithoutHeader(bytes).data() + frames.frame_begin();
    if (LoadFixed32(frame + kUnpackedAt) > 0) features.insert("wal: packed frame");
    ByteReader items(*payload);
    while (!items.AtEnd() && !items.failed()) {
      features.insert("wal: item " + std::to_string(items.Byte()));
      (void)items.Varint();
      (void)items.LengthPrefixed();
    }
  }
}

void AddPackFeatures(std::string_view pack, std::set<std::string>& features) {
  const auto head = chunkstore::DecodePackHead(pack.substr(0, chunkstore::kPackHeadBytes));
  ASSERT_THAT(head, IsOk());
  if (head->filter_bytes > 0) {
    ByteReader sections(pack.substr(head->filter_offset, head->filter_bytes - 4));
    while (!sections.AtEnd() && !sections.failed()) {
      features.insert("pack: section " + std::to_string(sections.Byte()));
      (void)sections.LengthPrefixed();
    }
  }
  VisitChunks(pack, [&](const chunkstore::ChunkHeader& chunk, const chunkstore::PackEntry&) {
    for (const chunkstore::BlockHeader& block : chunk.blocks) {
      for (const chunkstore::ColumnEntry& column : block.columns) {
        features.insert("block: column " + std::to_string(static_cast<int>(column.kind)));
      }
      for (const chunkstore::FilterEntry& filter : block.filters) {
        features.insert("block: filter " + std::to_string(static_cast<int>(filter.kind)));
      }
    }
  });
}

}  // namespace

std::string RegionOf(const std::string& path) {
  const std::string name = path.substr(path.find_last_of('/') + 1);
  if (path.find("/wal/") != std::string::npos) return "wal";
  if (path.find("/packs/") != std::string::npos) return "pack";
  if (name.ends_with(".sst")) return "index_table";
  if (name.ends_with(".log")) return "index_log";
  return "index_" + name.substr(0, name.find('-'));
}

std::string NameOf(const std::string& path) {
  const std::string region = RegionOf(path);
  if (region == "pack") return path.substr(path.find("packs/"));
  return region == "wal" ? path.substr(path.find("wal/")) : "index";
}

std::vector<size_t> FilePart::Places(size_t count) const {
  size_t bytes = 0;
  for (const auto& [begin, end] : ranges) bytes += end - begin;
  const size_t stride = std::max<size_t>(1, bytes / std::max<size_t>(1, count));
  std::vector<size_t> places;
  size_t next = 0;  // Of all bytes of the part.
  size_t before = 0;
  for (const auto& [begin, end] : ranges) {
    for (; next < before + (end - begin); next += stride) places.push_back(begin + next - before);
    before += end - begin;
  }
  return places;
}

std::vector<FilePart> PartsOf(const std::string& path, std::string_view bytes) {
  const std::string region = RegionOf(path);
  if (path.ends_with(ingester::kWalEndName))
    return {{.name = "wal_end", .ranges = {{0, bytes.size()}}}};
  if (region == "wal") return PartsOfSegment(path, bytes);
  if (region == "pack") return PartsOfPack(bytes);
  return {{.name = region, .ranges = {{0, bytes.size()}}}};
}

std::set<std::string> FeaturesOf(const std::string& path, std::string_view bytes) {
  std::set<std::string> features;
  const std::string region = RegionOf(path);
  if (path.ends_with(ingester::kWalEndName))
    features.insert("wal: end");
  else if (region == "wal")
    AddSegmentFeatures(path, bytes, features);
  if (region == "pack") AddPackFeatures(bytes, features);
  return features;
}

}  // namespace skald::test
