#pragma once

#include <functional>
#include <memory>
#include <string>

#include "common/status.h"
#include "model/ids.h"
#include "model/push_batch.h"
#include "ring/member_store.h"
#include "rpc/ingester_client.h"

namespace skald::distributor {

// Brings a batch to the ingesters that the ring names for its streams, and returns when enough of
// them have it.
//
// Ownership: borrows `members` and the clients that `client_of` finds, which must outlive it.
// Threads:   any thread may call. Push blocks until the entries are durable.
class Replicator {
 public:
  // The client of a member; null when it cannot be reached.
  using ClientOf = std::function<rpc::IngesterClient*(const ring::Member& member)>;

  Replicator(const ring::MemberStore& members, size_t replication_factor, ClientOf client_of);

  // What the ingesters say, refusals of replicas counted once. kUnavailable when too few members
  // can be reached, or took their share: the client must send the whole batch again.
  Result<rpc::PushOutcome> Push(const model::TenantId& tenant, const model::PushBatch& batch);

 private:
  Result<rpc::PushOutcome> PushTo(const ring::Member& member, const model::TenantId& tenant,
                                  const model::PushBatch& batch) const;
  // Sends each stream to its replica set, member after member.
  Result<rpc::PushOutcome> PushToReplicas(const ring::TokenRing& ring,
                                          const model::TenantId& tenant,
                                          const model::PushBatch& batch) const;

  const ring::MemberStore& members_;
  const size_t replication_factor_;
  const ClientOf client_of_;
};

}  // namespace skald::distributor
