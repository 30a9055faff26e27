#include "chunkstore/pack_check.h"

#include <utility>

#include "common/logging.h"

namespace skald::chunkstore {

bool PackCheck::MayMatch(const std::string& pack, const model::Labels& stream,
                         const ChunkReads& reads) {
  if (!asks_) return true;
  {
    MutexLock lock(mutex_);
    if (const auto known = verdicts_.find(pack); known != verdicts_.end()) {
      return !known->second || pruner_.MayMatch(stream, *known->second);
    }
  }
  const std::optional<PackVerdict> verdict = Ask(pack, reads);
  const bool may_match = !verdict || pruner_.MayMatch(stream, *verdict);
  MutexLock lock(mutex_);
  verdicts_.emplace(pack, verdict);
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
