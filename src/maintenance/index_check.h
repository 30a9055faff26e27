#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "chunkstore/index/index_audit.h"
#include "common/status.h"
#include "maintenance/finding.h"
#include "maintenance/pack_walk.h"
#include "model/ids.h"
#include "model/labels.h"

namespace skald::maintenance {

// Holds the label index against itself and against packs: what it names must be there, as it says;
// what it does not name is an orphan, which is by rule.
//
// Order:   Load, CheckPack for each pack, Finish.
// Threads: one caller at a time.
// Cost:    keeps a few hundred bytes for each chunk that the index names.
class IndexCheck {
 public:
  IndexCheck(std::string folder, OnFinding on_finding);
  IndexCheck(const IndexCheck&) = delete;
  IndexCheck& operator=(const IndexCheck&) = delete;

  struct Totals {
    uint64_t days = 0;
    uint64_t chunks = 0;
    uint64_t packs = 0;
  };

  // Reads all of the index. Damage is a finding; without an index all packs are orphans.
  Status Load();
  // Requires: no pack twice.
  void CheckPack(const PackWalk::Pack& pack);
  // A pack whose directory cannot be read, so that it is not called missing.
  void SawUnreadable(const std::string& path) { unreadable_.insert(path); }
  // Reports what the index names and no pack had. `chunks_folder` is where packs are.
  Status Finish(const std::string& chunks_folder);

  const Totals& totals() const { return totals_; }

 private:
  struct NamedChunk {
    model::TenantId tenant;
    std::shared_ptr<const model::Labels> labels;
    chunkstore::ChunkRef ref;
  };
  using ChunksByOffset = std::map<uint64_t, NamedChunk>;

  Status LoadFrom(const chunkstore::IndexAudit& index);
  void AddChunk(const chunkstore::IndexAudit::Day& day, const chunkstore::IndexAudit::Chunk& chunk);
  void CheckCounts(const std::vector<chunkstore::IndexAudit::Pack>& packs);
  void Fault(const std::string& what);

  const std::string folder_;
  const OnFinding on_finding_;
  const chunkstore::IndexAudit::OnFault on_fault_;
  std::map<std::string, ChunksByOffset> packs_;  // Those not checked yet, by key.
  std::set<std::string> unreadable_;             // Paths.
  uint64_t highest_seq_ = 0;
  Totals totals_;
};

}  // namespace skald::maintenance
