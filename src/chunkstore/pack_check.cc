#include "chunkstore/pack_check.h"

#include <utility>

#include "common/logging.h"
#include "common/metrics.h"

namespace skald::chunkstore {
namespace {

void ReportUnreadable(const Status& failure) {
  Metrics::GetCounter("skald_pack_filter_failures_total",
                      "Filters of packs that a query could not read: it reads the packs instead.")
      .Add();
  LogWarn("unreadable filter of a pack", {{"err", failure}});
}

}  // namespace

bool PackCheck::MayMatch(const std::string& pack, const model::Labels& stream,
                         const ChunkReads& reads) {
  return Ask(pack, reads, [&](Asked& asked) {
    const bool may_match = !asked.verdict || pruner_.MayMatch(stream, *asked.verdict);
    asked.wanted |= may_match;
    Count(asked, reads.stats);
    return may_match;
  });
}

bool PackCheck::MayMatchAny(const std::string& pack, const std::set<std::string>& of_streams,
                            const ChunkReads& reads) {
  return Ask(pack, reads, [&](Asked& asked) {
    const bool may_match = !asked.verdict || pruner_.MayMatchAny(*asked.verdict, of_streams);
    if (!may_match) Count(asked, reads.stats);
    return may_match;
  });
}

template <typename Question>
bool PackCheck::Ask(const std::string& pack, const ChunkReads& reads, const Question& may_match) {
  if (!asks_) return true;
  {
    MutexLock lock(mutex_);
    if (const auto known = packs_.find(pack); known != packs_.end()) {
      return may_match(known->second);
    }
  }
  std::optional<PackVerdict> verdict = Judge(pack, reads);
  MutexLock lock(mutex_);
  return may_match(packs_.try_emplace(pack, Asked{.verdict = std::move(verdict)}).first->second);
}

void PackCheck::Count(Asked& pack, model::ScanStats& stats) {
  if (pack.wanted && pack.skipped) --stats.packs_skipped;
  if (!pack.wanted && !pack.skipped) ++stats.packs_skipped;
  pack.skipped = !pack.wanted;
}

std::optional<PackVerdict> PackCheck::Judge(const std::string& pack,
                                            const ChunkReads& reads) const {
  const auto stored = fetcher_.PackFilterOf(pack, reads);
  if (!stored.ok()) {
    ReportUnreadable(stored.status());
    return std::nullopt;
  }
  if (*stored == nullptr) return std::nullopt;
  return pruner_.Judge((*stored)->filter, [&](uint32_t key) {
    const auto groups = fetcher_.GroupsWithId(pack, **stored, key, reads);
    if (!groups.ok()) ReportUnreadable(groups.status());
    return groups.ok() ? *groups : kAllStreams;
  });
}

}  // namespace skald::chunkstore
