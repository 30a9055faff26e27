#include "chunkstore/compact/compaction_job.h"

#include <algorithm>
#include <deque>
#include <iterator>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "chunkstore/compact/chunk_trimmer.h"
#include "chunkstore/format/pack.h"
#include "chunkstore/stored_pack.h"
#include "common/fault_point.h"
#include "common/hash.h"
#include "common/logging.h"
#include "common/metrics.h"

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

bool Lasts(const Status& status) {
  return status.code() == StatusCode::kDataLoss || status.code() == StatusCode::kUnimplemented;
}

// Packs on their way out: full ones are written at once, and forgotten if the job fails.
//
// Order: CarryFilter? (BeginStream Add* DropStream?)* Commit.
class PackOutput {
 public:
  PackOutput(const StoreParts& parts, uint64_t pack_bytes)
      : parts_(parts), pack_bytes_(pack_bytes) {}

  // All will be entries of one pack, with that filter, and put into one again.
  Status CarryFilter(const WholePackFilter& filter) {
    pack_bytes_ = std::numeric_limits<uint64_t>::max();
    return writer_.CarryFilter(filter.head, filter.regions);
  }
  PackOutput(const PackOutput&) = delete;
  PackOutput& operator=(const PackOutput&) = delete;

  ~PackOutput() {
    // Makes room again.
    if (packs_must_stay_) return;
    for (const std::string& pack : packs_) (void)parts_.objects.Delete(pack);
  }

  void BeginStream() { stream_begin_ = added_; }

  Status Add(const CommittedChunk& stream, std::vector<FinishedChunk> chunks) {
    const Period day = DayOfChunk(stream);
    if (!writer_.empty() && day != day_) SKALD_RETURN_IF_ERROR(WritePack());
    day_ = day;
    for (FinishedChunk& chunk : chunks) {
      chunks_.push_back(std::move(chunk));
      writer_.Add(stream.tenant, stream.labels, stream.fingerprint, chunks_.back());
      ++added_;
      if (writer_.bytes() >= pack_bytes_) SKALD_RETURN_IF_ERROR(WritePack());
    }
    return {};
  }

  // What was added since BeginStream shall not be named.
  void DropStream() {
    if (added_ > stream_begin_) dropped_.push_back({stream_begin_, added_});
  }

  Status Commit(std::vector<CommittedChunk> replaced) {
    if (!writer_.empty()) SKALD_RETURN_IF_ERROR(WritePack());
    SKALD_RETURN_IF_ERROR(ForgetDropped());
    commit_.removed = std::move(replaced);
    CommitOutcome outcome = parts_.index.TryCommit(commit_);
    packs_must_stay_ = outcome.status.ok() || outcome.may_be_written;
    return std::move(outcome.status);
  }

  uint64_t packs() const { return packs_.size(); }
  uint64_t bytes() const { return bytes_; }

 private:
  struct Range {  // [begin, end) of the chunks added.
    size_t begin = 0;
    size_t end = 0;
  };

  Status WritePack() {
    const std::string key = parts_.names.NextCompacted(day_);
    SKALD_RETURN_IF_ERROR(parts_.index.PlanPack(key));
    FaultPoint("compact.pack_planned");
    PackWriter::Pack pack = writer_.Finish();
    const std::vector<std::string_view> bytes = pack.Parts();
    SKALD_RETURN_IF_ERROR(parts_.objects.Put(key, bytes));
    packs_.push_back(key);
    FaultPoint("compact.pack_written");
    for (const std::string_view part : bytes) bytes_ += part.size();
    std::ranges::move(ChunksOfPack(key, std::move(pack.entries)),
                      std::back_inserter(commit_.chunks));
    chunks_.clear();
    return {};
  }

  // Also of packs in which nothing else is.
  Status ForgetDropped() {
    if (dropped_.empty()) return {};
    for (auto range = dropped_.rbegin(); range != dropped_.rend(); ++range) {
      const auto begin = commit_.chunks.begin();
      commit_.chunks.erase(begin + static_cast<ptrdiff_t>(range->begin),
                           begin + static_cast<ptrdiff_t>(range->end));
    }
    for (size_t i = packs_.size(); i-- > 0;) {
      const bool named = std::ranges::any_of(
          commit_.chunks, [&](const CommittedChunk& chunk) { return chunk.ref.pack == packs_[i]; });
      if (named) continue;
      SKALD_RETURN_IF_ERROR(parts_.objects.Delete(packs_[i]));
      packs_.erase(packs_.begin() + static_cast<ptrdiff_t>(i));
    }
    return {};
  }

