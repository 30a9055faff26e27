#pragma once

#include <memory>

#include "chunkstore/compact/retention.h"
#include "common/clock.h"
#include "model/entry_filter.h"

namespace skald::querier {

// The entries that have expired, as what is not to be seen.
//
// Ownership: borrows both, also for the filters it gives.
// Threads:   any thread may call.
// Cost:      a look at the labels of each stream where a tenant's streams have different periods.
class ExpiredEntries final : public model::EntryFilterSource {
 public:
  ExpiredEntries(const chunkstore::Retention& retention, const Clock& clock)
      : retention_(retention), clock_(clock) {}

  std::shared_ptr<const model::EntryFilters> Of(const model::TenantId& tenant) const override;

 private:
  const chunkstore::Retention& retention_;
  const Clock& clock_;
};

}  // namespace skald::querier
