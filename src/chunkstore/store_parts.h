#pragma once

#include <memory>

#include "chunkstore/chunk_fetcher.h"
#include "chunkstore/index/label_index.h"
#include "chunkstore/objstore/object_store.h"
#include "chunkstore/pack_leases.h"
#include "chunkstore/pack_names.h"

namespace skald::chunkstore {

// What a store is made of, for those who work on all of it.
//
// Ownership: borrowed from the ChunkStore.
// Threads:   each part may be used from any thread.
struct StoreParts {
  ObjectStore& objects;
  LabelIndex& index;
  std::shared_ptr<ChunkFetcher> fetcher;
  PackNames& names;
  PackLeases& leases;
};

}  // namespace skald::chunkstore
