#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "chunkstore/index/day_packs.h"
#include "chunkstore/index/index_keys.h"
#include "chunkstore/index/kv_store.h"
#include "chunkstore/index/postings.h"
#include "common/executor.h"
#include "common/hash.h"
#include "common/status.h"
#include "model/ids.h"
#include "model/labels.h"

namespace skald::chunkstore {

// A stream with those of its chunks that a lookup asked for, by first time.
struct StreamChunks {
  std::shared_ptr<const model::Labels> labels;
  std::vector<ChunkRef> chunks;
};

// Reads the chunks of series that touch a range, and puts those of one stream together, whatever
// days its series are of.
//
// Order:     Collect for each day, in order, then Take.
// Ownership: borrows snapshot and tenant.
// Threads:   not synchronised.
class ChunkCollector {
 public:
  ChunkCollector(const KvSnapshot& snapshot, const model::TenantId& tenant, model::TimeRange range)
      : snapshot_(snapshot), tenant_(tenant), range_(range) {}
  ChunkCollector(const ChunkCollector&) = delete;
  ChunkCollector& operator=(const ChunkCollector&) = delete;

  // Adds those of `series` that are in none of the packs. kDataLoss if a series is not there.
  Status Collect(Period period, const Postings& series, const PackNameSet& unwanted_packs);

  // All of them, ordered by labels; or the error of `cancel`.
  Result<std::vector<StreamChunks>> Take(const CancelToken& cancel);

 private:
  // Takes the series at which `cursor` stands, and leaves the cursor behind it.
  Status CollectOne(Period period, const std::string& key, const PackNameSet& unwanted_packs,
                    KvCursor& cursor);
  Result<StreamChunks*> StreamOf(std::string_view encoded);

  const KvSnapshot& snapshot_;
  const model::TenantId& tenant_;
  const model::TimeRange range_;
  std::vector<StreamChunks> streams_;
  ViewMap<size_t> by_labels_;  // Views into the labels of streams_.
};

}  // namespace skald::chunkstore
