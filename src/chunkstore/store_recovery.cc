#include "chunkstore/store_recovery.h"

#include <algorithm>
#include <utility>

#include "common/logging.h"

namespace skald::chunkstore {
namespace {

// Reads footer and directory only.
Result<std::vector<PackEntry>> ReadDirectory(const ObjectEntry& pack, ObjectStore& objects) {
  if (pack.bytes < kPackFooterBytes) return DataLoss("footer is cut short");
  std::string bytes;
  SKALD_RETURN_IF_ERROR(
      objects.GetRange(pack.key, pack.bytes - kPackFooterBytes, kPackFooterBytes, bytes));
  SKALD_ASSIGN_OR_RETURN(const PackFooter footer, DecodePackFooter(bytes, pack.bytes));
  SKALD_RETURN_IF_ERROR(
      objects.GetRange(pack.key, footer.directory_offset, footer.directory_bytes, bytes));
  return DecodePackDirectory(footer, bytes);
}

Status FillFromPacks(LabelIndex& index, ObjectStore& objects) {
  SKALD_ASSIGN_OR_RETURN(const std::vector<ObjectEntry> packs, objects.List(kPacksPrefix));
  for (const ObjectEntry& pack : packs) {
    Result<std::vector<PackEntry>> entries = ReadDirectory(pack, objects);
    if (!entries.ok()) {
      LogError("unreadable pack", {{"pack", pack.key}, {"err", entries.status()}});
      continue;
    }
    FlushCommit commit;
    AddPack(pack.key, *std::move(entries), commit);
    SKALD_RETURN_IF_ERROR(index.Commit(commit));
  }
  if (!packs.empty()) LogInfo("label index made from packs", {{"packs", packs.size()}});
  return index.MarkFounded();
}

}  // namespace

void AddPack(const std::string& key, std::vector<PackEntry> entries, FlushCommit& commit) {
  for (PackEntry& entry : entries) {
    commit.chunks.push_back({.tenant = std::move(entry.tenant),
                             .labels = std::move(entry.labels),
                             .fingerprint = entry.fingerprint,
                             .ref = {.pack = key,
                                     .offset = entry.offset,
                                     .bytes = entry.bytes,
                                     .head_bytes = entry.head_bytes,
                                     .summary = entry.summary}});
  }
}

Result<std::unique_ptr<LabelIndex>> OpenIndex(const LabelIndex::Options& options,
                                              ObjectStore& objects) {
  Result<std::unique_ptr<LabelIndex>> opened = LabelIndex::Open(options);
  if (opened.status().code() == StatusCode::kDataLoss) {
    LogError("label index is damaged and will be made anew", {{"err", opened.status()}});
    SKALD_RETURN_IF_ERROR(KvStore::SetAside(options.folder));
    opened = LabelIndex::Open(options);
  }
  if (!opened.ok()) return opened;
  SKALD_ASSIGN_OR_RETURN(const bool founded, (*opened)->IsFounded());
  if (!founded) SKALD_RETURN_IF_ERROR(FillFromPacks(**opened, objects));
  return opened;
}

Status RemoveOrphans(std::string_view prefix, const LabelIndex& index, ObjectStore& objects) {
  SKALD_ASSIGN_OR_RETURN(const std::vector<std::string> known, index.Packs());
  SKALD_ASSIGN_OR_RETURN(const std::vector<ObjectEntry> packs, objects.List(prefix));
  for (const ObjectEntry& pack : packs) {
    if (std::ranges::binary_search(known, pack.key)) continue;
    if (const auto entries = ReadDirectory(pack, objects); !entries.ok()) {
      LogError("unreadable pack", {{"pack", pack.key}, {"err", entries.status()}});
      continue;
    }
    LogInfo("removing a pack that was never committed", {{"pack", pack.key}});
    SKALD_RETURN_IF_ERROR(objects.Delete(pack.key));
  }
  return {};
}

}  // namespace skald::chunkstore
