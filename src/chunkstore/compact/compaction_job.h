#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "chunkstore/compact/stream_merger.h"
#include "chunkstore/objstore/object_store.h"
#include "chunkstore/store_parts.h"
#include "common/executor.h"
#include "common/status.h"
#include "model/entry_filter.h"

namespace skald::chunkstore {

// A pack of which something could not be read, so that it stays.
struct PackLeft {
  std::string key;
  bool lasting = false;  // It is damaged, or of a form of the future: to try again is of no use.
};

// What a job did, for logs and metrics.
struct CompactionOutcome {
  uint64_t packs_read = 0;
  uint64_t packs_written = 0;
  uint64_t bytes_read = 0;  // Of packs, as stored.
  uint64_t bytes_written = 0;
  uint64_t entries = 0;
  uint64_t duplicates = 0;
  uint64_t chunks_expired = 0;
  uint64_t erased = 0;  // Entries that `erased` of the options took out.
  std::vector<PackLeft> packs_left;
};

struct CompactionJobOptions {
  StreamMerger::Options merger;
  uint64_t pack_bytes = 192 << 20;  // Stored bytes at which a pack is full.
  // Whether a chunk's entries are still wanted; those of others are dropped unread. All if empty.
  std::function<bool(const CommittedChunk&)> wanted;
  // Entries that are not to be stored any longer; may be null. Borrowed.
  const model::EntryFilterSource* erased = nullptr;
};

// Replaces packs by others with the same entries, less those to be erased: one day each, streams of
// a tenant side by side and each in the order of time, compressed harder. In two steps: new packs
// are written, then one commit makes the index name them instead of the old ones, which the caller
// retires (RetirePacks). A crash before the commit leaves new packs that nobody names, one after it
// old ones; a store removes either when it opens. Writers and readers are never waited for and
// never wait.
//
// Of a single pack that is compacted already what stays is taken over as it is stored, but for
// blocks that lose entries; its filter may tell of more then than is there.
//
// A stream that cannot be read stays where it is, and its pack with it; chunks of which no entry is
// to stay are not read.
//
// Errors leave everything as it was: kCancelled, kResourceExhausted for want of room, others as
// ObjectStore and LabelIndex have them. Blocks for as long as it takes to read and write it all.
Result<CompactionOutcome> CompactPacks(const StoreParts& parts,
                                       const std::vector<ObjectEntry>& packs,
                                       const CompactionJobOptions& options,
                                       const CancelToken& cancel);

// Retires those of `packs` that the index does not name any more, and takes them out of the list.
// Errors as LabelIndex::Packs has them; then all are left.
Status RetirePacks(const StoreParts& parts, std::vector<std::string>& packs);

}  // namespace skald::chunkstore
