#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/hash.h"
#include "common/mutex.h"
#include "ingester/tenant_streams.h"

namespace skald::ingester {

// The tenants that have pushed something since the start. They are few, and stay.
//
// Ownership: owns the tenants' streams; pointers are good as long as this lives.
// Threads:   any thread may call.
class Tenants {
 public:
  Tenants(size_t index_shards, StreamContext& context);
  Tenants(const Tenants&) = delete;
  Tenants& operator=(const Tenants&) = delete;

  TenantStreams& GetOrMake(std::string_view tenant);
  // Null if it has no streams.
  TenantStreams* Find(std::string_view tenant) const;
  std::vector<TenantStreams*> All() const;

 private:
  const size_t index_shards_;
  StreamContext& context_;
  mutable Mutex mutex_;
  StringMap<std::unique_ptr<TenantStreams>> tenants_ SKALD_GUARDED_BY(mutex_);
};

}  // namespace skald::ingester
