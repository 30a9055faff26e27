#include "ingester/tenants.h"

#include <utility>

namespace skald::ingester {

Tenants::Tenants(size_t index_shards, StreamContext& context)
    : index_shards_(index_shards), context_(context) {}

TenantStreams& Tenants::GetOrMake(std::string_view tenant) {
  MutexLock lock(mutex_);
  auto it = tenants_.find(tenant);
  if (it == tenants_.end()) {
    std::string name(tenant);
    auto streams = std::make_unique<TenantStreams>(name, index_shards_, context_);
    it = tenants_.try_emplace(std::move(name), std::move(streams)).first;
  }
  return *it->second;
}

TenantStreams* Tenants::Find(std::string_view tenant) const {
  MutexLock lock(mutex_);
  const auto it = tenants_.find(tenant);
  return it == tenants_.end() ? nullptr : it->second.get();
}

std::vector<TenantStreams*> Tenants::All() const {
  MutexLock lock(mutex_);
  std::vector<TenantStreams*> out;
  for (const auto& [name, streams] : tenants_) out.push_back(streams.get());
  return out;
}

}  // namespace skald::ingester
