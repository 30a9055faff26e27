#include "maintenance/index_check.h"

#include <algorithm>
#include <utility>

#include "common/files.h"

namespace skald::maintenance {

using chunkstore::IndexAudit;
using chunkstore::PackEntry;

IndexCheck::IndexCheck(std::string folder, OnFinding on_finding)
    : folder_(std::move(folder)),
      on_finding_(std::move(on_finding)),
      on_fault_([this](const std::string& what) { Fault(what); }) {}

void IndexCheck::Fault(const std::string& what) { on_finding_({.file = folder_, .what = what}); }

Status IndexCheck::Load() {
  const auto index = IndexAudit::Open(folder_);
  const Status status = index.ok() ? LoadFrom(**index) : index.status();
  if (status.code() == StatusCode::kNotFound) {
    on_finding_({.severity = Finding::Severity::kNote,
                 .file = folder_,
                 .what = "there is no index: the server will make it from packs"});
    return {};
  }
  if (status.code() != StatusCode::kDataLoss) return status;
  Fault(std::string(status.message()) + ": the server will make it anew from packs");
  return {};
}

Status IndexCheck::LoadFrom(const IndexAudit& index) {
  SKALD_RETURN_IF_ERROR(index.CheckTables(on_fault_));
  if (!index.has_day_packs()) {
    on_finding_({.severity = Finding::Severity::kNote,
                 .file = folder_,
                 .what = "format version 1, without the packs of days: the next start adds them"});
  }
  SKALD_ASSIGN_OR_RETURN(const std::vector<IndexAudit::Day> days, index.Days(on_fault_));
  for (const IndexAudit::Day& day : days) {
    ++totals_.days;
    SKALD_RETURN_IF_ERROR(index.ForEachChunk(
        day, [&](const IndexAudit::Chunk& chunk) { AddChunk(day, chunk); }, on_fault_));
    SKALD_RETURN_IF_ERROR(index.CheckDay(day, on_fault_));
  }
  SKALD_RETURN_IF_ERROR(index.CheckFacts(highest_seq_, on_fault_));
  SKALD_ASSIGN_OR_RETURN(const std::vector<IndexAudit::Pack> packs, index.Packs(on_fault_));
  CheckCounts(packs);
  return {};
}

void IndexCheck::AddChunk(const IndexAudit::Day& day, const IndexAudit::Chunk& chunk) {
  const auto [at, added] = packs_[chunk.ref.pack].try_emplace(
      chunk.ref.offset, NamedChunk{day.tenant, chunk.labels, chunk.ref});
  highest_seq_ = std::max(highest_seq_, chunk.ref.summary.max_seq);
  if (added) {
    ++totals_.chunks;
  } else if (at->second.ref != chunk.ref || *at->second.labels != *chunk.labels) {
    Fault("two chunks at offset " + std::to_string(chunk.ref.offset) + " of " + chunk.ref.pack);
  }
}

void IndexCheck::CheckCounts(const std::vector<IndexAudit::Pack>& packs) {
  std::set<std::string> counted;
  for (const IndexAudit::Pack& pack : packs) {
    counted.insert(pack.key);
    const auto named = packs_.find(pack.key);
    const uint64_t chunks = named == packs_.end() ? 0 : named->second.size();
    if (pack.chunks == chunks) continue;
    Fault("packs: " + pack.key + " is said to have " + std::to_string(pack.chunks) +
          " chunks; the index names " + std::to_string(chunks));
  }
  for (const auto& [key, chunks] : packs_) {
    if (!counted.contains(key)) Fault("packs: " + key + " is missing");
  }
}

void IndexCheck::CheckPack(const PackWalk::Pack& pack) {
  ++totals_.packs;
  auto node = packs_.extract(pack.object.key);
  if (node.empty()) {
    on_finding_(
        {.severity = Finding::Severity::kNote,
         .file = pack.path,
         .what = "orphan: the index does not name it; the next start removes it or takes it in"});
    return;
  }
  ChunksByOffset& named = node.mapped();
  uint64_t forgotten = 0;
  for (size_t i = 0; i < pack.chunks.size(); ++i) {
    const PackEntry& entry = pack.chunks[i];
    const auto at = named.find(entry.offset);
    if (at == named.end()) {
      ++forgotten;
      continue;
    }
    const chunkstore::ChunkRef& ref = at->second.ref;
    const auto fault = [&](std::string what) {
      on_finding_(PackWalk::At(pack, i, "index: " + std::move(what)));
    };
    if (ref.bytes != entry.bytes || ref.head_bytes != entry.head_bytes) {
      fault("the chunk has another length there");
    }
    if (ref.summary != entry.summary) fault("times, seqs or counts are others there");
    if (at->second.tenant != entry.tenant) fault("it is there for another tenant");
    if (*at->second.labels != *entry.labels) {
      fault("it is there for " + at->second.labels->ToString());
    }
    named.erase(at);
  }
  if (forgotten > 0) {
    on_finding_({.severity = Finding::Severity::kNote,
                 .file = pack.path,
                 .what = std::to_string(forgotten) + " of " + std::to_string(pack.chunks.size()) +
                         " chunks are forgotten: expired, or replaced"});
  }
  for (const auto& [offset, chunk] : named) {
    on_finding_({.file = pack.path,
                 .offset = offset,
                 .stream = chunk.labels->ToString(),
                 .what = "the index names a chunk that the pack does not have"});
  }
}

Status IndexCheck::Finish(const std::string& chunks_folder) {
  std::erase_if(packs_, [&](const auto& pack) {
    return unreadable_.contains(JoinPath(chunks_folder, pack.first));
  });
  if (packs_.empty()) return {};
  // A server that runs may have replaced them since the index was read.
  SKALD_ASSIGN_OR_RETURN(const auto index, IndexAudit::Open(folder_));
  SKALD_ASSIGN_OR_RETURN(const auto named, index->Packs([](const std::string&) {}));
  for (const IndexAudit::Pack& pack : named) {
    const auto missing = packs_.find(pack.key);
    if (missing == packs_.end()) continue;
    on_finding_({.file = JoinPath(chunks_folder, pack.key),
                 .what = "the index names " + std::to_string(missing->second.size()) +
                         " chunks of this pack, which is missing"});
  }
  return {};
}

}  // namespace skald::maintenance
