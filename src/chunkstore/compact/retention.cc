#include "chunkstore/compact/retention.h"

#include <limits>
#include <utility>

#include "common/hash.h"

namespace skald::chunkstore {
namespace {

// Forgotten by one commit: bounds its memory.
constexpr size_t kChunksPerCommit = 10000;

// Forgets chunks in commits of a good size.
class Forgetter {
 public:
  Forgetter(const StoreParts& parts, std::vector<std::string>& packs)
      : parts_(parts), packs_(packs) {}

  Status Add(CommittedChunk chunk) {
    outcome_.bytes += chunk.ref.bytes;
    ++outcome_.chunks;
    if (seen_.emplace(chunk.ref.pack, true).second) packs_.push_back(chunk.ref.pack);
    commit_.removed.push_back(std::move(chunk));
    return commit_.removed.size() < kChunksPerCommit ? Status() : Commit();
  }

  Status Commit() {
    if (commit_.removed.empty()) return {};
    SKALD_RETURN_IF_ERROR(parts_.index.Commit(commit_));
    commit_.removed.clear();
    return {};
  }

  const RetentionOutcome& outcome() const { return outcome_; }

 private:
  const StoreParts& parts_;
  std::vector<std::string>& packs_;
  StringMap<bool> seen_;  // What this one has put into packs_.
  RetentionOutcome outcome_;
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
                                        int64_t now_ns, std::vector<std::string>& packs) {
  Forgetter forgetter(parts, packs);
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
  return forgetter.outcome();
}

}  // namespace skald::chunkstore
