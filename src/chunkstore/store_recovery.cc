#include "chunkstore/store_recovery.h"

#include <algorithm>
#include <utility>

#include "chunkstore/pack_names.h"
#include "chunkstore/stored_pack.h"
#include "common/logging.h"
#include "common/metrics.h"

namespace skald::chunkstore {
namespace {

// Names a pack's chunks. Whether it could be read.
Result<bool> Adopt(const ObjectEntry& pack, LabelIndex& index, ObjectStore& objects,
                   UnreadablePacks& unreadable) {
  Result<std::vector<PackEntry>> entries = ReadStoredDirectory(pack, objects);
  if (!entries.ok()) {
    unreadable.Add(pack.key, entries.status());
    return false;
  }
  SKALD_RETURN_IF_ERROR(index.Commit(
      {.removed = {}, .chunks = ChunksOfPack(pack.key, *std::move(entries)), .watermarks = {}}));
  return true;
}

Status FillFromPacks(LabelIndex& index, ObjectStore& objects, UnreadablePacks& unreadable) {
  SKALD_ASSIGN_OR_RETURN(const std::vector<ObjectEntry> packs, objects.List(kPacksPrefix));
  for (const ObjectEntry& pack : packs) {
    SKALD_RETURN_IF_ERROR(Adopt(pack, index, objects, unreadable).status());
  }
  if (!packs.empty()) LogInfo("label index made from packs", {{"packs", packs.size()}});
  return index.MarkFounded();
}

// How the directory is looked at: to decode it takes as long as there are chunks.
enum class Directory { kChecksummed, kDecoded };

// Its head, and the directory, which a pack that was cut has lost: queries read neither.
Status CheckStored(const ObjectEntry& pack, Directory directory, ObjectStore& objects) {
  SKALD_RETURN_IF_ERROR(CheckStoredHead(pack, objects));
  return directory == Directory::kDecoded ? ReadStoredDirectory(pack, objects).status()
                                          : CheckStoredDirectory(pack, objects);
}

// Reports packs of the prefix that the index names and that are not among `packs`, or are damaged
// at their ends. Returns whether all are well.
bool CheckNamed(const std::vector<std::string>& named, std::string_view prefix,
                const std::vector<ObjectEntry>& packs, Directory directory, ObjectStore& objects) {
  bool all = true;
  for (const std::string& key : named) {
    if (!key.starts_with(prefix)) continue;
    const auto pack = std::ranges::lower_bound(packs, key, {}, &ObjectEntry::key);
    const bool there = pack != packs.end() && pack->key == key;
    const Status sound = there ? CheckStored(*pack, directory, objects) : DataLoss("is missing");
    if (!sound.ok()) ReportDamagedPack(key, sound);
    all = all && sound.ok();
  }
  return all;
}

// An index of which all is read that a start needs. Damage to other tables shows when they are
// read.
Result<std::unique_ptr<LabelIndex>> OpenReadable(const LabelIndex::Options& options) {
  SKALD_ASSIGN_OR_RETURN(std::unique_ptr<LabelIndex> index, LabelIndex::Open(options));
  SKALD_RETURN_IF_ERROR(index->IsFounded().status());
  SKALD_RETURN_IF_ERROR(index->Packs().status());
  SKALD_RETURN_IF_ERROR(index->UnnamedPacks().status());
  return index;
}

}  // namespace

void CountIndexDamage() {
  Metrics::GetCounter("skald_index_damages_total",
                      "Times that the label index was found damaged, at a start or by a lookup.")
      .Add();
}

Result<std::unique_ptr<LabelIndex>> OpenIndex(const LabelIndex::Options& options,
                                              ObjectStore& objects, UnreadablePacks& unreadable) {
  Result<std::unique_ptr<LabelIndex>> opened = OpenReadable(options);
  if (opened.status().code() == StatusCode::kDataLoss) {
    CountIndexDamage();
    LogError("label index is damaged and will be made anew", {{"err", opened.status()}});
    SKALD_RETURN_IF_ERROR(KvStore::SetAside({.folder = options.folder, .env = options.env}));
    opened = LabelIndex::Open(options);
  }
  if (!opened.ok()) return opened;
  SKALD_ASSIGN_OR_RETURN(const bool founded, (*opened)->IsFounded());
  if (!founded) SKALD_RETURN_IF_ERROR(FillFromPacks(**opened, objects, unreadable));
  return opened;
}

Status SettleUnnamedPacks(std::string_view prefix, LabelIndex& index, ObjectStore& objects,
                          UnreadablePacks& unreadable) {
  SKALD_ASSIGN_OR_RETURN(const std::vector<std::string> named, index.Packs());
  SKALD_ASSIGN_OR_RETURN(const auto unnamed, index.UnnamedPacks());
  SKALD_ASSIGN_OR_RETURN(const std::vector<ObjectEntry> packs, objects.List(prefix));
  std::vector<std::string> settled;  // In order, as those that are kept.
  std::vector<std::string> kept;
  const bool planned = std::ranges::any_of(
      unnamed, [](const auto& pack) { return pack.second == UnnamedPack::kPlanned; });
  // What is not there may come back, if its removal never reached the disk.
  const bool complete = CheckNamed(
      named, prefix, packs, planned ? Directory::kDecoded : Directory::kChecksummed, objects);
  for (const auto& [pack, why] : unnamed) {
    if (!pack.starts_with(prefix)) continue;
    if (complete) {
      LogInfo("removing a pack that others have taken the place of", {{"pack", pack}});
      SKALD_RETURN_IF_ERROR(objects.Delete(pack));
      settled.push_back(pack);
    } else if (why == UnnamedPack::kRetired) {
      LogWarn("a pack that others have taken the place of stays: not all of them can be read",
              {{"pack", pack}});
      kept.push_back(pack);
    }
  }
  for (const ObjectEntry& pack : packs) {
    if (std::ranges::binary_search(named, pack.key)) continue;
    if (std::ranges::binary_search(settled, pack.key)) continue;
    if (std::ranges::binary_search(kept, pack.key)) continue;
    SKALD_ASSIGN_OR_RETURN(const bool adopted, Adopt(pack, index, objects, unreadable));
    if (!adopted) continue;
    LogInfo("took in a pack that the index did not know", {{"pack", pack.key}});
    Metrics::GetCounter("skald_index_adopted_packs_total",
                        "Packs that a start has found without the index knowing of them.")
        .Add();
  }
  return index.ForgetUnnamed(settled);
}

}  // namespace skald::chunkstore
