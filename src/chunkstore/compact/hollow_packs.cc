#include "chunkstore/compact/hollow_packs.h"

#include <cstdint>
#include <utility>

#include "chunkstore/stored_pack.h"

namespace skald::chunkstore {
namespace {

bool IsHollow(const StoreParts& parts, const ObjectEntry& pack) {
  auto entries = ReadStoredDirectory(pack, parts.objects);
  if (!entries.ok()) return false;
  const auto named = parts.index.Named(ChunksOfPack(pack.key, *std::move(entries)));
  if (!named.ok()) return false;
  uint64_t bytes = 0;
  for (const CommittedChunk& chunk : *named) bytes += chunk.ref.bytes;
  return bytes < pack.bytes / 2;
}

}  // namespace

void AddHollowPacks(const StoreParts& parts, const std::vector<ObjectEntry>& packs,
                    const std::set<std::string>& thinned,
                    std::vector<std::vector<ObjectEntry>>& jobs) {
  std::set<std::string> planned;
  for (const std::vector<ObjectEntry>& job : jobs) {
    for (const ObjectEntry& pack : job) planned.insert(pack.key);
  }
  for (const ObjectEntry& pack : packs) {
    if (!thinned.contains(pack.key) || planned.contains(pack.key)) continue;
    if (IsHollow(parts, pack)) jobs.push_back({pack});
  }
}

}  // namespace skald::chunkstore
