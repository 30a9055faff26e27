#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "common/mutex.h"

namespace skald::chunkstore {

// Keeps packs that the index no longer names from being removed under those who still read them.
// A reader takes a lease before it asks the index where chunks are; a pack may go when all leases
// are over that were taken before the index forgot it.
//
// Threads: any thread may call; leases may be held and dropped anywhere.
// Cost:    one shared_ptr copied under a lock for each reader.
class PackLeases {
 public:
  using Lease = std::shared_ptr<const void>;

  PackLeases();
  PackLeases(const PackLeases&) = delete;
  PackLeases& operator=(const PackLeases&) = delete;

  Lease Take() const SKALD_EXCLUDES(mutex_);

  // Requires: the index does not name these packs any more.
  void Retire(std::vector<std::string> packs) SKALD_EXCLUDES(mutex_);

  // Retired packs that nobody can be reading; each is handed out once.
  std::vector<std::string> TakeUnread() SKALD_EXCLUDES(mutex_);
  // Retired packs not handed out yet.
  size_t retired() const SKALD_EXCLUDES(mutex_);

 private:
  struct Epoch {};
  struct Retired {
    std::weak_ptr<const Epoch> readers;  // Of this epoch; those of earlier ones are before it.
    std::vector<std::string> packs;
  };

  mutable Mutex mutex_;
  std::shared_ptr<const Epoch> current_ SKALD_GUARDED_BY(mutex_);
  std::deque<Retired> retired_ SKALD_GUARDED_BY(mutex_);
};

}  // namespace skald::chunkstore
