#include "ingester/flusher.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <utility>

#include "common/fault_point.h"
#include "common/logging.h"
#include "ingester/chunk_cutter.h"
#include "ingester/ingester_metrics.h"

namespace skald::ingester {
namespace {

constexpr double kNsPerHour = 3600e9;

// What a stream adds to the memory that writing its pack takes, beside its blocks: descriptions of
// chunk and blocks, a line of the directory, and what the index will know. It bounds the streams of
// a pack where they are tiny.
constexpr size_t kStreamBytes = 4 << 10;

}  // namespace

// Holds the right to run a round.
class Flusher::Turn {
 public:
  explicit Turn(Flusher& flusher) : flusher_(flusher) {
    MutexLock lock(flusher_.mutex_);
    while (flusher_.busy_) flusher_.free_.Wait(flusher_.mutex_);
    flusher_.busy_ = true;
  }
  ~Turn() {
    MutexLock lock(flusher_.mutex_);
    flusher_.busy_ = false;
    flusher_.free_.NotifyAll();
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  Flusher& flusher_;
};

chunkstore::BlockSealer::Options SealerOptions(const IngesterOptions& options) {
  chunkstore::BlockSealer::Options out;
  // A part is one block, but for a long line at its end.
  out.block_bytes = 2 * options.chunk_block_size;
  out.codec = options.chunk_encoding;
  return out;
}

Flusher::Flusher(const IngesterOptions& options, StreamContext& context, Tenants& tenants, Wal* wal,
                 ChunkSink& sink, Executor& executor)
    : options_(options),
      context_(context),
      tenants_(tenants),
      wal_(wal),
      sink_(sink),
      executor_(executor) {}

std::string_view Flusher::ReasonName(Reason reason) {
  switch (reason) {
    case Reason::kFull:
      return "full";
    case Reason::kIdle:
      return "idle";
    case Reason::kMaxAge:
      return "max_age";
    case Reason::kForced:
      return "forced";
    case Reason::kMemory:
      return "memory";
    case Reason::kWal:
      return "wal";
  }
  return "";
}

Status Flusher::FlushDue() {
  Turn turn(*this);
  {
    MutexLock lock(mutex_);
    if (context_.clock.MonotonicNs() < retry_at_ns_) return Status();
  }
  const Status status = Flush(PickDue());
  (void)CleanUp();
  BackOff(status);
  return status;
}

Status Flusher::FlushForMemory() {
  Turn turn(*this);
  Picks picks;
  PickForMemory(PickAll(), picks);
  return Flush(std::move(picks));
}

Status Flusher::FlushAll() {
  Turn turn(*this);
  const Status status = Flush(PickAll());
  (void)CleanUp();
  return status;
}

Status Flusher::FlushOffLog() {
  Turn turn(*this);
  // First: what streams take in from now on is in another file than what they have.
  if (wal_ != nullptr) SKALD_RETURN_IF_ERROR(wal_->EndSegment());
  const Status status = Flush(PickAll());
  const Status cleaned = CleanUp();
  return status.ok() ? cleaned : status;
}

Status Flusher::FlushStreams(std::string_view tenant, const model::Matchers& matchers) {
  Turn turn(*this);
  Picks picks;
  if (TenantStreams* streams = tenants_.Find(tenant)) {
    for (auto& stream : streams->Select(matchers, model::TimeRange::All())) {
      picks.push_back({std::move(stream)});
    }
  }
  const Status status = Flush(std::move(picks));
  (void)CleanUp();
  return status;
}

Flusher::Picks Flusher::PickAll() const {
  Picks all;
  for (TenantStreams* tenant : tenants_.All()) {
    for (std::shared_ptr<Stream>& stream : tenant->All()) all.push_back({std::move(stream)});
  }
  return all;
}

Flusher::Picks Flusher::PickDue() const {
  const int64_t now = context_.clock.MonotonicNs();
  const uint64_t keep_segment =
      wal_ != nullptr ? wal_->SegmentToKeepWithin(options_.wal.max_bytes) : 0;
  Picks picks;
  Picks full;
  Picks rest;
  size_t full_bytes = 0;
  for (TenantStreams* tenant : tenants_.All()) {
    for (std::shared_ptr<Stream>& stream : tenant->All()) {
      const StreamUse use = stream->Use();
      if (use.parts == 0) continue;
      const size_t all_bytes = use.sealed_bytes + use.head_bytes;
      if (now - use.last_push_ns >= options_.chunk_idle_period.count()) {
        picks.push_back({std::move(stream), Reason::kIdle, true, all_bytes});
      } else if (now - use.oldest_ns >= options_.max_chunk_age.count()) {
        picks.push_back({std::move(stream), Reason::kMaxAge, true, all_bytes});
      } else if (use.oldest_segment < keep_segment) {
        const bool with_head = use.head_bytes > 0 && use.head_segment < keep_segment;
        picks.push_back(
            {std::move(stream), Reason::kWal, with_head, with_head ? all_bytes : use.sealed_bytes});
      } else if (use.sealed_bytes >= options_.chunk_target_size) {
        full_bytes += use.sealed_bytes;
        full.push_back({std::move(stream), Reason::kFull, false, use.sealed_bytes});
      } else {
        rest.push_back({std::move(stream)});
      }
    }
  }
  // Full chunks wait until they make a pack, or until their memory is needed.
  Picks& fate = full_bytes >= options_.pack_bytes || !picks.empty() ? picks : rest;
  std::ranges::move(full, std::back_inserter(fate));
  PickForMemory(std::move(rest), picks);
  return picks;
}

void Flusher::PickForMemory(Picks rest, Picks& picks) const {
  int64_t memory = context_.memory_bytes.load();
  for (const Pick& pick : picks) memory -= static_cast<int64_t>(pick.bytes);
  const int64_t budget = context_.EntryBudget();
  if (memory <= budget) return;
  // At least a pack's worth, as rounds cost.
  const int64_t goal =
      budget - std::max(budget / 4, std::min(budget, static_cast<int64_t>(options_.pack_bytes)));
  for (Pick& pick : rest) {
    const StreamUse use = pick.stream->Use();
    pick.reason = Reason::kMemory;
    // Full parts make the better blocks; take the head too where there is little else.
    pick.with_head = use.sealed_bytes < use.head_bytes;
    pick.bytes = use.sealed_bytes + (pick.with_head ? use.head_bytes : 0);
  }
  std::ranges::sort(rest, std::ranges::greater(), &Pick::bytes);
  for (Pick& pick : rest) {
    if (memory <= goal || pick.bytes == 0) break;
    memory -= static_cast<int64_t>(pick.bytes);
    picks.push_back(std::move(pick));
  }
}

Status Flusher::Flush(Picks picks) {
  if (picks.empty()) return Status();
  const IngesterMetrics& metrics = IngesterMetrics::Get();
  metrics.flush_requests.Add(static_cast<double>(picks.size()));
  metrics.flush_queue_length.Set(static_cast<double>(picks.size()));
  std::vector<Picks> packs;
  size_t bytes = options_.pack_bytes;
  for (Pick& pick : picks) {
    if (bytes >= options_.pack_bytes) {
      packs.emplace_back();
      bytes = 0;
    }
    const StreamUse use = pick.stream->Use();
    // A head's memory is raw: it will shrink.
    bytes += kStreamBytes + use.sealed_bytes + (pick.with_head ? use.head_bytes / 3 : 0);
    packs.back().push_back(std::move(pick));
  }
  const Status status =
      executor_.ParallelFor(packs.size(), options_.concurrent_flushes, [&](size_t i) {
        const auto count = static_cast<double>(packs[i].size());
        Status stored = FlushPack(packs[i]);
        metrics.flush_queue_length.Add(-count);
        if (!stored.ok()) metrics.flush_failures.Add();
        return stored;
      });
  metrics.flush_queue_length.Set(0);
  return status;
}

Status Flusher::FlushPack(std::vector<Pick>& picks) const {
  chunkstore::BlockSealer sealer(SealerOptions(options_));
  std::vector<StreamFlush> flushes;
  std::vector<Stored> stored;
  for (const Pick& pick : picks) {
    SKALD_RETURN_IF_ERROR(DropStored(*pick.stream));
    std::vector<StreamPart> parts = pick.stream->PartsToFlush(pick.with_head, sealer);
    if (parts.empty()) continue;
    StreamFlush& flush = flushes.emplace_back();
    flush.tenant = pick.stream->tenant();
    flush.labels = pick.stream->labels();
    flush.fingerprint = pick.stream->fingerprint();
    flush.last_seq = parts.back().last_seq;
    SKALD_ASSIGN_OR_RETURN(flush.chunks, CutChunks(parts, options_.chunk_target_size, sealer));
    Stored& of_stream = stored.emplace_back();
    of_stream.pick = &pick;
    of_stream.parts = std::move(parts);
    for (const chunkstore::FinishedChunk& chunk : flush.chunks) {
      of_stream.chunks.push_back(chunk.summary);
      of_stream.chunk_bytes.push_back(chunk.bytes);
    }
  }
  if (flushes.empty()) return Status();
  FaultPoint("flush.sealed");
  SKALD_RETURN_IF_ERROR(sink_.Store(std::move(flushes)));
  FaultPoint("flush.stored");
  // From here on a query finds the entries in the store as well.
  for (const Stored& of_stream : stored) {
    of_stream.pick->stream->DropFlushed(of_stream.parts.size());
    RecordStored(of_stream);
  }
  return Status();
}

Status Flusher::DropStored(Stream& stream) const {
  SKALD_ASSIGN_OR_RETURN(const uint64_t flushed_seq,
                         sink_.FlushedSeq(stream.tenant(), stream.fingerprint()));
  stream.DropFlushedUpTo(flushed_seq);
  return Status();
}

void Flusher::RecordStored(const Stored& stored) const {
  const IngesterMetrics& metrics = IngesterMetrics::Get();
  const TenantMetrics& tenant = stored.pick->stream->metrics();
  const auto chunks = static_cast<double>(stored.chunks.size());
  IngesterMetrics::ChunksFlushed(std::string(ReasonName(stored.pick->reason))).Add(chunks);
  tenant.chunks_stored.Add(chunks);
  metrics.chunk_age.Observe(
      static_cast<double>(context_.clock.MonotonicNs() - stored.parts.front().created_ns) * 1e-9);
  metrics.blocks_per_chunk.Observe(static_cast<double>(stored.parts.size()) / chunks);
  for (size_t i = 0; i < stored.chunks.size(); ++i) {
    const chunkstore::ChunkSummary& summary = stored.chunks[i];
    const auto bytes = static_cast<double>(stored.chunk_bytes[i]);
    tenant.chunk_stored_bytes.Add(bytes);
    metrics.chunk_size.Observe(bytes);
    metrics.chunk_entries.Observe(static_cast<double>(summary.entries));
    metrics.chunk_utilization.Observe(bytes / static_cast<double>(options_.chunk_target_size));
    metrics.chunk_bounds_hours.Observe(static_cast<double>(summary.max_time - summary.min_time) /
                                       kNsPerHour);
  }
}

void Flusher::CleanUpAtEnd() {
  Turn turn(*this);
  (void)CleanUp();
  if (Status noted = wal_->NoteEnd(); !noted.ok()) {
    LogWarn("the end of the write-ahead log cannot be noted", {{"err", noted}});
  }
}

Status Flusher::CleanUp() {
  const IngesterMetrics& metrics = IngesterMetrics::Get();
  metrics.memory_bytes.Set(static_cast<double>(context_.memory_bytes.load()));
  metrics.stream_bytes.Set(static_cast<double>(context_.stream_bytes.load()));
  // Asked for before the streams are: what they take in meanwhile is in this segment or later.
  uint64_t keep = wal_ != nullptr ? wal_->CurrentSegment() : 0;
  const int64_t now = context_.clock.MonotonicNs();
  for (TenantStreams* tenant : tenants_.All()) {
    tenant->RemoveIdle(now - options_.chunk_idle_period.count());
    if (wal_ == nullptr) continue;
    for (const std::shared_ptr<Stream>& stream : tenant->All()) {
      const StreamUse use = stream->Use();
      if (use.parts > 0) keep = std::min(keep, use.oldest_segment);
    }
  }
  if (wal_ == nullptr) return {};
  const Status status = wal_->RemoveBelow(keep);
  if (!status.ok()) {
    metrics.checkpoint_deletions_failed.Add();
    LogWarn("removing segments of the write-ahead log failed", {{"err", status}});
  }
  metrics.wal_bytes_in_use.Set(static_cast<double>(wal_->BytesInUse()));
  return status;
}

void Flusher::BackOff(const Status& status) {
  MutexLock lock(mutex_);
  if (status.ok()) {
    backoff_ns_ = 0;
    retry_at_ns_ = 0;
    return;
  }
  LogError("a flush failed; its entries stay in memory and in the log", {{"err", status}});
  backoff_ns_ = std::clamp(2 * backoff_ns_, options_.flush_backoff_min.count(),
                           options_.flush_backoff_max.count());
  retry_at_ns_ = context_.clock.MonotonicNs() + backoff_ns_;
}

}  // namespace skald::ingester
