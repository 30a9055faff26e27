#include "ingester/replay.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "common/logging.h"
#include "ingester/ingester_metrics.h"
#include "ingester/try_hard.h"
#include "ingester/wal_frame.h"

namespace skald::ingester {
namespace {

// A piece that can't be read loses so much and no more.
constexpr uint64_t kPieceBytes = 1 << 20;

// What is read at once. Large beside a frame, as the part of one at the end is read again.
constexpr uint64_t kWindowBytes = 8 << 20;

// More sequence numbers than a segment can have given out: those of one that is gone may come back
// with it.
constexpr uint64_t kSegmentSeqs = uint64_t{1} << 32;

// The kind of damage that a crash leaves: of a frame for which no push was acknowledged.
constexpr const char* kTornTail = "torn_tail";

}  // namespace

Replay::Replay(Wal& wal, FileSystem& files, ChunkSink& sink, Tenants& tenants,
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
  SKALD_ASSIGN_OR_RETURN(stored_seq_, sink_.HighestSeq());
  highest_seq_ = stored_seq_;
  CheckListed();
  uint64_t last = 0;
  for (const uint64_t segment : wal_.Segments()) {
    if (last > 0) CountMissing(last, segment);
    SKALD_RETURN_IF_ERROR(RunSegment(segment));
    ++totals_.segments;
    last = segment;
  }
  CountMissing(last, promised_segment_ + 1);
  wal_.NoteBegun(promised_segment_);
  highest_seq_ += totals_.missing.size() * kSegmentSeqs;
  context_.last_seq = highest_seq_;
  const double seconds = static_cast<double>(context_.clock.MonotonicNs() - begin_ns) * 1e-9;
  metrics.wal_replay_active.Set(0);
  metrics.wal_replay_duration.Set(seconds);
  metrics.wal_recovered_streams.Add(static_cast<double>(streams_));
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
  if (std::string_view(type) != kTornTail) ++totals_.damaged_by_segment[segment];
  LogWarn("the write-ahead log is damaged; stepping over it",
          {{"segment", segment}, {"what", type}, {"bytes", bytes}});
}

Status Replay::RunSegment(uint64_t segment) {
  targets_.clear();
  SKALD_ASSIGN_OR_RETURN(const auto file, wal_.OpenSegment(segment));
  SKALD_RETURN_IF_ERROR(BeginSegment(segment, *file));
  SKALD_RETURN_IF_ERROR(ApplyFrames(segment, *file));
  CheckListedEnd(segment);
  return Status();
}

Status Replay::BeginSegment(uint64_t segment, const RandomReadFile& file) {
  ReadWindow(segment, file, 0, std::min<uint64_t>(kWalSegmentHeaderBytes, file.size()));
  const Status header = CheckWalSegmentHeader(window_, segment);
  // OpenSegment has told of it, unless it could not read the header just then.
  if (header.code() == StatusCode::kUnimplemented) {
    return Annotate(header, wal_.SegmentPath(segment));
  }
  // A segment that was only just begun may be empty, or have but a part of its header.
  if (!header.ok() && !window_.empty()) {
    CountDamage(window_.size() < kWalSegmentHeaderBytes ? kTornTail : "segment_header", segment, 0);
  }
  return Status();
}

// Frames are looked for in a window of the segment. The next one begins behind the last whole
// frame, and is larger where there was none: of a very large push, or damage.
Status Replay::ApplyFrames(uint64_t segment, const RandomReadFile& file) {
  uint64_t window_bytes = kWindowBytes;
  ends_[segment] = file.size();
  uint64_t frames_end = file.size() < kWalSegmentHeaderBytes ? 0 : kWalSegmentHeaderBytes;
  for (uint64_t begin = kWalSegmentHeaderBytes; begin < file.size();) {
    const uint64_t left = file.size() - begin;
    const bool last = left <= window_bytes;
    ReadWindow(segment, file, begin, std::min(left, window_bytes));
    WalFrameReader frames(window_, segment);
    uint64_t damaged = 0;
    const auto count_damage = [&](const char* type) {
      if (frames.damaged_bytes() == damaged) return;
      CountDamage(type, segment, frames.damaged_bytes() - damaged);
      damaged = frames.damaged_bytes();
    };
    size_t whole_until = 0;
    while (const std::optional<std::string_view> payload = frames.Next()) {
      count_damage("frame");
      SKALD_RETURN_IF_ERROR(ApplyFrame(*payload, segment));
      hooks_.check_memory();
      whole_until = frames.frame_end();
    }
    if (whole_until > 0) frames_end = begin + whole_until;
    if (last) {
      const bool unfinished = IsUnfinishedWalFrame(std::string_view(window_).substr(whole_until));
      count_damage(unfinished ? kTornTail : "frame");
      if (unfinished) ends_[segment] = begin + whole_until;
      break;
    }
    window_bytes = whole_until > 0 ? kWindowBytes : 2 * window_bytes;
    begin += whole_until;
  }
  wal_.NoteFrames(segment, frames_end);
  return Status();
}

void Replay::ReadWindow(uint64_t segment, const RandomReadFile& file, uint64_t offset,
                        uint64_t count) {
  if (TryHard([&] { return file.Read(offset, count, window_); }).ok()) return;
  std::string piece;
  std::string read;
  while (read.size() < count) {
    const uint64_t bytes = std::min(kPieceBytes, count - read.size());
    if (TryHard([&] { return file.Read(offset + read.size(), bytes, piece); }).ok()) {
      read += piece;
    } else {
      CountDamage("read", segment, bytes);
      wal_.KeepUnreadable(segment);
      read.append(bytes, '\0');
    }
  }
  window_ = std::move(read);
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
    if (const auto* predecessor = std::get_if<WalPredecessor>(&**item)) {
      CheckPredecessor(*predecessor);
    } else if (const auto* successor = std::get_if<WalSuccessor>(&**item)) {
      promised_segment_ = std::max(promised_segment_, successor->segment);
    } else if (const auto* definition = std::get_if<WalDefinition>(&**item)) {
      Status status = Define(*definition);
      if (status.code() == StatusCode::kDataLoss) {
        CountDamage("definition", segment, 0);
      } else if (!status.ok()) {
        return status;
      }
    } else {
      SKALD_RETURN_IF_ERROR(Take(*std::get<const WalEntries*>(**item), segment));
    }
  }
}

