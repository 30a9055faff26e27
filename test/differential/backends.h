#pragma once

#include <memory>

#include "differential/data_set.h"
#include "differential/split_counts.h"
#include "logql/log_source.h"
#include "model/ids.h"

namespace skald::differential {

// Where the engine reads from in a test.
//
// Threads: one caller at a time; the source it gives is as LogSource.
class Backend {
 public:
  virtual ~Backend() = default;

  // Takes the data in as a tenant's, in a way that `seed` determines. The source stays valid until
  // the next call.
  virtual logql::LogSource& Load(const model::TenantId& tenant, const DataSet& data,
                                 uint64_t seed) = 0;
};

// Blocks in memory, of odd sizes.
std::unique_ptr<Backend> MakeMemoryBackend();

// The ingester and the chunk store of a server: entries are pushed in several batches, of which
// some become packs while others stay in memory.
std::unique_ptr<Backend> MakeStoredBackend();

// The same with blocks large enough for filters and for columns of tokens, and of large data the
// greater part in compacted packs; no block is cached. `counts`, which it borrows, tells what those
// packs are made of.
std::unique_ptr<Backend> MakeCompactedBackend(SplitCounts& counts);

}  // namespace skald::differential
