#include "chunkstore/compact/pack_remover.h"

#include <iterator>
#include <utility>

#include "chunkstore/compact/compaction_job.h"
#include "common/fault_point.h"
#include "common/logging.h"

namespace skald::chunkstore {

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
  MutexLock lock(mutex_);
  leaving_.merge(retired);
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
    const Status status = parts_.objects.Delete(pack);
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
}

std::set<std::string> PackRemover::leaving() const {
  MutexLock lock(mutex_);
  return leaving_;
}

}  // namespace skald::chunkstore
