#include "chunkstore/store_recovery.h"

#include <algorithm>
#include <utility>

#include "chunkstore/pack_names.h"
#include "chunkstore/stored_pack.h"
#include "common/logging.h"
#include "common/metrics.h"

namespace skald::chunkstore {
namespace {

Status FillFromPacks(LabelIndex& index, ObjectStore& objects) {
  SKALD_ASSIGN_OR_RETURN(const std::vector<ObjectEntry> packs, objects.List(kPacksPrefix));
  for (const ObjectEntry& pack : packs) {
    Result<std::vector<PackEntry>> entries = ReadStoredDirectory(pack, objects);
    if (!entries.ok()) {
      LogError("unreadable pack", {{"pack", pack.key}, {"err", entries.status()}});
      continue;
    }
    const FlushCommit commit{
        .removed = {}, .chunks = ChunksOfPack(pack.key, *std::move(entries)), .watermarks = {}};
    SKALD_RETURN_IF_ERROR(index.Commit(commit));
  }
  if (!packs.empty()) LogInfo("label index made from packs", {{"packs", packs.size()}});
  return index.MarkFounded();
}

// An index of which all is read that a start needs. Damage to other tables shows when they are
// read.
Result<std::unique_ptr<LabelIndex>> OpenReadable(const LabelIndex::Options& options) {
  SKALD_ASSIGN_OR_RETURN(std::unique_ptr<LabelIndex> index, LabelIndex::Open(options));
  SKALD_RETURN_IF_ERROR(index->IsFounded().status());
  SKALD_RETURN_IF_ERROR(index->Packs().status());
  return index;
}

}  // namespace

void CountIndexDamage() {
  Metrics::GetCounter("skald_index_damages_total",
                      "Times that the label index was found damaged, at a start or by a lookup.")
      .Add();
}

Result<std::unique_ptr<LabelIndex>> OpenIndex(const LabelIndex::Options& options,
                                              ObjectStore& objects) {
  Result<std::unique_ptr<LabelIndex>> opened = OpenReadable(options);
  if (opened.status().code() == StatusCode::kDataLoss) {
    CountIndexDamage();
    LogError("label index is damaged and will be made anew", {{"err", opened.status()}});
    SKALD_RETURN_IF_ERROR(KvStore::SetAside({.folder = options.folder, .env = options.env}));
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
    if (const auto entries = ReadStoredDirectory(pack, objects); !entries.ok()) {
      LogError("unreadable pack", {{"pack", pack.key}, {"err", entries.status()}});
      continue;
    }
    LogInfo("removing a pack that was never committed", {{"pack", pack.key}});
    SKALD_RETURN_IF_ERROR(objects.Delete(pack.key));
  }
  return {};
}

}  // namespace skald::chunkstore