  const StoreParts& parts_;
  uint64_t pack_bytes_;
  PackWriter writer_;
  std::deque<FinishedChunk> chunks_;  // Those that writer_ borrows.
  Period day_ = 0;
  FlushCommit commit_;
  size_t added_ = 0;  // Chunks; those in commit_ come in the same order.
  size_t stream_begin_ = 0;
  std::vector<Range> dropped_;
  std::vector<std::string> packs_;
  uint64_t bytes_ = 0;
  bool packs_must_stay_ = false;
};

// One run of a job.
class Job {
 public:
  Job(const StoreParts& parts, const CompactionJobOptions& options, const CancelToken& cancel)
      : parts_(parts),
        options_(options),
        cancel_(cancel),
        merger_(options.merger, parts.fetcher, parts.leases.Take()),
        trimmer_(options.merger, parts.objects),
        output_(parts, options.pack_bytes) {}

  Result<CompactionOutcome> Run(const std::vector<ObjectEntry>& packs) {
    SKALD_RETURN_IF_ERROR(ReadDirectories(packs));
    const std::vector<std::vector<CommittedChunk>> streams = TakeWanted();
    const bool trims = packs.size() == 1 && MayTrim(packs.front().key, streams);
    for (const std::vector<CommittedChunk>& stream : streams) {
      SKALD_RETURN_IF_ERROR(cancel_.Check());
      output_.BeginStream();
      SKALD_ASSIGN_OR_RETURN(const MergedStream made, trims ? Trim(stream) : Merge(stream));
      Account(stream, made);
    }
    SKALD_RETURN_IF_ERROR(output_.Commit(std::move(replaced_)));
    FaultPoint("compact.committed");
    CountErased();
    outcome_.packs_written = output_.packs();
    outcome_.bytes_written = output_.bytes();
    for (const auto& [pack, lasting] : left_) outcome_.packs_left.push_back({pack, lasting});
    return std::move(outcome_);
  }

 private:
  // What of the packs the index still names, in the order in which it is to be written.
  Status ReadDirectories(const std::vector<ObjectEntry>& packs) {
    for (const ObjectEntry& pack : packs) {
      Result<std::vector<PackEntry>> entries = ReadStoredDirectory(pack, parts_.objects);
      if (!entries.ok()) {  // The others go on without it.
        LogError("unreadable pack", {{"pack", pack.key}, {"err", entries.status()}});
        Leave(pack.key, entries.status());
        continue;
      }
      SKALD_ASSIGN_OR_RETURN(std::vector<CommittedChunk> named,
                             parts_.index.Named(ChunksOfPack(pack.key, *std::move(entries))));
      std::ranges::move(named, std::back_inserter(chunks_));
      ++outcome_.packs_read;
      outcome_.bytes_read += pack.bytes;
    }
    std::ranges::stable_sort(chunks_, ComesBefore);
    return {};
  }

  // The chunks of which something may stay, those of one stream and day together. The others go
  // unread.
  std::vector<std::vector<CommittedChunk>> TakeWanted() {
    std::vector<std::vector<CommittedChunk>> streams;
    for (CommittedChunk& chunk : chunks_) {
      if (!IsWanted(chunk)) {
        replaced_.push_back(std::move(chunk));
      } else if (!streams.empty() && SameStreamAndDay(streams.back().front(), chunk)) {
        streams.back().push_back(std::move(chunk));
      } else {
        streams.emplace_back().push_back(std::move(chunk));
      }
    }
    chunks_.clear();
    return streams;
  }

  bool IsWanted(const CommittedChunk& chunk) {
    const ChunkSummary& summary = chunk.ref.summary;
    if (options_.wanted && !options_.wanted(chunk)) {
      ++outcome_.chunks_expired;
      return false;
    }
    const auto filter = FilterFor(chunk, summary.min_time, summary.max_time);
    if (filter == nullptr || !filter->TakesAll()) return true;
    erased_[chunk.tenant.value()] += summary.entries;
    return false;
  }

  // Whether what stays of a pack can be taken over as it is stored: its streams are merged already,
  // and its filter is not too large for what stays.
  bool MayTrim(const std::string& pack, const std::vector<std::vector<CommittedChunk>>& streams) {
    if (!CompactedDay(pack)) return false;
    const auto filter = ReadStoredFilter(pack, parts_.objects);
    if (!filter.ok()) return false;
    if (!*filter) return true;
    uint64_t bytes = 0;
    for (const auto& stream : streams) {
      for (const CommittedChunk& chunk : stream) bytes += chunk.ref.bytes;
    }
    return (*filter)->filter.MayBeCarried(bytes) && output_.CarryFilter(**filter).ok();
  }

