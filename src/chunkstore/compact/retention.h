#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "chunkstore/index/commit_builder.h"
#include "chunkstore/store_parts.h"
#include "common/limits.h"
#include "common/status.h"

namespace skald::chunkstore {

// How long entries are kept: a tenant's `retention_period`. A chunk has outlived it when its last
// entry has, so that some entries stay for as long as their chunk spans.
//
// Ownership: borrows the limits.
// Threads:   any thread may call.
class Retention {
 public:
  explicit Retention(const LimitsSource& limits) : limits_(limits) {}

  bool Expired(const CommittedChunk& chunk, int64_t now_ns) const;
  // No chunk whose last entry is at or after this has expired; the least int64_t if none ever does.
  int64_t OldestKept(const model::TenantId& tenant, int64_t now_ns) const;

 private:
  const LimitsSource& limits_;
};

struct RetentionOutcome {
  uint64_t chunks = 0;  // That were forgotten.
  uint64_t bytes = 0;   // Of those, as stored.
};

// Makes the index forget all chunks that have expired: queries that begin from now on do not see
// them. Appends the packs they were in to `packs`: those with nothing else in them can be retired,
// what others hold of them goes when they are compacted. Errors as LabelIndex has them; what was
// forgotten before stays forgotten.
Result<RetentionOutcome> ApplyRetention(const StoreParts& parts, const Retention& retention,
                                        int64_t now_ns, std::vector<std::string>& packs);

}  // namespace skald::chunkstore
