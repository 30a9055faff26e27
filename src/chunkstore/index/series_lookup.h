#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "chunkstore/index/index_keys.h"
#include "chunkstore/index/kv_store.h"
#include "chunkstore/index/postings.h"
#include "chunkstore/index/value_lists.h"
#include "common/executor.h"
#include "common/lru_cache.h"
#include "common/status.h"
#include "common/text_list.h"
#include "model/ids.h"
#include "model/labels.h"
#include "model/matcher.h"
#include "model/series_list.h"

namespace skald::chunkstore {

// Moves a cursor over SeriesPrefix, which is not past the series yet, to its labels. `key`:
// SeriesKeyRest of it. kDataLoss if it has none.
Status MoveToSeries(SeriesId id, std::string_view key, KvCursor& cursor);

// Finds series of one tenant and period in one state of the index.
//
// Ownership: borrows all it is made with.
// Threads:   any thread may call.
class SeriesLookup {
 public:
  // Threads of `workers` help with long lists, if there are any.
  SeriesLookup(const KvSnapshot& snapshot, LruCache<model::Labels>& labels_cache,
               const model::TenantId& tenant, Period period, Executor* workers = nullptr,
               KnownValues known = {})
      : snapshot_(snapshot),
        labels_cache_(labels_cache),
        tenant_(tenant),
        period_(period),
        workers_(workers),
        known_(known) {}

  // The series that all `matchers` hold for.
  Result<Postings> Find(const model::Matchers& matchers) const;
  // Of a series that Find returned.
  Result<std::shared_ptr<const model::Labels>> LabelsOf(SeriesId id) const;

  // Series with name=value; series with the name at all; every series.
  Result<Postings> WithValue(std::string_view name, std::string_view value) const;
  Result<Postings> WithName(std::string_view name) const;
  Result<Postings> All() const { return WithName(""); }

  // All names; all values of `name`. Sorted.
  Result<std::vector<std::string>> Names() const;
  Result<TextList> Values(std::string_view name, const CancelToken& cancel) const;
  // Those that match. Requires: model::AreOfEachValue.
  Result<TextList> MatchedValues(std::string_view name, const model::Matchers& matchers) const;
  // Those of `series` only.
  Result<std::vector<std::string>> NamesOf(const Postings& series) const;
  Result<TextList> ValuesOf(std::string_view name, const Postings& series,
                            const CancelToken& cancel) const;
  // The labels of those with a chunk that touches the range. In no order.
  Result<model::SeriesList> LabelsWithin(const Postings& series, model::TimeRange range) const;

 private:
  // What read(cursor, list) makes of pieces of a prefix's keys, by several threads if there are
  // many, one behind the other.
  template <typename Read>
  Result<TextList> ReadPieces(const std::string& prefix, const Read& read) const;
  Result<TextList> ValuesOfMany(std::string_view name, const Postings& series,
                                const CancelToken& cancel) const;
  Status AddLabelsWithin(std::span<const SeriesId> series, model::TimeRange range,
                         model::SeriesList& list) const;
  Result<Postings> ReadContainers(const std::string& prefix) const;
  Result<Postings> WithAnyValue(std::string_view name,
                                const std::vector<std::string>& values) const;
  // Series whose value of the matcher's name is there and is matched, or is not.
  Result<Postings> WithMatchedValues(const model::Matcher& matcher, bool matched) const;
  // The same, by all postings of the name in their order: for a good part of very many values.
  Result<Postings> WithManyMatched(const model::Matcher& matcher, bool matched) const;
  Result<Postings> KeepMatching(const Postings& series,
                                const std::vector<const model::Matcher*>& matchers) const;

  const KvSnapshot& snapshot_;
  LruCache<model::Labels>& labels_cache_;
  const model::TenantId& tenant_;
  const Period period_;
  Executor* const workers_;
  const KnownValues known_;
};

}  // namespace skald::chunkstore
