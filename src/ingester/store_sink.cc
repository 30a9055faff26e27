#include "ingester/store_sink.h"

#include <utility>

namespace skald::ingester {

Status StoreSink::Store(std::vector<StreamFlush> streams) {
  std::vector<chunkstore::ChunkToStore> chunks;
  for (StreamFlush& stream : streams) {
    const model::TenantId tenant(stream.tenant);
    for (chunkstore::FinishedChunk& chunk : stream.chunks) {
      chunkstore::ChunkToStore& out = chunks.emplace_back();
      out.tenant = tenant;
      out.labels = stream.labels;
      out.fingerprint = stream.fingerprint;
      out.chunk = std::move(chunk);
      // True of each, as all are stored by one commit.
      out.flushed_seq = stream.last_seq;
    }
  }
  return store_.Put(chunks);
}

Result<uint64_t> StoreSink::FlushedSeq(const std::string& tenant, model::Fingerprint fingerprint) {
  return store_.FlushedSeq(model::TenantId(tenant), fingerprint);
}

Result<uint64_t> StoreSink::HighestSeq() { return store_.HighestSeq(); }

}  // namespace skald::ingester
