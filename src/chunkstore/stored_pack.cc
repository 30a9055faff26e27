#include "chunkstore/stored_pack.h"

#include <utility>

namespace skald::chunkstore {

Result<std::vector<PackEntry>> ReadStoredDirectory(const ObjectEntry& pack, ObjectStore& objects) {
  if (pack.bytes < kPackFooterBytes) return DataLoss("footer is cut short");
  std::string bytes;
  SKALD_RETURN_IF_ERROR(
      objects.GetRange(pack.key, pack.bytes - kPackFooterBytes, kPackFooterBytes, bytes));
  SKALD_ASSIGN_OR_RETURN(const PackFooter footer, DecodePackFooter(bytes, pack.bytes));
  SKALD_RETURN_IF_ERROR(
      objects.GetRange(pack.key, footer.directory_offset, footer.directory_bytes, bytes));
  return DecodePackDirectory(footer, bytes);
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
