#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "chunkstore/index/index_keys.h"
#include "chunkstore/index/kv_store.h"
#include "common/status.h"
#include "model/ids.h"
#include "model/labels.h"

namespace skald::chunkstore {

// Reads a label index as a whole, and holds what it says in one place against what it says in
// others: of the state that it was opened in, also while a server writes to it.
//
// Threads: any thread may call.
// Cost:    CheckPeriods keeps a day's labels and postings of one tenant in memory.
// Format:  FORMAT.md.
class IndexAudit {
 public:
  // Is told what is wrong, as in `postings of app="x": series 3 is missing`.
  using OnFault = std::function<void(const std::string& what)>;

  // Changes nothing, so an index of format version 1 is looked at as such. kNotFound when there is
  // no index, kDataLoss when it cannot be opened.
  static Result<std::unique_ptr<IndexAudit>> Open(const std::string& folder);
  IndexAudit(const IndexAudit&) = delete;
  IndexAudit& operator=(const IndexAudit&) = delete;

  // Whether the index says which packs a day has: not before a server has opened one of version 1.
  bool has_day_packs() const { return has_day_packs_; }

  // All keys of a kind, which is a key's first byte.
  struct KindSize {
    std::string_view name;  // "series and chunks", "postings", ...; "unknown".
    uint64_t keys = 0;
    uint64_t key_bytes = 0;
    uint64_t value_bytes = 0;
  };
  Result<std::vector<KindSize>> Sizes() const;

  // Whether the tables of the index are, byte for byte, as they were written: of those from before
  // there was a checksum of all of a table, block by block.
  Status CheckTables(const OnFault& on_fault) const { return store_->CheckTables(on_fault); }

  struct Day {
    model::TenantId tenant;
    Period period = 0;
    SeriesId next_id = 0;  // Greater than that of any series.
  };
  Result<std::vector<Day>> Days(const OnFault& on_fault) const;

  // A chunk, as a day names it; a series without any has no chunk.
  struct Chunk {
    std::shared_ptr<const model::Labels> labels;
    ChunkRef ref;
  };
  Status ForEachChunk(const Day& day, const std::function<void(const Chunk&)>& visit,
                      const OnFault& on_fault) const;

  // Whether ids, names, values, fingerprints and postings of a day are those of its labels.
  Status CheckDay(const Day& day, const OnFault& on_fault) const;
  // Whether the facts on the whole index hold; `highest_seq` is that of all chunks.
  Status CheckFacts(uint64_t highest_seq, const OnFault& on_fault) const;

  struct Pack {
    std::string key;
    uint64_t chunks = 0;  // That the index names, as it counts them.
  };
  Result<std::vector<Pack>> Packs(const OnFault& on_fault) const;

 private:
  IndexAudit(std::unique_ptr<KvStore> store, KvSnapshot snapshot, bool has_day_packs);

  const std::unique_ptr<KvStore> store_;
  const KvSnapshot snapshot_;
  const bool has_day_packs_;
};

}  // namespace skald::chunkstore
