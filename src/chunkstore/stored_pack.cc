#include "chunkstore/stored_pack.h"

#include <utility>

namespace skald::chunkstore {

namespace {

// Reads a pack's directory, as it is stored, into `bytes`.
Result<PackFooter> ReadDirectoryBytes(const ObjectEntry& pack, ObjectStore& objects,
                                      std::string& bytes) {
  if (pack.bytes < kPackFooterBytes) return DataLoss("footer is cut short");
  SKALD_RETURN_IF_ERROR(
      objects.GetRange(pack.key, pack.bytes - kPackFooterBytes, kPackFooterBytes, bytes));
  SKALD_ASSIGN_OR_RETURN(const PackFooter footer, DecodePackFooter(bytes, pack.bytes));
  SKALD_RETURN_IF_ERROR(
      objects.GetRange(pack.key, footer.directory_offset, footer.directory_bytes, bytes));
  return footer;
}

}  // namespace

Result<std::vector<PackEntry>> ReadStoredDirectory(const ObjectEntry& pack, ObjectStore& objects) {
  std::string bytes;
  SKALD_ASSIGN_OR_RETURN(const PackFooter footer, ReadDirectoryBytes(pack, objects, bytes));
  return DecodePackDirectory(footer, bytes);
}

Status CheckStoredDirectory(const ObjectEntry& pack, ObjectStore& objects) {
  std::string bytes;
  SKALD_ASSIGN_OR_RETURN(const PackFooter footer, ReadDirectoryBytes(pack, objects, bytes));
  return CheckPackDirectory(footer, bytes);
}

Status CheckStoredHead(const ObjectEntry& pack, ObjectStore& objects) {
  if (pack.bytes < kPackHeadBytes) return DataLoss("head is cut short");
  std::string bytes;
  SKALD_RETURN_IF_ERROR(objects.GetRange(pack.key, 0, kPackHeadBytes, bytes));
  return DecodePackHead(bytes).status();
}

bool WholePackFilter::MayMatch(const PackProbe& probe, const model::Labels& stream) const {
  const StreamGroups groups = probe.MayMatch(filter, [this](uint32_t key) {
    const RegionTable::Region region = filter.id_regions()->RegionOf(key);
    const auto with_id =
        filter.GroupsWithId(key, std::string_view(regions).substr(region.offset, region.bytes));
    return with_id.ok() ? *with_id : kAllStreams;
  });
  return (groups >> StreamGroupOf(stream) & 1) != 0;
}

Result<std::optional<WholePackFilter>> ReadStoredFilter(const std::string& pack,
                                                        ObjectStore& objects) {
  std::string bytes;
  SKALD_RETURN_IF_ERROR(objects.GetRange(pack, 0, kPackHeadBytes, bytes));
  SKALD_ASSIGN_OR_RETURN(const PackHead head, DecodePackHead(bytes));
  if (head.filter_bytes == 0) return std::optional<WholePackFilter>();
  WholePackFilter whole{.filter = {}, .head = {}, .regions = {}, .bytes = head.chunks_offset};
  SKALD_RETURN_IF_ERROR(objects.GetRange(pack, head.filter_offset, head.filter_bytes, whole.head));
  SKALD_ASSIGN_OR_RETURN(whole.filter, PackFilter::Decode(whole.head));
  const uint64_t regions_bytes = head.chunks_offset - head.regions_offset;
  SKALD_RETURN_IF_ERROR(objects.GetRange(pack, head.regions_offset, regions_bytes, whole.regions));
  if (whole.filter.id_regions() == nullptr) {
    if (regions_bytes > 0) return DataLoss("filter: regions of no ids");
  } else {
    SKALD_RETURN_IF_ERROR(whole.filter.id_regions()->Check(whole.regions));
  }
  return std::optional<WholePackFilter>(std::move(whole));
}

std::vector<CommittedChunk> ChunksOfPack(const std::string& key, std::vector<PackEntry> entries) {
  std::vector<CommittedChunk> chunks;
  chunks.reserve(entries.size());
  for (PackEntry& entry : entries) {
    chunks.push_back({.tenant = std::move(entry.tenant),
                      .labels = std::move(entry.labels),
                      .fingerprint = entry.fingerprint,
                      .ref = {.pack = key,
                              .offset = entry.offset,
                              .bytes = entry.bytes,
                              .head_bytes = entry.head_bytes,
                              .summary = entry.summary}});
  }
  return chunks;
}

}  // namespace skald::chunkstore
