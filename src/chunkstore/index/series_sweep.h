#pragma once

#include <cstddef>
#include <vector>

#include "chunkstore/index/index_keys.h"
#include "chunkstore/index/kv_store.h"
#include "chunkstore/index/postings.h"
#include "common/status.h"
#include "model/ids.h"

namespace skald::chunkstore {

// What a day of a tenant has lost of its series.
struct DaySurvey {
  bool has_chunks = false;
  Postings empty;  // Series without a chunk.
};

// Threads: pure functions of a snapshot.

enum class SurveyUntil { kEnd, kFirstChunk };

// Looks at all series of the day; or at those before the first chunk, which tells whether there is
// one.
Result<DaySurvey> SurveyDay(const KvSnapshot& snapshot, const model::TenantId& tenant,
                            Period period, SurveyUntil until);

// Puts into `batch` what takes a day out of the index, but for the count of ids given out: these
// are never given out again. The day is to be purged then.
void ForgetDay(const model::TenantId& tenant, Period period, KvBatch& batch);

// Puts into `batch` what takes series out of a day, with the postings, values and names that were
// theirs alone; those that have a chunk in `snapshot` stay. Returns how many go: if any do, the day
// is to be purged then. No other batch may be written between the snapshot and this one.
Result<size_t> ForgetSeries(const KvSnapshot& snapshot, const model::TenantId& tenant,
                            Period period, const Postings& series, KvBatch& batch);

}  // namespace skald::chunkstore
