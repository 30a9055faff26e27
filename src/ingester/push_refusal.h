#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "ingester/wide_label.h"
#include "model/push_batch.h"
#include "rpc/ingester_client.h"

// The refusals of an ingester, in the words that clients of Loki know.
namespace skald::ingester {

// The bytes that limits count for an entry: line, and metadata apart from detected_level.
uint64_t EntryBytes(const model::PushBatch& batch, const model::PushEntry& entry);

// Requires: stream.labels of each.
// Names `widest`, if there is one, as the label to look at.
rpc::PushOutcome::Refusal StreamLimitRefusal(const std::string& tenant,
                                             const model::PushBatch& batch,
                                             const model::PushStream& stream,
                                             const std::optional<WideLabel>& widest);
// The streams in memory, of all tenants, take `max_bytes`: there is no room for this one.
rpc::PushOutcome::Refusal StreamMemoryRefusal(const model::PushBatch& batch,
                                              const model::PushStream& stream, uint64_t max_bytes,
                                              const std::optional<WideLabel>& widest);
// Of the entries `over`, indexes into the batch's: beyond `rate` bytes a second. Lists at most
// `max_entries` of them.
rpc::PushOutcome::Refusal StreamRateRefusal(const std::string& tenant,
                                            const model::PushBatch& batch,
                                            const model::PushStream& stream,
                                            std::span<const uint32_t> over, uint64_t rate,
                                            size_t max_entries);
// Two label sets of one fingerprint: the store could not tell them apart.
rpc::PushOutcome::Refusal FingerprintRefusal(const model::PushBatch& batch,
                                             const model::PushStream& stream);

// As Go prints a time: 2026-01-02 03:04:05.678 +0000 UTC.
std::string GoTime(int64_t time_ns);

}  // namespace skald::ingester
