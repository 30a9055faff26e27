#include "chunkstore/compact/erasure_search.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "chunkstore/stored_scan.h"

namespace skald::chunkstore {
namespace {

// A chunk that may hold some.
struct Candidate {
  std::shared_ptr<const model::Labels> stream;
  ChunkRef chunk;
  std::unique_ptr<model::EntryFilter> filter;
  int64_t first_ns = 0;  // Of what is wanted of the chunk.
};

std::vector<Candidate> Candidates(std::vector<StreamChunks> streams, model::TimeRange range,
                                  const model::EntryFilters& filters) {
  std::vector<Candidate> candidates;
  for (StreamChunks& stream : streams) {
    for (ChunkRef& chunk : stream.chunks) {
      // The filter is asked for the whole chunk: one that takes all of that is told by it.
      auto filter = filters.For(*stream.labels, chunk.summary.min_time, chunk.summary.max_time);
      if (filter == nullptr) continue;
      const int64_t first_ns = std::max(range.start, chunk.summary.min_time);
      candidates.push_back({stream.labels, std::move(chunk), std::move(filter), first_ns});
    }
  }
  std::ranges::stable_sort(candidates, {}, &Candidate::first_ns);
  return candidates;
}

// Reads chunks until the first entry that is to go.
class ChunkProbe {
 public:
  ChunkProbe(const StoreParts& parts, const model::ScanRequest& wanted, PackLeases::Lease lease,
             const CancelToken& cancel) {
    context_.cancel = cancel;
    plan_ = std::make_shared<const StoredPlan>(
        wanted, context_, parts.fetcher, std::move(lease),
        ScanPurpose{.rewrites = true,
                    .on_unreadable = [this](const Status&) { unreadable_ = true; }});
  }
  ChunkProbe(const ChunkProbe&) = delete;
  ChunkProbe& operator=(const ChunkProbe&) = delete;

  Result<bool> Holds(Candidate& candidate) {
    if (candidate.filter->TakesAll()) return true;
    const auto scan =
        MakeStoredScan(plan_, {.labels = candidate.stream, .chunks = {candidate.chunk}});
    if (scan == nullptr) return false;
    unreadable_ = false;
    const auto source = scan->Open();
    while (true) {
      SKALD_ASSIGN_OR_RETURN(const std::unique_ptr<model::LogBatch> batch, source->Next());
      if (batch == nullptr) return unreadable_;
      const size_t rows = batch->selection.size();
      const bool filtered = candidate.filter->Apply(*batch).ok();
      if (!filtered || batch->selection.size() < rows) return true;
    }
  }

 private:
  model::ScanContext context_;
  std::shared_ptr<const StoredPlan> plan_;
  bool unreadable_ = false;
};

}  // namespace

Result<ErasableFound> FindErasable(const StoreParts& parts, const model::ScanRequest& wanted,
                                   const model::EntryFilters& filters, size_t max_packs,
                                   const CancelToken& cancel) {
  PackLeases::Lease lease = parts.leases.Take();
  SKALD_ASSIGN_OR_RETURN(std::vector<StreamChunks> streams,
                         parts.index.Find(wanted.tenant, wanted.matchers, wanted.range));
  ChunkProbe probe(parts, wanted, std::move(lease), cancel);
  ErasableFound found{.packs = {}, .none_before_ns = wanted.range.end};
  for (Candidate& candidate : Candidates(std::move(streams), wanted.range, filters)) {
    SKALD_RETURN_IF_ERROR(cancel.Check());
    const bool known = found.packs.contains(candidate.chunk.pack);
    if (!known && found.packs.size() >= max_packs) continue;
    if (known && !candidate.filter->TakesAll()) continue;
    SKALD_ASSIGN_OR_RETURN(const bool holds, probe.Holds(candidate));
    if (!holds) continue;
    ++found.chunks;
    found.packs.insert(candidate.chunk.pack);
    found.none_before_ns = std::min(found.none_before_ns, candidate.first_ns);
  }
  return found;
}

}  // namespace skald::chunkstore
