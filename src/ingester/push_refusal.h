#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "common/limits.h"
#include "model/push_batch.h"
#include "rpc/ingester_client.h"

// The refusals of an ingester, in the words that clients of Loki know.
namespace skald::ingester {

// The bytes that limits count for an entry: line, and metadata apart from detected_level.
uint64_t EntryBytes(const model::PushBatch& batch, const model::PushEntry& entry);

// Requires: stream.labels of each.
rpc::PushOutcome::Refusal StreamLimitRefusal(const std::string& tenant,
                                             const model::PushBatch& batch,
                                             const model::PushStream& stream);
// Lists at most `max_entries` entries.
rpc::PushOutcome::Refusal StreamRateRefusal(const std::string& tenant,
                                            const model::PushBatch& batch,
                                            const model::PushStream& stream, const Limits& limits,
                                            size_t max_entries);
// Two label sets of one fingerprint: the store could not tell them apart.
rpc::PushOutcome::Refusal FingerprintRefusal(const model::PushBatch& batch,
                                             const model::PushStream& stream);

// As Go prints a time: 2026-01-02 03:04:05.678 +0000 UTC.
std::string GoTime(int64_t time_ns);

}  // namespace skald::ingester
