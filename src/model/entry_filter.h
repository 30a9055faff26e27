#pragma once

#include <cstdint>
#include <memory>

#include "common/status.h"
#include "model/ids.h"
#include "model/labels.h"
#include "model/log_batch.h"

namespace skald::model {

// Takes entries out of the batches of one stream: those that nobody is to see any more, or that are
// not to be stored any longer.
//
// Threads: not synchronised; each reader has its own.
class EntryFilter {
 public:
  virtual ~EntryFilter() = default;

  // Narrows the batch's selection, to nothing perhaps. An error is one of reading columns that the
  // batch came without; the selection is as it was then.
  virtual Status Apply(LogBatch& batch) = 0;

  // Whether none of the entries that it was made for stays, so that they need not be read.
  virtual bool TakesAll() const { return false; }
};

// Which entries of one tenant these are.
//
// Threads: immutable; any thread may call.
class EntryFilters {
 public:
  virtual ~EntryFilters() = default;

  // For entries of the stream at [first_ns, last_ns]; null if all of them stay. Keeps alive what
  // it needs. Cheap: a look at the labels.
  virtual std::unique_ptr<EntryFilter> For(const Labels& stream, int64_t first_ns,
                                           int64_t last_ns) const = 0;
};

// The same for all tenants.
//
// Threads: any thread may call.
class EntryFilterSource {
 public:
  virtual ~EntryFilterSource() = default;

  // As of now; null, after no more than a look-up, if all entries of the tenant stay.
  virtual std::shared_ptr<const EntryFilters> Of(const TenantId& tenant) const = 0;
};

}  // namespace skald::model
