#include "chunkstore/compact/pack_remover.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "chunkstore/compact/compaction_job.h"
#include "chunkstore/compact/table_metrics.h"
#include "common/fault_point.h"
#include "common/logging.h"

namespace skald::chunkstore {

PackRemover::PackRemover(const StoreParts& parts, const Clock& clock)
    : parts_(parts), clock_(clock) {
  ShowLeaving();
}

void PackRemover::Forgotten(std::vector<std::string> packs) {
  MutexLock lock(mutex_);
  candidates_.insert(candidates_.end(), std::move_iterator(packs.begin()),
                     std::move_iterator(packs.end()));
}

// Those that the index still names it may forget later; who makes it do so tells again.
void PackRemover::Retire() {
  std::vector<std::string> packs;
  {
    MutexLock lock(mutex_);
    packs.swap(candidates_);
  }
  std::set<std::string> retired(packs.begin(), packs.end());
  const Status status = RetirePacks(parts_, packs);
  if (!status.ok()) {
    LogWarn("retiring packs failed; it is tried again", {{"err", status}});
    Forgotten(std::move(packs));
    return;
  }
  for (const std::string& named : packs) retired.erase(named);
  const int64_t now_ns = clock_.NowNs();
  MutexLock lock(mutex_);
  for (const std::string& pack : retired) leaving_.emplace(pack, now_ns);
}

void PackRemover::RemoveUnread() {
  Retire();
  std::vector<std::string> unread = parts_.leases.TakeUnread();
  {
    MutexLock lock(mutex_);
    unread.insert(unread.end(), std::move_iterator(unread_.begin()),
                  std::move_iterator(unread_.end()));
    unread_.clear();
  }
  std::vector<std::string> removed;
  for (std::string& pack : unread) {
    FaultPoint("compact.pack_removal");
    const int64_t begin_ns = clock_.MonotonicNs();
    const Status status = parts_.objects.Delete(pack);
    CountPackRemoval(status, clock_.MonotonicNs() - begin_ns);
    if (!status.ok()) LogWarn("removing a pack failed", {{"pack", pack}, {"err", status}});
    MutexLock lock(mutex_);
    if (status.ok()) {
      leaving_.erase(pack);
      removed.push_back(std::move(pack));
    } else {
      unread_.push_back(std::move(pack));
    }
  }
  // What this fails to do the next start does.
  if (const Status status = parts_.index.ForgetUnnamed(removed); !status.ok()) {
    LogWarn("the index still lists packs that are gone", {{"err", status}});
  }
  ShowLeaving();
}

void PackRemover::ShowLeaving() const {
  PacksLeaving leaving;
  {
    MutexLock lock(mutex_);
    leaving.count = leaving_.size();
    for (const auto& [pack, since_ns] : leaving_) {
      leaving.oldest_ns = leaving.oldest_ns == 0 ? since_ns : std::min(leaving.oldest_ns, since_ns);
    }
  }
  ShowPacksLeaving(leaving);
}

std::set<std::string> PackRemover::leaving() const {
  std::set<std::string> packs;
  MutexLock lock(mutex_);
  for (const auto& [pack, since_ns] : leaving_) packs.insert(pack);
  return packs;
}

}  // namespace skald::chunkstore
