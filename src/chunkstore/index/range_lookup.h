#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "chunkstore/index/chunk_collector.h"
#include "chunkstore/index/index_keys.h"
#include "chunkstore/index/kv_store.h"
#include "chunkstore/index/series_lookup.h"
#include "common/executor.h"
#include "common/lru_cache.h"
#include "common/status.h"
#include "common/text_list.h"
#include "model/ids.h"
#include "model/labels.h"
#include "model/matcher.h"
#include "model/series_list.h"

namespace skald::chunkstore {

// What the label index knew at one moment of a tenant's streams in a time range, day by day.
//
// Ownership: borrows what it is given.
// Threads:   any thread may call.
// Errors:    of the snapshot; kDataLoss where the index is damaged.
class RangeLookup {
 public:
  // `labels_cache`: by SeriesKey. Threads of `workers` help with long lists, if there are any.
  RangeLookup(const KvSnapshot& snapshot, LruCache<model::Labels>& labels_cache,
              const model::TenantId& tenant, model::TimeRange range, Executor* workers = nullptr,
              KnownValues known = {})
      : snapshot_(snapshot),
        labels_cache_(labels_cache),
        tenant_(tenant),
        range_(range),
        workers_(workers),
        known_(known) {}

  // As the methods of LabelIndex that are called so.
  Result<std::vector<Period>> Days() const;
  Result<std::vector<StreamChunks>> Find(const model::Matchers& matchers, const PackChoice& wants,
                                         const CancelToken& cancel) const;
  Result<bool> HasName(std::string_view name) const;
  Result<std::vector<std::string>> LabelNames(const model::Matchers& matchers) const;
  Result<TextList> LabelValues(std::string_view name, const model::Matchers& matchers,
                               const CancelToken& cancel) const;
  Result<model::SeriesList> Series(const model::Matchers& matchers,
                                   const CancelToken& cancel) const;

 private:
  const KvSnapshot& snapshot_;
  LruCache<model::Labels>& labels_cache_;
  const model::TenantId& tenant_;
  const model::TimeRange range_;
  Executor* const workers_;
  const KnownValues known_;
};

}  // namespace skald::chunkstore