// Segments are removed oldest first, so that one behind a segment that is there cannot have been.
void Replay::CountMissing(uint64_t last, uint64_t next) {
  const uint64_t end = std::min(next, last + 1 + kMaxMissingSegmentsNamed);
  for (uint64_t segment = last + 1; segment < end; ++segment) CountMissing(segment);
}

void Replay::CountMissing(uint64_t segment) {
  if (std::ranges::find(totals_.missing, segment) != totals_.missing.end()) return;
  const std::string path = wal_.SegmentPath(segment);
  // Kept at an earlier start, which has told of it.
  const auto aside = files_.Exists(path + std::string(kWalUnreadableSuffix));
  if (aside.ok() && *aside) return;
  ++totals_.damages;
  totals_.missing.push_back(segment);
  IngesterMetrics::WalCorruptions("missing").Add();
  LogError("a segment of the write-ahead log is gone", {{"path", path}});
}

void Replay::CheckListed() {
  const Result<std::optional<WalEnd>>& end = wal_.found_end();
  if (!end.ok()) {
    ++totals_.damages;
    totals_.end = end.status();
    IngesterMetrics::WalCorruptions("end").Add();
    LogWarn("where the write-ahead log ends cannot be read", {{"err", end.status()}});
    return;
  }
  if (!*end) return;
  const std::vector<uint64_t> there = wal_.Segments();
  for (const auto& [segment, bytes] : (*end)->segments) {
    if (!std::ranges::binary_search(there, segment)) CountMissing(segment);
  }
}

void Replay::CheckListedEnd(uint64_t segment) {
  if (!wal_.found_end().ok() || !*wal_.found_end()) return;
  const auto& listed = (*wal_.found_end())->segments;
  const auto it = listed.find(segment);
  if (it == listed.end() || it->second <= ends_[segment]) return;
  CountDamage("cut", segment, it->second - ends_[segment]);
  ends_.erase(segment);  // Its successor has nothing to add.
}

// One that is gone has been stored, or CountMissing tells of it.
void Replay::CheckPredecessor(const WalPredecessor& predecessor) {
  const auto end = ends_.find(predecessor.segment);
  if (end == ends_.end()) return;
  if (end->second < predecessor.bytes) {
    CountDamage("cut", predecessor.segment, predecessor.bytes - end->second);
  }
  ends_.erase(end);
}

Status Replay::Define(const WalDefinition& definition) {
  if (targets_.contains(definition.stream)) return Status();
  SKALD_ASSIGN_OR_RETURN(model::Labels labels, model::Labels::Decode(definition.labels));
  const model::Fingerprint fingerprint = labels.Hash();
  TenantStreams& tenant = tenants_.GetOrMake(definition.tenant);
  auto stream = tenant.GetOrMake(std::make_shared<const model::Labels>(std::move(labels)),
                                 fingerprint, /*quota=*/{});
  if (!stream.ok()) return DataLoss(std::string(stream.status().message()));
  streams_ += stream->is_new ? 1 : 0;
  targets_[definition.stream] = {std::move(stream->stream), tenant.tenant()};
  return Status();
}

Result<uint64_t> Replay::FlushedSeq(const Target& target, uint64_t first_seq) {
  if (first_seq > stored_seq_) return uint64_t{0};
  const auto [it, added] = flushed_.try_emplace(target.stream.get(), 0);
  if (added) {
    SKALD_ASSIGN_OR_RETURN(
        it->second, sink_.FlushedSeq(std::string(target.tenant), target.stream->fingerprint()));
  }
  return it->second;
}

Status Replay::Take(const WalEntries& entries, uint64_t segment) {
  const uint64_t count = entries.entries.size();
  if (count == 0) return Status();
  highest_seq_ = std::max(highest_seq_, entries.first_seq + count - 1);
  const auto it = targets_.find(entries.stream);
  if (it == targets_.end()) {
    CountDamage("unknown_stream", segment, 0);
    return Status();
  }
  SKALD_ASSIGN_OR_RETURN(const uint64_t flushed_seq, FlushedSeq(it->second, entries.first_seq));
  const StreamRestore restored = it->second.stream->Restore(entries, segment, flushed_seq);
  totals_.entries += restored.entries;
  totals_.bytes += restored.line_bytes;
  totals_.duplicates += count - restored.entries;
  if (restored.sealable) hooks_.sealable(it->second.stream);
  return Status();
}

}  // namespace skald::ingester
