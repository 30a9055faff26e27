#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "chunkstore/format/block_sealer.h"
#include "chunkstore/format/chunk_writer.h"
#include "common/status.h"
#include "ingester/stream.h"

namespace skald::ingester {

// Arranges the compressed blocks of a stream, which are in order of arrival, as chunks, which are
// in order of time and do not overlap themselves: blocks of the parts are dealt out to as few
// chunks as possible. Only where very many blocks overlap are their entries sorted anew.
//
// Requires: all parts are compressed. kDataLoss if a block that must be sorted anew can't be read.
Result<std::vector<chunkstore::FinishedChunk>> CutChunks(const std::vector<StreamPart>& parts,
                                                         uint64_t chunk_bytes,
                                                         chunkstore::BlockSealer& sealer);

}  // namespace skald::ingester
