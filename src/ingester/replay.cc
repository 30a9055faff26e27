#include "ingester/replay.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "common/logging.h"
#include "ingester/ingester_metrics.h"

namespace skald::ingester {
namespace {

// A piece that can't be read loses so much and no more.
constexpr uint64_t kReadBytes = 1 << 20;

}  // namespace

Replay::Replay(const Wal& wal, FileSystem& files, ChunkSink& sink, Tenants& tenants,
               StreamContext& context, Hooks hooks)
    : wal_(wal),
      files_(files),
      sink_(sink),
      tenants_(tenants),
      context_(context),
      hooks_(std::move(hooks)) {}

Status Replay::Run() {
  const IngesterMetrics& metrics = IngesterMetrics::Get();
  const int64_t begin_ns = context_.clock.MonotonicNs();
  metrics.wal_replay_active.Set(1);
  SKALD_ASSIGN_OR_RETURN(highest_seq_, sink_.HighestSeq());
  for (const uint64_t segment : wal_.Segments()) {
    SKALD_RETURN_IF_ERROR(RunSegment(segment));
    ++totals_.segments;
  }
  context_.last_seq = highest_seq_;
  const double seconds = static_cast<double>(context_.clock.MonotonicNs() - begin_ns) * 1e-9;
  metrics.wal_replay_active.Set(0);
  metrics.wal_replay_duration.Set(seconds);
  metrics.wal_recovered_streams.Add(static_cast<double>(flushed_.size()));
  metrics.wal_recovered_entries.Add(static_cast<double>(totals_.entries));
  metrics.wal_recovered_bytes.Add(static_cast<double>(totals_.bytes));
  metrics.wal_duplicate_entries.Add(static_cast<double>(totals_.duplicates));
  if (totals_.segments > 0) {
    LogInfo("replayed the write-ahead log", {{"segments", totals_.segments},
                                             {"entries", totals_.entries},
                                             {"in_store", totals_.duplicates},
                                             {"damages", totals_.damages},
                                             {"seconds", seconds}});
  }
  return Status();
}

void Replay::CountDamage(const char* type, uint64_t segment, uint64_t bytes) {
  ++totals_.damages;
  totals_.damaged_bytes += bytes;
  IngesterMetrics::WalCorruptions(type).Add();
  LogWarn("the write-ahead log is damaged; stepping over it",
          {{"segment", segment}, {"what", type}, {"bytes", bytes}});
}

bool Replay::ReadSegment(uint64_t segment, std::string& bytes) {
  bytes.clear();
  auto file = files_.OpenForRead(wal_.SegmentPath(segment));
  if (!file.ok()) {
    CountDamage("read", segment, 0);
    return false;
  }
  const uint64_t size = (*file)->size();
  bytes.reserve(size);
  std::string piece;
  while (bytes.size() < size) {
    const uint64_t count = std::min(kReadBytes, size - bytes.size());
    if ((*file)->Read(bytes.size(), count, piece).ok()) {
      bytes += piece;
    } else {
      CountDamage("read", segment, count);
      bytes.append(count, '\0');
    }
  }
  return true;
}

Status Replay::RunSegment(uint64_t segment) {
  targets_.clear();
  std::string bytes;
  if (!ReadSegment(segment, bytes)) return Status();
  const Status header = CheckWalSegmentHeader(bytes, segment);
  if (header.code() == StatusCode::kUnimplemented) {
    // Kept for the program that can read it.
    const std::string path = wal_.SegmentPath(segment);
    LogError("setting a segment of the write-ahead log aside", {{"path", path}, {"err", header}});
    IngesterMetrics::WalCorruptions("version").Add();
    return files_.Rename(path, path + ".unreadable");
  }
  // A segment that was only just begun may be empty.
  if (!header.ok() && !bytes.empty()) CountDamage("segment_header", segment, 0);
  if (bytes.size() <= kWalSegmentHeaderBytes) return Status();

  WalFrameReader frames(std::string_view(bytes).substr(kWalSegmentHeaderBytes), segment);
  uint64_t damaged = 0;
  while (true) {
    const std::optional<std::string_view> payload = frames.Next();
    if (frames.damaged_bytes() > damaged) {
      CountDamage(frames.torn_tail() ? "torn_tail" : "frame", segment,
                  frames.damaged_bytes() - damaged);
      damaged = frames.damaged_bytes();
    }
    if (!payload) return Status();
    SKALD_RETURN_IF_ERROR(ApplyFrame(*payload, segment));
    hooks_.check_memory();
  }
}

Status Replay::ApplyFrame(std::string_view payload, uint64_t segment) {
  WalItemReader items(payload);
  while (true) {
    auto item = items.Next();
    if (!item.ok()) {
      CountDamage("item", segment, 0);
      return Status();
    }
    if (!*item) return Status();
    if (const auto* definition = std::get_if<WalDefinition>(&**item)) {
      Status status = Define(*definition);
      if (status.code() == StatusCode::kDataLoss) {
        CountDamage("definition", segment, 0);
      } else if (!status.ok()) {
        return status;
      }
    } else {
      Take(*std::get<const WalEntries*>(**item), segment);
    }
  }
}

Status Replay::Define(const WalDefinition& definition) {
  if (targets_.contains(definition.stream)) return Status();
  SKALD_ASSIGN_OR_RETURN(model::Labels labels, model::Labels::Decode(definition.labels));
  const model::Fingerprint fingerprint = labels.Hash();
  TenantStreams& tenant = tenants_.GetOrMake(definition.tenant);
  auto stream = tenant.GetOrMake(std::make_shared<const model::Labels>(std::move(labels)),
                                 fingerprint, /*quota=*/{});
  if (!stream.ok()) return DataLoss(std::string(stream.status().message()));
  const auto [it, added] = flushed_.try_emplace(stream->stream.get(), 0);
  if (added) {
    SKALD_ASSIGN_OR_RETURN(it->second, sink_.FlushedSeq(tenant.tenant(), fingerprint));
  }
  const uint64_t flushed_seq = it->second;
  targets_[definition.stream] = {std::move(stream->stream), flushed_seq};
  return Status();
}

void Replay::Take(const WalEntries& entries, uint64_t segment) {
  const uint64_t count = entries.entries.size();
  if (count == 0) return;
  highest_seq_ = std::max(highest_seq_, entries.first_seq + count - 1);
  const auto it = targets_.find(entries.stream);
  if (it == targets_.end()) {
    CountDamage("unknown_stream", segment, 0);
    return;
  }
  const StreamRestore restored =
      it->second.stream->Restore(entries, segment, it->second.flushed_seq);
  totals_.entries += restored.entries;
  totals_.bytes += restored.line_bytes;
  totals_.duplicates += count - restored.entries;
  if (restored.sealable) hooks_.sealable(it->second.stream);
}

}  // namespace skald::ingester
