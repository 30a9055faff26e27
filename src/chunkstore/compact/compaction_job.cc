#include "chunkstore/compact/compaction_job.h"

#include <algorithm>
#include <deque>
#include <iterator>
#include <utility>

#include "chunkstore/format/pack.h"
#include "chunkstore/stored_pack.h"
#include "common/logging.h"

namespace skald::chunkstore {
namespace {

Period DayOfChunk(const CommittedChunk& chunk) { return DayOf(chunk.ref.summary.min_time); }

bool SameStreamAndDay(const CommittedChunk& a, const CommittedChunk& b) {
  return DayOfChunk(a) == DayOfChunk(b) && a.tenant == b.tenant && *a.labels == *b.labels;
}

// The order of chunks in compacted packs, and of those of one stream for its merge.
bool ComesBefore(const CommittedChunk& a, const CommittedChunk& b) {
  if (DayOfChunk(a) != DayOfChunk(b)) return DayOfChunk(a) < DayOfChunk(b);
  if (a.tenant != b.tenant) return a.tenant < b.tenant;
  if (*a.labels != *b.labels) return *a.labels < *b.labels;
  return a.ref.summary.min_time < b.ref.summary.min_time;
}

// Packs on their way out: full ones are written at once, and forgotten if the job fails.
class PackOutput {
 public:
  PackOutput(const StoreParts& parts, uint64_t pack_bytes)
      : parts_(parts), pack_bytes_(pack_bytes) {}
  PackOutput(const PackOutput&) = delete;
  PackOutput& operator=(const PackOutput&) = delete;

  ~PackOutput() {
    // Makes room again. After a failed commit packs must stay: it may have reached the disk.
    if (committing_) return;
    for (const std::string& pack : packs_) (void)parts_.objects.Delete(pack);
  }

  Status Add(const CommittedChunk& stream, std::vector<FinishedChunk> chunks) {
    const Period day = DayOfChunk(stream);
    if (!writer_.empty() && day != day_) SKALD_RETURN_IF_ERROR(WritePack());
    day_ = day;
    for (FinishedChunk& chunk : chunks) {
      chunks_.push_back(std::move(chunk));
      writer_.Add(stream.tenant, stream.labels, stream.fingerprint, chunks_.back());
      if (writer_.bytes() >= pack_bytes_) SKALD_RETURN_IF_ERROR(WritePack());
    }
    return {};
  }

  Status Commit(std::vector<CommittedChunk> replaced) {
    if (!writer_.empty()) SKALD_RETURN_IF_ERROR(WritePack());
    committing_ = true;
    commit_.removed = std::move(replaced);
    return parts_.index.Commit(commit_);
  }

  uint64_t packs() const { return packs_.size(); }
  uint64_t bytes() const { return bytes_; }

 private:
  Status WritePack() {
    const std::string key = parts_.names.NextCompacted(day_);
    PackWriter::Pack pack = writer_.Finish();
    const std::vector<std::string_view> bytes = pack.Parts();
    SKALD_RETURN_IF_ERROR(parts_.objects.Put(key, bytes));
    packs_.push_back(key);
    for (const std::string_view part : bytes) bytes_ += part.size();
    std::ranges::move(ChunksOfPack(key, std::move(pack.entries)),
                      std::back_inserter(commit_.chunks));
    chunks_.clear();
    return {};
  }

  const StoreParts& parts_;
  const uint64_t pack_bytes_;
  PackWriter writer_;
  std::deque<FinishedChunk> chunks_;  // Those that writer_ borrows.
  Period day_ = 0;
  FlushCommit commit_;
  std::vector<std::string> packs_;
  uint64_t bytes_ = 0;
  bool committing_ = false;
};

// What of the packs the index still names, in the order in which it is to be written.
Result<std::vector<CommittedChunk>> ReadChunks(const StoreParts& parts,
                                               const std::vector<ObjectEntry>& packs,
                                               CompactionOutcome& outcome) {
  std::vector<CommittedChunk> chunks;
  for (const ObjectEntry& pack : packs) {
    Result<std::vector<PackEntry>> entries = ReadStoredDirectory(pack, parts.objects);
    const StatusCode code = entries.status().code();
    // Damage, or a version from the future: the others go on without it.
    if (code == StatusCode::kDataLoss || code == StatusCode::kUnimplemented) {
      LogError("unreadable pack", {{"pack", pack.key}, {"err", entries.status()}});
      continue;
    }
    if (!entries.ok()) return entries.status();
    SKALD_ASSIGN_OR_RETURN(std::vector<CommittedChunk> named,
                           parts.index.Named(ChunksOfPack(pack.key, *std::move(entries))));
    std::ranges::move(named, std::back_inserter(chunks));
    ++outcome.packs_read;
    outcome.bytes_read += pack.bytes;
  }
  std::ranges::stable_sort(chunks, ComesBefore);
  return chunks;
}

// Sorts the packs into those that nobody names any more, which are retired, and the rest.
Status RetirePacks(const StoreParts& parts, const std::vector<ObjectEntry>& packs,
                   CompactionOutcome& outcome) {
  SKALD_ASSIGN_OR_RETURN(const std::vector<std::string> named, parts.index.Packs());
  std::vector<std::string> retired;
  for (const ObjectEntry& pack : packs) {
    const bool kept = std::ranges::binary_search(named, pack.key);
    (kept ? outcome.packs_kept : retired).push_back(pack.key);
  }
  parts.leases.Retire(std::move(retired));
  return {};
}

}  // namespace

Result<CompactionOutcome> CompactPacks(const StoreParts& parts,
                                       const std::vector<ObjectEntry>& packs,
                                       const CompactionJobOptions& options,
                                       const CancelToken& cancel) {
  CompactionOutcome outcome;
  StreamMerger merger(options.merger, parts.fetcher, parts.leases.Take());
  SKALD_ASSIGN_OR_RETURN(const std::vector<CommittedChunk> chunks,
                         ReadChunks(parts, packs, outcome));
  PackOutput output(parts, options.pack_bytes);
  std::vector<CommittedChunk> replaced;
  for (auto begin = chunks.begin(); begin != chunks.end();) {
    SKALD_RETURN_IF_ERROR(cancel.Check());
    const auto end = std::find_if_not(
        begin, chunks.end(), [&](const CommittedChunk& c) { return SameStreamAndDay(*begin, c); });
    std::vector<CommittedChunk> wanted;
    for (auto chunk = begin; chunk != end; ++chunk) {
      const bool keep = !options.wanted || options.wanted(*chunk);
      (keep ? wanted : replaced).push_back(*chunk);
      outcome.chunks_expired += keep ? 0 : 1;
    }
    begin = end;
    if (wanted.empty()) continue;
    Result<MergedStream> merged = merger.Merge(wanted, cancel);
    if (merged.status().code() == StatusCode::kDataLoss) {
      LogError("a stream is left as it is",
               {{"stream", wanted.front().labels->ToString()}, {"err", merged.status()}});
      continue;
    }
    if (!merged.ok()) return merged.status();
    outcome.entries += merged->entries;
    outcome.duplicates += merged->duplicates;
    SKALD_RETURN_IF_ERROR(output.Add(wanted.front(), std::move(merged->chunks)));
    std::ranges::move(wanted, std::back_inserter(replaced));
  }
  SKALD_RETURN_IF_ERROR(output.Commit(std::move(replaced)));
  outcome.packs_written = output.packs();
  outcome.bytes_written = output.bytes();
  SKALD_RETURN_IF_ERROR(RetirePacks(parts, packs, outcome));
  return outcome;
}

}  // namespace skald::chunkstore