  // Null if all of the stream's entries in that time stay.
  std::unique_ptr<model::EntryFilter> FilterFor(const CommittedChunk& stream, int64_t first_ns,
                                                int64_t last_ns) {
    if (options_.erased == nullptr) return nullptr;
    const auto [filters, is_new] = filters_.try_emplace(stream.tenant.value());
    if (is_new) filters->second = options_.erased->Of(stream.tenant);
    return filters->second == nullptr ? nullptr
                                      : filters->second->For(*stream.labels, first_ns, last_ns);
  }

  // Makes others of the chunks of one stream and day.
  Result<MergedStream> Merge(std::span<const CommittedChunk> chunks) {
    const CommittedChunk& first = chunks.front();
    int64_t last_ns = first.ref.summary.max_time;
    for (const CommittedChunk& chunk : chunks) {
      last_ns = std::max(last_ns, chunk.ref.summary.max_time);
    }
    const auto filter = FilterFor(first, first.ref.summary.min_time, last_ns);
    return merger_.Merge(chunks, filter.get(), cancel_,
                         [&](auto made) { return output_.Add(first, std::move(made)); });
  }

  // The same, block by block.
  Result<MergedStream> Trim(std::span<const CommittedChunk> chunks) {
    MergedStream made;
    for (const CommittedChunk& chunk : chunks) {
      SKALD_RETURN_IF_ERROR(cancel_.Check());
      auto trimmed = trimmer_.Trim(chunk, [&](int64_t first_ns, int64_t last_ns) {
        return FilterFor(chunk, first_ns, last_ns);
      });
      made.unreadable = trimmed.status();
      if (!trimmed.ok()) break;
      made.entries += trimmed->entries;
      made.erased += trimmed->erased;
      SKALD_RETURN_IF_ERROR(output_.Add(chunk, std::move(trimmed->chunks)));
    }
    return made;
  }

  void Account(std::span<const CommittedChunk> chunks, const MergedStream& made) {
    if (!made.unreadable.ok()) {
      LogError("a stream is left as it is",
               {{"stream", chunks.front().labels->ToString()}, {"err", made.unreadable}});
      output_.DropStream();
      for (const CommittedChunk& chunk : chunks) Leave(chunk.ref.pack, made.unreadable);
      return;
    }
    outcome_.entries += made.entries;
    outcome_.duplicates += made.duplicates;
    if (made.erased > 0) erased_[chunks.front().tenant.value()] += made.erased;
    std::ranges::copy(chunks, std::back_inserter(replaced_));
  }

  void CountErased() {
    for (const auto& [tenant, entries] : erased_) {
      outcome_.erased += entries;
      Metrics::GetCounter("loki_compactor_deleted_lines",
                          "Entries that delete requests have removed from the store.",
                          {{"user", tenant}})
          .Add(static_cast<double>(entries));
    }
  }

  void Leave(const std::string& pack, const Status& why) { left_[pack] |= Lasts(why); }

  const StoreParts& parts_;
  const CompactionJobOptions& options_;
  const CancelToken& cancel_;
  StreamMerger merger_;
  ChunkTrimmer trimmer_;
  PackOutput output_;
  std::vector<CommittedChunk> chunks_;
  std::vector<CommittedChunk> replaced_;
  StringMap<bool> left_;  // Packs that stay; whether for good.
  StringMap<std::shared_ptr<const model::EntryFilters>> filters_;  // By tenant; as of now.
  StringMap<uint64_t> erased_;                                     // Entries, by tenant.
  CompactionOutcome outcome_;
};

}  // namespace

Result<CompactionOutcome> CompactPacks(const StoreParts& parts,
                                       const std::vector<ObjectEntry>& packs,
                                       const CompactionJobOptions& options,
                                       const CancelToken& cancel) {
  return Job(parts, options, cancel).Run(packs);
}

Status RetirePacks(const StoreParts& parts, std::vector<std::string>& packs) {
  if (packs.empty()) return {};
  SKALD_ASSIGN_OR_RETURN(const std::vector<std::string> named, parts.index.Packs());
  std::vector<std::string> retired;
  std::erase_if(packs, [&](std::string& pack) {
    if (std::ranges::binary_search(named, pack)) return false;
    retired.push_back(std::move(pack));
    return true;
  });
  parts.leases.Retire(std::move(retired));
  return {};
}

}  // namespace skald::chunkstore
