#include "ingester/ingester.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "common/cancellable_sort.h"
#include "common/log_fields.h"
#include "common/logging.h"
#include "common/stream_limits.h"
#include "ingester/ingester_metrics.h"
#include "ingester/push_refusal.h"
#include "ingester/replay.h"
#include "ingester/stream_scan.h"
#include "ingester/stream_size.h"

namespace skald::ingester {
namespace {

// Bytes that an entry may take in the log besides its texts: lengths, time, references.
constexpr uint64_t kEntryLogBytes = 24;
constexpr uint64_t kPairLogBytes = 12;
constexpr uint64_t kStreamLogBytes = 64;

// Of sealers that are not in use no more are kept than threads may want at once, and none whose
// buffers an unusual block has made large.
constexpr size_t kSpareSealers = 8;
constexpr size_t kSpareSealerBytes = 4 << 20;

// By how much the clock may have been ahead, or creation_grace_period longer, before a start.
constexpr Nanoseconds kClockSlack = std::chrono::hours(1);

// At least as much as the log will need for `batch`.
uint64_t LogBytes(const model::TenantId& tenant, const model::PushBatch& batch) {
  uint64_t bytes = 0;
  for (const model::PushStream& stream : batch.streams) {
    bytes += stream.labels->encoded().size() + tenant.value().size() + kStreamLogBytes;
  }
  for (const model::PushEntry& entry : batch.entries) bytes += entry.line.size() + kEntryLogBytes;
  for (const model::MetadataPair& pair : batch.metadata) {
    bytes += pair.name.size() + pair.value.size() + kPairLogBytes;
  }
  // Lines may turn out to be needed after the text has been written.
  return bytes + Wal::kMaxTextCopies * batch.packed.size();
}

// What the log may hold in place of the lines, if that is worth it.
std::optional<WalText> TextOf(const model::PushBatch& batch) {
  if (batch.packed.empty()) return std::nullopt;
  const std::string_view raw = batch.buffers.front();
  if (batch.packed.size() > raw.size() - raw.size() / 8) return std::nullopt;
  return WalText{.raw = raw, .packed = batch.packed};
}

// Tells of entries that were dropped, as far as the tenant's configuration asks for it.
void LogRepeats(const OperationalConfig& config, const std::string& tenant,
                const model::PushStream& stream, const StreamRepeats& repeats) {
  if (repeats.entries == 0) return;
  if (!config.log_duplicate_metrics && !config.log_duplicate_stream_info) return;
  std::vector<LogField> fields = {{"org_id", tenant}};
  if (config.log_duplicate_metrics) {
    fields.emplace_back("entries", repeats.entries);
    fields.emplace_back("bytes", repeats.line_bytes);
  }
  if (config.log_duplicate_stream_info) fields.emplace_back("stream", stream.labels->ToString());
  LogFields(LogLevel::kInfo, "duplicate entries dropped", fields);
}

}  // namespace

Ingester::Ingester(const IngesterOptions& options, const IngesterParts& parts,
                   std::unique_ptr<Wal> wal)
    : options_(options),
      parts_(parts),
      wal_(std::move(wal)),
      context_(options_, parts_.clock, wal_.get()),
      tenants_(options_.index_shards, context_),
      flusher_(options_, context_, tenants_, wal_.get(), parts_.sink, parts_.background),
      sealers_(kSpareSealers, kSpareSealerBytes, [this] {
        return std::make_unique<chunkstore::BlockSealer>(SealerOptions(options_));
      }) {}

Result<std::unique_ptr<Ingester>> Ingester::Open(const IngesterOptions& options,
                                                 const IngesterParts& parts) {
  std::unique_ptr<Wal> wal;
  if (options.wal.enabled) {
    SKALD_ASSIGN_OR_RETURN(wal, Wal::Open(options.wal, parts.files, parts.clock));
  }
  std::unique_ptr<Ingester> ingester(new Ingester(options, parts, std::move(wal)));
  SKALD_RETURN_IF_ERROR(ingester->ReplayLog());
  ingester->replayed_ = true;
  if (options.flush_check_period.count() > 0) {
    const auto flush = [self = ingester.get()] {
      self->flush_wanted_ = false;
      (void)self->flusher_.FlushDue();  // Logged by the flusher, which tries again.
    };
    ingester->periodic_ = std::make_unique<PeriodicTask>("flush", options.flush_check_period, flush,
                                                         ThreadWeight::kFlush);
  }
  return ingester;
}

Ingester::~Ingester() {
  if (Status status = Stop(); !status.ok()) {
    LogError("stopping the ingester failed", {{"err", status}});
  }
}

Status Ingester::ReplayLog() {
  if (wal_ == nullptr) {
    SKALD_ASSIGN_OR_RETURN(context_.last_seq, parts_.sink.HighestSeq());
    return Status();
  }
  bool flush_failed = false;
  Replay::Hooks hooks;
  hooks.sealable = [this](const std::shared_ptr<Stream>& stream) { SealInBackground(stream); };
  hooks.check_memory = [this, &flush_failed] {
    if (flush_failed || context_.memory_bytes <= context_.EntryBudget()) return;
    // Nothing is read meanwhile, so that compressed blocks take the place of what has been.
    tasks_.WaitUntilIdle();
    // So much may have been in memory when it was logged. It need not be stored for a start.
    if (context_.memory_bytes <= 2 * context_.EntryBudget()) return;
    IngesterMetrics::Get().wal_replay_flushing.Set(1);
    // Without the store the log has to fit into memory, as it did before.
    if (Status status = flusher_.FlushForMemory(); !status.ok()) {
      LogError("a flush during the replay failed", {{"err", status}});
      flush_failed = true;
    }
    IngesterMetrics::Get().wal_replay_flushing.Set(0);
  };
  Replay replay(*wal_, parts_.files, parts_.sink, tenants_, context_, std::move(hooks));
  replayed_at_ns_ = parts_.clock.NowNs();
  const Status status = replay.Run();
  for (const auto& [segment, places] : replay.totals().damaged_by_segment) {
    log_damage_.push_back("entries may be missing from this answer: " + wal_->SegmentPath(segment) +
                          " was damaged in " + std::to_string(places) + " places at the start");
  }
  for (const uint64_t segment : replay.totals().missing) {
    log_damage_.push_back("entries may be missing from this answer: " + wal_->SegmentPath(segment) +
                          " was gone at the start");
  }
  if (const Status& end = replay.totals().end; !end.ok()) {
    log_damage_.push_back(
        "entries may be missing from this answer: what the write-ahead log had could not be read "
        "at the start: " +
        std::string(end.message()));
  }
  return status;
}

void Ingester::WarnOfLogDamage(const model::ScanRequest& request, model::Warnings& warnings) const {
  if (log_damage_.empty()) return;
  // What the log held was taken before the start, and from no further in the future than this.
  const Nanoseconds ahead = parts_.limits.For(request.tenant.value())->creation_grace_period;
  const int64_t from_ns = request.range.start;
  if (from_ns > replayed_at_ns_ && Nanoseconds(from_ns - replayed_at_ns_) - kClockSlack >= ahead) {
    return;
  }
  for (const std::string& damage : log_damage_) warnings.Add(damage);
}

void Ingester::SealInBackground(const std::shared_ptr<Stream>& stream) {
  // The last to hold a stream must be done with it before the token says so.
  struct Task {
    InFlight::Token token;
    std::shared_ptr<Stream> stream;
    Recycler<chunkstore::BlockSealer>& sealers;

    void operator()() const { stream->Seal(*sealers.Take()); }
  };
  InFlight::Token token = tasks_.Enter();
  if (token != nullptr) {
    parts_.background.Submit(Task{std::move(token), stream, sealers_});
  }
}

uint64_t Ingester::MaxStreams(const StreamLimits& limits) const {
  const auto own = static_cast<uint64_t>(limits.max_streams);
  if (limits.max_global_streams == 0) return own;
  const double share = parts_.stream_share ? parts_.stream_share() : 1.0;
  const auto global =
      static_cast<uint64_t>(std::max(1.0, std::ceil(share * limits.max_global_streams)));
  return own == 0 ? global : std::min(own, global);
}

uint64_t Ingester::HeldBytes() const {
  const int64_t bytes = context_.memory_bytes.load(std::memory_order_relaxed) +
                        context_.stream_bytes.load(std::memory_order_relaxed);
  return static_cast<uint64_t>(std::max<int64_t>(bytes, 0));
}

Status Ingester::CheckMemory() {
  const int64_t bytes = context_.memory_bytes.load(std::memory_order_relaxed);
  if (bytes <= context_.EntryBudget()) return Status();
  if (periodic_ != nullptr && !flush_wanted_.exchange(true)) periodic_->Trigger();
  if (bytes <= 2 * static_cast<int64_t>(options_.memory_bytes)) return Status();
  return Unavailable(
      "entries in memory exceed twice ingester.memory_bytes: writing to the store does not keep "
      "up");
}

rpc::PushOutcome::Refusal Ingester::RefusalOf(StatusCode code, const model::PushStream& stream,
                                              PushWork& work) const {
  TenantStreams& streams = work.streams;
  switch (code) {
    case StatusCode::kResourceExhausted:
      return StreamLimitRefusal(streams.tenant(), work.batch, stream, streams.WidestLabel());
    case StatusCode::kUnavailable:
      return StreamMemoryRefusal(work.batch, stream, options_.stream_memory_bytes,
                                 streams.WidestLabel());
    default:
      return FingerprintRefusal(work.batch, stream);
  }
}

StreamPush Ingester::PushStream(const model::PushStream& stream, PushWork& work) {
  const StreamLimits limits = HasOwnLimits(work.limits, stream.policy)
                                  ? StreamLimitsOf(work.limits, stream.policy)
                                  : work.own_limits;
  const TenantStreams::Quota quota = {.policy = limits.own_count ? stream.policy : "",
                                      .max_streams = MaxStreams(limits),
                                      .max_bytes = options_.stream_memory_bytes};
  while (true) {
    auto found = work.streams.GetOrMake(stream.labels, stream.fingerprint, quota);
    if (!found.ok()) {
      work.outcome.refusals.push_back(RefusalOf(found.status().code(), stream, work));
      return {};
    }
    if (found->is_new && work.limits.operational.log_stream_creation) {
      LogInfo("stream created",
              {{"org_id", work.streams.tenant()}, {"stream", stream.labels->ToString()}});
    }
    StreamPush push = found->stream->Push(work.batch, stream, limits, work.scratch);
    if (push.removed) continue;  // It was idle, and left memory between the two calls.
    if (push.refusal) work.outcome.refusals.push_back(*std::move(push.refusal));
    if (push.sealable) SealInBackground(found->stream);
    LogRepeats(work.limits.operational, work.streams.tenant(), stream, push.repeats);
    return push;
  }
}

Result<rpc::PushOutcome> Ingester::Push(const model::TenantId& tenant,
                                        const model::PushBatch& batch) {
  const InFlight::Token token = pushes_.Enter();
  if (token == nullptr) return Unavailable("the ingester is stopping");
  SKALD_RETURN_IF_ERROR(CheckMemory());
  Wal::Reservation reservation;
  if (wal_ != nullptr) {
    SKALD_ASSIGN_OR_RETURN(reservation, wal_->Reserve(LogBytes(tenant, batch)));
  }
  const std::shared_ptr<const Limits> limits = parts_.limits.For(tenant.value());
  PushWork work{tenants_.GetOrMake(tenant.value()), batch, *limits,
                StreamLimitsOf(*limits, ""),        {},    {}};
  work.scratch.text = TextOf(batch);
  Wal::Ticket first = 0;
  Wal::Ticket last = 0;
  for (const model::PushStream& stream : batch.streams) {
    const StreamPush push = PushStream(stream, work);
    if (push.last_ticket == 0) continue;
    first = first == 0 ? push.first_ticket : std::min(first, push.first_ticket);
    last = std::max(last, push.last_ticket);
  }
  for (const auto& follower : work.scratch.to_wake) follower->Wake();
  if (last != 0) SKALD_RETURN_IF_ERROR(wal_->Commit(first, last));
  return std::move(work.outcome);
}

Result<StreamList> Ingester::Find(const model::StreamLookup& of) const {
  const TenantStreams* streams = tenants_.Find(of.tenant.value());
  if (streams == nullptr) return StreamList();
  return streams->Select(of.matchers, of.range, of.cancel);
}

Result<model::StreamScans> Ingester::Select(const model::ScanRequest& request,
                                            model::ScanContext& context) {
  ++context.stats.ingesters_reached;
  WarnOfLogDamage(request, context.warnings);
  const auto plan = std::make_shared<const ScanPlan>(request, context);
  model::StreamScans scans;
  SKALD_ASSIGN_OR_RETURN(StreamList streams, Find({.tenant = request.tenant,
                                                   .matchers = request.matchers,
                                                   .range = request.range,
                                                   .cancel = context.cancel}));
  size_t looked_at = 0;
  for (std::shared_ptr<Stream>& stream : streams) {
    if (looked_at++ % model::kStreamsPerCheck == 0) SKALD_RETURN_IF_ERROR(context.cancel.Check());
    if (auto scan = MakeStreamScan(plan, std::move(stream))) scans.push_back(std::move(scan));
  }
  return scans;
}

Result<std::vector<std::string>> Ingester::LabelNames(const model::StreamLookup& of) {
  const TenantStreams* streams = tenants_.Find(of.tenant.value());
  if (streams == nullptr) return std::vector<std::string>();
  return streams->LabelNames(of.matchers, of.range, of.cancel);
}

Result<TextList> Ingester::LabelValues(const model::StreamLookup& of, const std::string& name) {
  const TenantStreams* streams = tenants_.Find(of.tenant.value());
  if (streams == nullptr) return TextList();
  return streams->LabelValues(name, of.matchers, of.range, of.cancel, parts_.lookups);
}

Result<model::SeriesList> Ingester::Series(const model::StreamLookup& of) {
  const TenantStreams* streams = tenants_.Find(of.tenant.value());
  if (streams == nullptr) return model::SeriesList();
  return streams->Series(of.matchers, of.range, of.cancel, parts_.lookups);
}

Result<rpc::StreamStats> Ingester::Stats(const model::StreamLookup& of) {
  rpc::StreamStats stats;
  SKALD_ASSIGN_OR_RETURN(const StreamList streams, Find(of));
  for (size_t i = 0; i < streams.size(); ++i) {
    if (i % model::kStreamsPerCheck == 0) SKALD_RETURN_IF_ERROR(of.cancel.Check());
    AddStats(*streams[i], of.range, stats);
  }
  return stats;
}

Result<std::vector<rpc::StreamSize>> Ingester::Sizes(const model::StreamLookup& of) {
  std::vector<rpc::StreamSize> sizes;
  SKALD_ASSIGN_OR_RETURN(const StreamList streams, Find(of));
  size_t looked_at = 0;
  for (const auto& stream : streams) {
    if (looked_at++ % model::kStreamsPerCheck == 0) SKALD_RETURN_IF_ERROR(of.cancel.Check());
    rpc::StreamStats stats;
    AddStats(*stream, of.range, stats);
    if (stats.streams == 0) continue;
    sizes.push_back({.labels = stream->labels(), .entries = stats.entries, .bytes = stats.bytes});
  }
  SKALD_RETURN_IF_ERROR(SortUnlessCancelled(
      sizes, of.cancel, [](const auto& a, const auto& b) { return *a.labels < *b.labels; }));
  return sizes;
}

Result<std::unique_ptr<rpc::TailFeed>> Ingester::Tail(rpc::TailRequest request) {
  return context_.tailers.Follow(std::move(request));
}

Status Ingester::Flush() { return flusher_.FlushAll(); }

Status Ingester::Flush(const model::TenantId& tenant, const model::Matchers& matchers) {
  return flusher_.FlushStreams(tenant.value(), matchers);
}

Status Ingester::FlushOffLog() { return flusher_.FlushOffLog(); }

Status Ingester::FlushDue() { return flusher_.FlushDue(); }

Status Ingester::Stop(AtStop memory) {
  if (stopped_.exchange(true)) return Status();
  pushes_.Close();
  pushes_.WaitUntilIdle();
  context_.tailers.EndAll();
  if (periodic_ != nullptr) periodic_->Stop();
  tasks_.Close();
  tasks_.WaitUntilIdle();
  Status status;
  const bool configured = options_.wal.flush_on_shutdown || wal_ == nullptr;
  // What a replay that failed has not come to is in the log alone, which a flush would remove.
  if (replayed_ && (memory == AtStop::kFlush || (memory == AtStop::kAsConfigured && configured))) {
    status = flusher_.FlushAll();
  }
  if (wal_ != nullptr) {
    Status closed = wal_->Close();
    // What is stored need not be read at the next start, the segment written last included.
    if (closed.ok() && replayed_) flusher_.CleanUpAtEnd();
    if (status.ok()) status = std::move(closed);
  }
  return status;
}

}  // namespace skald::ingester
