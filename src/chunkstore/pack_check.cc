#include "chunkstore/pack_check.h"

#include <utility>

#include "common/logging.h"

namespace skald::chunkstore {

bool PackCheck::MayMatch(const std::string& pack, const model::Labels& stream,
                         const ChunkReads& reads) {
  if (!asks_) return true;
  {
    MutexLock lock(mutex_);
    if (const auto known = packs_.find(pack); known != packs_.end()) {
      return MayMatch(known->second, stream, reads.stats);
    }
  }
  std::optional<PackVerdict> verdict = Ask(pack, reads);
  MutexLock lock(mutex_);
  Asked& asked = packs_.try_emplace(pack, Asked{.verdict = std::move(verdict)}).first->second;
  return MayMatch(asked, stream, reads.stats);
}

bool PackCheck::MayMatch(Asked& pack, const model::Labels& stream, model::ScanStats& stats) const {
  const bool may_match = !pack.verdict || pruner_.MayMatch(stream, *pack.verdict);
  pack.wanted |= may_match;
  if (pack.wanted && pack.skipped) --stats.packs_skipped;
  if (!pack.wanted && !pack.skipped) ++stats.packs_skipped;
  pack.skipped = !pack.wanted;
  return may_match;
}

std::optional<PackVerdict> PackCheck::Ask(const std::string& pack, const ChunkReads& reads) const {
  const auto stored = fetcher_.PackFilterOf(pack, reads);
  if (!stored.ok()) {
    LogWarn("unreadable filter of a pack", {{"err", stored.status()}});
    return std::nullopt;
  }
  if (*stored == nullptr) return std::nullopt;
  return pruner_.Judge((*stored)->filter, [&](uint32_t key) {
    const auto groups = fetcher_.GroupsWithId(pack, **stored, key, reads);
    if (!groups.ok()) LogWarn("unreadable filter of a pack", {{"err", groups.status()}});
    return groups.ok() ? *groups : kAllStreams;
  });
}

}  // namespace skald::chunkstore
