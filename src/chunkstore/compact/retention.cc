#include "chunkstore/compact/retention.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

namespace skald::chunkstore {
namespace {

// Forgotten by one commit: bounds its memory.
constexpr size_t kChunksPerCommit = 10000;

// Forgets chunks in commits of a good size.
class Forgetter {
 public:
  Forgetter(const StoreParts& parts, RetentionOutcome& outcome)
      : parts_(parts), outcome_(outcome) {}

  Status Add(CommittedChunk chunk) {
    outcome_.bytes += chunk.ref.bytes;
    ++outcome_.chunks;
    commit_.removed.push_back(std::move(chunk));
    return commit_.removed.size() < kChunksPerCommit ? Status() : Commit();
  }

  Status Commit() {
    if (commit_.removed.empty()) return {};
    SKALD_RETURN_IF_ERROR(parts_.index.Commit(commit_));
    commit_.removed.clear();
    return {};
  }

 private:
  const StoreParts& parts_;
  RetentionOutcome& outcome_;
  FlushCommit commit_;
};

}  // namespace

int64_t Retention::OldestKept(const model::TenantId& tenant, int64_t now_ns) const {
  const int64_t period = limits_.For(tenant.value())->retention_period.count();
  if (period <= 0) return std::numeric_limits<int64_t>::min();
  return now_ns - period;
}

bool Retention::Expired(const CommittedChunk& chunk, int64_t now_ns) const {
  return chunk.ref.summary.max_time < OldestKept(chunk.tenant, now_ns);
}

Result<RetentionOutcome> ApplyRetention(const StoreParts& parts, const Retention& retention,
                                        int64_t now_ns) {
  RetentionOutcome outcome;
  SKALD_ASSIGN_OR_RETURN(const std::vector<std::string> before, parts.index.Packs());
  Forgetter forgetter(parts, outcome);
  SKALD_ASSIGN_OR_RETURN(const std::vector<model::TenantId> tenants, parts.index.Tenants());
  for (const model::TenantId& tenant : tenants) {
    const model::TimeRange expired{std::numeric_limits<int64_t>::min(),
                                   retention.OldestKept(tenant, now_ns)};
    if (expired.empty()) continue;
    SKALD_ASSIGN_OR_RETURN(std::vector<StreamChunks> streams,
                           parts.index.Find(tenant, {}, expired));
    for (StreamChunks& stream : streams) {
      for (ChunkRef& ref : stream.chunks) {
        CommittedChunk chunk{.tenant = tenant,
                             .labels = stream.labels,
                             .fingerprint = stream.labels->Hash(),
                             .ref = std::move(ref)};
        if (!retention.Expired(chunk, now_ns)) continue;
        SKALD_RETURN_IF_ERROR(forgetter.Add(std::move(chunk)));
      }
    }
  }
  SKALD_RETURN_IF_ERROR(forgetter.Commit());
  if (outcome.chunks == 0) return outcome;
  SKALD_ASSIGN_OR_RETURN(const std::vector<std::string> after, parts.index.Packs());
  std::vector<std::string> gone;
  std::ranges::set_difference(before, after, std::back_inserter(gone));
  outcome.packs = gone.size();
  parts.leases.Retire(std::move(gone));
  return outcome;
}

}  // namespace skald::chunkstore
