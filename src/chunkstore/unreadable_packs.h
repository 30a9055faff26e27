#pragma once

#include <map>
#include <string>

#include "chunkstore/objstore/object_store.h"
#include "common/status.h"
#include "model/batch_source.h"
#include "model/ids.h"

namespace skald::chunkstore {

// For metrics and log: a start has found a pack missing or damaged.
void ReportDamagedPack(const std::string& pack, const Status& damage);

// Packs that the index does not name, as they cannot be read. Which entries they have nobody knows,
// so answers that may lack them say so.
//
// Order:     Add*, then Warn.
// Ownership: borrows the object store.
// Threads:   any thread may call Warn.
class UnreadablePacks {
 public:
  explicit UnreadablePacks(ObjectStore& objects) : objects_(objects) {}

  // Reports the damage. A pack that was added before is passed over.
  void Add(const std::string& pack, const Status& damage);

  // Adds a warning for each that may have entries of `range`, but for those that somebody has taken
  // away meanwhile. Cost: a listing each.
  void Warn(model::TimeRange range, model::Warnings& warnings) const;

 private:
  struct Pack {
    model::TimeRange range;  // Of its entries.
    std::string damage;
  };

  bool IsGone(const std::string& pack) const;

  ObjectStore& objects_;
  std::map<std::string, Pack> packs_;  // By key.
};

}  // namespace skald::chunkstore
