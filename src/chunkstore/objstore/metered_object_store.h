#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "chunkstore/objstore/object_store.h"
#include "common/clock.h"

namespace skald::chunkstore {

// Another store with its operations counted and timed: loki_objstore_bucket_*.
//
// Ownership: borrows the store and the clock.
// Threads:   any thread may call.
class MeteredObjectStore final : public ObjectStore {
 public:
  // `bucket` says in the metrics which store it is.
  MeteredObjectStore(ObjectStore& store, const std::string& bucket, const Clock& clock);
  ~MeteredObjectStore() override;

  using ObjectStore::Put;
  Status Put(const std::string& key, std::span<const std::string_view> parts) override;
  Result<std::string> Get(const std::string& key) override;
  Status GetRange(const std::string& key, uint64_t offset, uint64_t count,
                  std::string& out) override;
  Result<std::vector<ObjectEntry>> List(std::string_view prefix) override;
  Status Delete(const std::string& key) override;

 private:
  class Operation;

  ObjectStore& store_;
  const Clock& clock_;
  const std::unique_ptr<const Operation> put_;
  const std::unique_ptr<const Operation> get_;
  const std::unique_ptr<const Operation> get_range_;
  const std::unique_ptr<const Operation> list_;
  const std::unique_ptr<const Operation> delete_;
};

}  // namespace skald::chunkstore
