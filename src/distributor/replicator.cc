#include "distributor/replicator.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "common/metrics.h"

namespace skald::distributor {
namespace {

Counter AppendsTo(const ring::Member& member) {
  return Metrics::GetCounter("loki_distributor_ingester_appends_total",
                             "The total number of batch appends sent to ingesters.",
                             {{"ingester", member.id}});
}

Counter TimeoutsOf(const ring::Member& member) {
  return Metrics::GetCounter("loki_distributor_ingester_append_timeouts_total",
                             "Batch appends that an ingester has not answered in time.",
                             {{"ingester", member.id}});
}

// The streams of `batch` with the places in `wanted`, entries and metadata copied, texts shared:
// valid as long as `batch`.
model::PushBatch Subset(const model::PushBatch& batch, const std::vector<uint32_t>& wanted) {
  model::PushBatch subset;
  for (const uint32_t place : wanted) {
    model::PushStream& stream = subset.streams.emplace_back(batch.streams[place]);
    const auto first_entry = batch.entries.begin() + stream.entry_begin;
    stream.entry_begin = static_cast<uint32_t>(subset.entries.size());
    for (auto it = first_entry; it != first_entry + stream.entry_count; ++it) {
      model::PushEntry& entry = subset.entries.emplace_back(*it);
      const auto first_pair = batch.metadata.begin() + entry.metadata_begin;
      entry.metadata_begin = static_cast<uint32_t>(subset.metadata.size());
      subset.metadata.insert(subset.metadata.end(), first_pair, first_pair + entry.metadata_count);
    }
  }
  return subset;
}

}  // namespace

Replicator::Replicator(const ring::MemberStore& members, size_t replication_factor,
                       ClientOf client_of)
    : members_(members), replication_factor_(replication_factor), client_of_(std::move(client_of)) {
  Metrics::GetGauge("loki_distributor_replication_factor", "The configured replication factor.")
      .Set(static_cast<double>(replication_factor));
  for (const ring::Member& member : members.ring()->members()) (void)TimeoutsOf(member);
}

Result<rpc::PushOutcome> Replicator::Push(const model::TenantId& tenant,
                                          const model::PushBatch& batch) {
  const std::shared_ptr<const ring::TokenRing> ring = members_.ring();
  if (ring->members().size() == 1) return PushTo(ring->members().front(), tenant, batch);
  return PushToReplicas(*ring, tenant, batch);
}

Result<rpc::PushOutcome> Replicator::PushTo(const ring::Member& member,
                                            const model::TenantId& tenant,
                                            const model::PushBatch& batch) const {
  rpc::IngesterClient* client = client_of_(member);
  if (client == nullptr) return Unavailable("ingester " + member.id + " cannot be reached");
  AppendsTo(member).Add();
  auto outcome = client->Push(tenant, batch);
  if (outcome.status().code() == StatusCode::kDeadlineExceeded) TimeoutsOf(member).Add();
  return outcome;
}

Result<rpc::PushOutcome> Replicator::PushToReplicas(const ring::TokenRing& ring,
                                                    const model::TenantId& tenant,
                                                    const model::PushBatch& batch) const {
  std::map<uint32_t, std::vector<uint32_t>> streams_of;  // By member.
  std::vector<size_t> missing(batch.streams.size());     // Acknowledgements still needed.
  for (uint32_t i = 0; i < batch.streams.size(); ++i) {
    const uint32_t key = ring::StreamKey(tenant.value(), batch.streams[i].fingerprint.value());
    const std::vector<uint32_t> replicas = ring.ReplicasOf(key, replication_factor_);
    if (replicas.empty()) return Unavailable("no ingester in the ring");
    missing[i] = ring::TokenRing::Quorum(std::max(replicas.size(), replication_factor_));
    for (const uint32_t member : replicas) streams_of[member].push_back(i);
  }
  rpc::PushOutcome outcome;
  Status failure;
  for (const auto& [member, streams] : streams_of) {
    auto pushed = PushTo(ring.members()[member], tenant, Subset(batch, streams));
    if (!pushed.ok()) {
      failure = std::move(pushed).status();
      continue;
    }
    for (const uint32_t stream : streams) missing[stream] -= missing[stream] > 0 ? 1 : 0;
    for (rpc::PushOutcome::Refusal& refusal : pushed->refusals) {
      const bool known =
          std::any_of(outcome.refusals.begin(), outcome.refusals.end(),
                      [&](const auto& other) { return other.message == refusal.message; });
      if (!known) outcome.refusals.push_back(std::move(refusal));
    }
  }
  const bool enough = std::all_of(missing.begin(), missing.end(), [](size_t n) { return n == 0; });
  if (enough) return outcome;
  if (!failure.ok()) return failure;
  return Unavailable("too few ingesters for a quorum");
}

}  // namespace skald::distributor
