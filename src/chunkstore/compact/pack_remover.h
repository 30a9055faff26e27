#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "chunkstore/store_parts.h"
#include "common/clock.h"
#include "common/mutex.h"

namespace skald::chunkstore {

// Removes packs that the index has forgotten, as soon as nobody reads them any more. What fails is
// logged and tried again.
//
// Order:     Forgotten*, RemoveUnread, again and again.
// Ownership: borrows the store's parts and the clock.
// Threads:   any thread may call. mutex_ is not held over I/O.
class PackRemover {
 public:
  PackRemover(const StoreParts& parts, const Clock& clock);
  PackRemover(const PackRemover&) = delete;
  PackRemover& operator=(const PackRemover&) = delete;

  // Of these packs the index may have forgotten all chunks.
  void Forgotten(std::vector<std::string> packs) SKALD_EXCLUDES(mutex_);
  void RemoveUnread() SKALD_EXCLUDES(mutex_);

  // Packs that will be removed but have not been yet.
  std::set<std::string> leaving() const SKALD_EXCLUDES(mutex_);

 private:
  void Retire() SKALD_EXCLUDES(mutex_);
  void ShowLeaving() const SKALD_EXCLUDES(mutex_);

  const StoreParts parts_;
  const Clock& clock_;
  mutable Mutex mutex_;
  std::vector<std::string> candidates_ SKALD_GUARDED_BY(mutex_);     // Given to Forgotten.
  std::vector<std::string> unread_ SKALD_GUARDED_BY(mutex_);         // Whose removal has failed.
  std::map<std::string, int64_t> leaving_ SKALD_GUARDED_BY(mutex_);  // Since when.
};

}  // namespace skald::chunkstore
