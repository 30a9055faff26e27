#include "app/store_sink.h"

#include <utility>

namespace skald::app {

Status StoreSink::Store(std::vector<ingester::StreamFlush> streams) {
  std::vector<chunkstore::ChunkToStore> chunks;
  for (ingester::StreamFlush& stream : streams) {
    for (chunkstore::FinishedChunk& chunk : stream.chunks) {
      chunks.push_back({.tenant = model::TenantId(stream.tenant),
                        .labels = stream.labels,
                        .fingerprint = stream.fingerprint,
                        .chunk = std::move(chunk),
                        .flushed_seq = stream.last_seq});
    }
  }
  return store_.Put(chunks);
}

Result<uint64_t> StoreSink::FlushedSeq(const std::string& tenant, model::Fingerprint fingerprint) {
  return store_.FlushedSeq(model::TenantId(tenant), fingerprint);
}

}  // namespace skald::app
