#include "chunkstore/format/pack.h"

#include <utility>

#include "common/bytes.h"
#include "common/compress.h"
#include "common/hash.h"

namespace skald::chunkstore {
namespace {

constexpr uint32_t kPackMagic = 0x4b504b53;    // "SKPK" in the file.
constexpr uint32_t kFooterMagic = 0x45504b53;  // "SKPE" in the file.
// Two versions differ in two bits at least: a head without a crc is not taken for another's where a
// bit of it is flipped.
constexpr uint32_t kPlainVersion = 7;     // Chunks follow magic and version.
constexpr uint32_t kFilteredVersion = 4;  // A filter comes before them.
constexpr size_t kPlainHeadBytes = 8;
// Labels of neighbours are alike: a directory shrinks to a tenth. zstd's fastest plain level.
constexpr int kDirectoryLevel = 1;
// A directory larger than this is taken for damage: some four million chunks.
constexpr uint64_t kMaxDirectoryBytes = uint64_t{1} << 30;

// As those two, but that entries of the directory lack metadata_volume.
constexpr uint32_t kOldPlainVersion = 1;
constexpr uint32_t kOldFilteredVersion = 2;

bool HasMetadataVolume(uint32_t version) {
  return version == kPlainVersion || version == kFilteredVersion;
}
bool HasFilter(uint32_t version) {
  return version == kFilteredVersion || version == kOldFilteredVersion;
}
bool IsKnown(uint32_t version) {
  return HasMetadataVolume(version) || HasFilter(version) || version == kOldPlainVersion;
}

std::string EncodeHead(const PackFilterBuilder::Encoded& filter) {
  std::string head;
  PutFixed32(head, kPackMagic);
  PutFixed32(head, filter.head.empty() ? kPlainVersion : kFilteredVersion);
  if (filter.head.empty()) return head;
  PutFixed32(head, static_cast<uint32_t>(filter.head.size()));
  PutFixed32(head, static_cast<uint32_t>(filter.regions.size()));
  PutFixed32(head, Crc32c(head));
  head += filter.head;
  head += filter.regions;
  return head;
}

void EncodeEntry(const PackEntry& entry, std::string& out) {
  const ChunkSummary& summary = entry.summary;
  PutLengthPrefixed(out, entry.tenant.value());
  PutLengthPrefixed(out, entry.labels->encoded());
  PutFixed64(out, entry.fingerprint.value());
  PutVarint(out, entry.bytes);
  PutVarint(out, entry.head_bytes);
  PutVarint(out, ZigZag(summary.min_time));
  PutVarint(out, static_cast<uint64_t>(summary.max_time) - static_cast<uint64_t>(summary.min_time));
  PutVarint(out, summary.max_seq);
  PutVarint(out, summary.entries);
  PutVarint(out, summary.line_bytes);
  PutVarint(out, summary.metadata_bytes);
  PutVarint(out, summary.metadata_volume);
}

Result<PackEntry> DecodeEntry(ByteReader& reader, uint32_t version) {
  PackEntry entry;
  entry.tenant = model::TenantId(std::string(reader.LengthPrefixed()));
  SKALD_ASSIGN_OR_RETURN(model::Labels labels, model::Labels::Decode(reader.LengthPrefixed()));
  entry.labels = std::make_shared<const model::Labels>(std::move(labels));
  entry.fingerprint = model::Fingerprint(reader.Fixed64());
  entry.bytes = reader.Varint();
  const uint64_t head_bytes = reader.Varint();
  ChunkSummary& summary = entry.summary;
  summary.min_time = UnZigZag(reader.Varint());
  summary.max_time =
      static_cast<int64_t>(static_cast<uint64_t>(summary.min_time) + reader.Varint());
  summary.max_seq = reader.Varint();
  summary.entries = reader.Varint();
  summary.line_bytes = reader.Varint();
  summary.metadata_bytes = reader.Varint();
  summary.metadata_volume =
      HasMetadataVolume(version) ? reader.Varint() : EstimateMetadataVolume(summary.entries);
  if (head_bytes > entry.bytes || head_bytes > UINT32_MAX || summary.max_time < summary.min_time) {
    return DataLoss("bad directory entry");
  }
  entry.head_bytes = static_cast<uint32_t>(head_bytes);
  return entry;
}

}  // namespace

void PackWriter::Add(model::TenantId tenant, std::shared_ptr<const model::Labels> labels,
                     model::Fingerprint fingerprint, const FinishedChunk& chunk) {
  entries_.push_back({.tenant = std::move(tenant),
                      .labels = std::move(labels),
                      .fingerprint = fingerprint,
                      .offset = bytes_,
                      .bytes = chunk.bytes,
                      .head_bytes = static_cast<uint32_t>(chunk.head.size()),
                      .summary = chunk.summary});
  const uint32_t group = StreamGroupOf(*entries_.back().labels);
  for (const auto& block : chunk.blocks) {
    filter_.Add(*block, group);
    data_bytes_ += block->data.size();
  }
  chunk.AppendParts(chunk_parts_);
  bytes_ += chunk.bytes;
}

PackWriter::Pack PackWriter::Finish() {
  Pack pack{.head = EncodeHead(filter_.Finish(std::exchange(data_bytes_, 0))),
            .chunk_parts = std::exchange(chunk_parts_, {}),
            .entries = std::exchange(entries_, {})};
  for (PackEntry& entry : pack.entries) entry.offset += pack.head.size();
  const bool filtered = pack.head.size() > kPlainHeadBytes;
  std::string directory;
  if (filtered) PutVarint(directory, pack.head.size());
  PutVarint(directory, pack.entries.size());
  for (const PackEntry& entry : pack.entries) EncodeEntry(entry, directory);
  Compress(Codec::kZstd, directory, pack.tail, kDirectoryLevel);
  std::string footer;
  PutFixed64(footer, pack.head.size() + std::exchange(bytes_, 0));
  PutFixed64(footer, pack.tail.size());
  PutFixed64(footer, directory.size());
  PutFixed32(footer, Crc32c(pack.tail));
  PutFixed32(footer, filtered ? kFilteredVersion : kPlainVersion);
  PutFixed32(footer, Crc32c(footer));
  PutFixed32(footer, kFooterMagic);
  pack.tail += footer;
  return pack;
}

std::vector<std::string_view> PackWriter::Pack::Parts() const {
  std::vector<std::string_view> parts;
  parts.reserve(chunk_parts.size() + 2);
  parts.push_back(head);
  parts.insert(parts.end(), chunk_parts.begin(), chunk_parts.end());
  parts.push_back(tail);
  return parts;
}

std::string PackWriter::Pack::Bytes() const {
  std::string bytes;
  for (const std::string_view part : Parts()) bytes += part;
  return bytes;
}

Result<PackHead> DecodePackHead(std::string_view bytes) {
  ByteReader reader(bytes);
  PackHead head;
  const uint32_t magic = reader.Fixed32();
  head.version = reader.Fixed32();
  if (reader.failed() || magic != kPackMagic || !IsKnown(head.version)) {
    return DataLoss("not a pack: wrong head");
  }
  head.chunks_offset = kPlainHeadBytes;
  if (!HasFilter(head.version)) return head;
  head.filter_bytes = reader.Fixed32();
  const uint64_t regions_bytes = reader.Fixed32();
  const uint32_t crc = reader.Fixed32();
  if (reader.failed()) return DataLoss("head is cut short");
  if (Crc32c(bytes.substr(0, kPackHeadBytes - sizeof crc)) != crc) {
    return DataLoss("head: crc mismatch");
  }
  head.filter_offset = kPackHeadBytes;
  head.regions_offset = head.filter_offset + head.filter_bytes;
  head.chunks_offset = head.regions_offset + regions_bytes;
  return head;
}

Result<PackFooter> DecodePackFooter(std::string_view footer, uint64_t pack_bytes) {
  if (footer.size() != kPackFooterBytes || pack_bytes < kPlainHeadBytes + kPackFooterBytes) {
    return DataLoss("footer is cut short");
  }
  ByteReader reader(footer);
  PackFooter decoded;
  decoded.directory_offset = reader.Fixed64();
  decoded.directory_bytes = reader.Fixed64();
  decoded.directory_raw_bytes = reader.Fixed64();
  decoded.directory_crc32c = reader.Fixed32();
  decoded.version = reader.Fixed32();
  const uint32_t crc = reader.Fixed32();
  if (reader.Fixed32() != kFooterMagic) return DataLoss("not a pack: wrong magic at its end");
  if (Crc32c(footer.substr(0, kPackFooterBytes - 8)) != crc) {
    return DataLoss("footer: crc mismatch");
  }
  if (!IsKnown(decoded.version)) {
    return Status(StatusCode::kUnimplemented,
                  "pack format version " + std::to_string(decoded.version) + " is not known here");
  }
  const uint64_t body = pack_bytes - kPackFooterBytes;
  if (decoded.directory_bytes > body ||
      decoded.directory_offset != body - decoded.directory_bytes ||
      decoded.directory_offset < kPlainHeadBytes ||
      decoded.directory_raw_bytes > kMaxDirectoryBytes) {
    return DataLoss("footer does not fit the pack's length");
  }
  return decoded;
}

Status CheckPackDirectory(const PackFooter& footer, std::string_view directory) {
  if (directory.size() != footer.directory_bytes) return DataLoss("directory is cut short");
  if (Crc32c(directory) != footer.directory_crc32c) return DataLoss("directory: crc mismatch");
  return {};
}

Result<std::vector<PackEntry>> DecodePackDirectory(const PackFooter& footer,
                                                   std::string_view directory) {
  SKALD_RETURN_IF_ERROR(CheckPackDirectory(footer, directory));
  std::string raw;
  const Status status = Decompress(Codec::kZstd, directory, footer.directory_raw_bytes, raw);
  if (!status.ok()) return DataLoss("directory: " + std::string(status.message()));

  ByteReader reader(raw);
  std::vector<PackEntry> entries;
  uint64_t offset = HasFilter(footer.version) ? reader.Varint() : kPlainHeadBytes;
  if (offset < kPlainHeadBytes || offset > footer.directory_offset) {
    return DataLoss("chunks leave the pack");
  }
  for (uint64_t left = reader.Varint(); left > 0 && !reader.failed(); --left) {
    SKALD_ASSIGN_OR_RETURN(PackEntry entry, DecodeEntry(reader, footer.version));
    entry.offset = offset;
    if (entry.bytes > footer.directory_offset - offset) return DataLoss("chunks leave the pack");
    offset += entry.bytes;
    entries.push_back(std::move(entry));
  }
  SKALD_RETURN_IF_ERROR(reader.Finish("directory"));
  if (offset != footer.directory_offset) return DataLoss("chunks do not fill the pack");
  return entries;
}

Result<std::vector<PackEntry>> ReadPackDirectory(std::string_view pack) {
  SKALD_ASSIGN_OR_RETURN(const PackHead head, DecodePackHead(pack.substr(0, kPackHeadBytes)));
  const std::string_view tail =
      pack.substr(pack.size() < kPackFooterBytes ? 0 : pack.size() - kPackFooterBytes);
  SKALD_ASSIGN_OR_RETURN(const PackFooter footer, DecodePackFooter(tail, pack.size()));
  SKALD_ASSIGN_OR_RETURN(
      std::vector<PackEntry> entries,
      DecodePackDirectory(footer, pack.substr(footer.directory_offset, footer.directory_bytes)));
  if (head.version != footer.version) return DataLoss("head and footer are of different versions");
  if (!entries.empty() && entries.front().offset != head.chunks_offset) {
    return DataLoss("head and directory differ on where chunks begin");
  }
  if (head.filter_bytes > 0) {
    const auto filter = PackFilter::Decode(pack.substr(head.filter_offset, head.filter_bytes));
    SKALD_RETURN_IF_ERROR(filter.status());
  }
  return entries;
}

}  // namespace skald::chunkstore
