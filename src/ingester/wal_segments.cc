// What Wal knows of its segments as files: which there are, which may go, where a closed log ends.
#include <algorithm>
#include <optional>
#include <utility>

#include "common/fault_point.h"
#include "common/logging.h"
#include "ingester/ingester_metrics.h"
#include "ingester/try_hard.h"
#include "ingester/wal.h"
#include "ingester/wal_frame.h"

namespace skald::ingester {
namespace {

constexpr uint64_t kPieceBytes = 1 << 20;

bool IsReadable(FileSystem& files, const std::string& path) {
  const auto file = files.OpenForRead(path);
  if (!file.ok()) return false;
  std::string piece;
  for (uint64_t at = 0; at < (*file)->size(); at += kPieceBytes) {
    if (!(*file)->Read(at, std::min(kPieceBytes, (*file)->size() - at), piece).ok()) return false;
  }
  return true;
}

}  // namespace

void Wal::FindEnd() {
  found_end_ = ReadWalEnd(files_, options_.dir);
  has_end_ = !found_end_.ok() || found_end_->has_value();
  if (!found_end_.ok() || !*found_end_) return;
  if ((*found_end_)->IsOlderThan(segment_)) {
    found_end_ = std::optional<WalEnd>();
    return;
  }
  // Should one be put back that is gone now, its name is free.
  segment_ = (*found_end_)->segments.rbegin()->first;
}

Status Wal::LinkUnreadable(uint64_t segment) const {
  const std::string path = SegmentPath(segment);
  Status kept = files_.Link(path, path + std::string(kWalUnreadableSuffix));
  switch (kept.code()) {
    case StatusCode::kAlreadyExists:
    case StatusCode::kNotFound:            // It was moved away.
    case StatusCode::kFailedPrecondition:  // No file can have two names: nothing to wait for.
      return Status();
    default:
      return kept;
  }
}

void Wal::KeepUnreadable(uint64_t segment) {
  const Status kept = LinkUnreadable(segment);
  if (kept.ok()) return;
  LogError("an unreadable segment of the write-ahead log cannot be kept",
           {{"path", SegmentPath(segment)}, {"err", kept}});
  MutexLock lock(mutex_);
  held_.insert(segment);
}

Status Wal::KeepHeld(uint64_t segment) const {
  const std::string path = SegmentPath(segment);
  if (IsReadable(files_, path)) {
    return Status(StatusCode::kFailedPrecondition,
                  path +
                      " could not be read at the start but can be now: it and all behind it "
                      "stay; start again to have what is in it");
  }
  const Status kept = LinkUnreadable(segment);
  if (kept.ok()) return Status();
  return Status(StatusCode::kFailedPrecondition,
                path +
                    " can neither be read nor kept under another name: it and all behind it "
                    "stay; make room or move it away, and start again: " +
                    std::string(kept.message()));
}

std::optional<std::pair<uint64_t, Status>> Wal::FindHeld(uint64_t end) {
  MutexLock lock(mutex_);
  while (!held_.empty() && *held_.begin() < end) {
    const uint64_t segment = *held_.begin();
    mutex_.Unlock();
    Status kept = KeepHeld(segment);
    mutex_.Lock();
    if (!kept.ok()) return std::pair(segment, std::move(kept));
    held_.erase(segment);
  }
  return std::nullopt;
}

void Wal::NoteBegun(uint64_t segment) {
  MutexLock lock(mutex_);
  segment_ = std::max(segment_, segment);
}

void Wal::NoteFrames(uint64_t segment, uint64_t end) {
  MutexLock lock(mutex_);
  ends_[segment] = end;
}

std::vector<uint64_t> Wal::Segments() const {
  MutexLock lock(mutex_);
  std::vector<uint64_t> out;
  for (const auto& [segment, size] : sizes_) out.push_back(segment);
  return out;
}

std::string Wal::SegmentPath(uint64_t segment) const {
  return JoinPath(options_.dir, WalSegmentName(segment));
}

Result<std::unique_ptr<RandomReadFile>> Wal::OpenSegment(uint64_t segment) const {
  auto file = TryHard([&] { return files_.OpenForRead(SegmentPath(segment)); });
  if (file.ok()) {
    const uint64_t header_bytes = std::min<uint64_t>(kWalSegmentHeaderBytes, (*file)->size());
    std::string header;
    if (!(*file)->Read(0, header_bytes, header).ok()) return file;
    const Status known = CheckWalSegmentHeader(header, segment);
    if (known.code() != StatusCode::kUnimplemented) return file;
    return Annotate(known, SegmentPath(segment));
  }
  return Status(
      file.status().code(),
      "a segment of the write-ahead log cannot be opened: " + std::string(file.status().message()) +
          "; make it readable, or move it away to start without what is in it");
}

std::vector<Wal::Extent> Wal::Extents() const {
  MutexLock lock(mutex_);
  std::vector<Extent> out;
  for (const auto& [segment, size] : sizes_) {
    out.push_back({.segment = segment, .bytes = size, .growing = usable_ && segment == segment_});
  }
  return out;
}

uint64_t Wal::SegmentToKeepWithin(uint64_t max_bytes) const {
  MutexLock lock(mutex_);
  uint64_t sum = 0;
  uint64_t keep = segment_ + 1;
  for (auto it = sizes_.rbegin(); it != sizes_.rend(); ++it) {
    sum += it->second;
    if (sum > max_bytes) break;
    keep = it->first;
  }
  return keep;
}

Status Wal::RemoveBelow(uint64_t segment) {
  segment = std::min(segment, CurrentSegment());
  const auto held = FindHeld(segment);
  const Status kept = held ? held->second : Status();
  const uint64_t end = held ? held->first : segment;
  std::map<uint64_t, uint64_t> removed;
  {
    MutexLock lock(mutex_);
    if (sizes_.empty() || sizes_.begin()->first >= end) return kept;
    SKALD_RETURN_IF_ERROR(RetireEnd());
    for (auto it = sizes_.begin(); it != sizes_.end() && it->first < end;) {
      removed.insert(*it);
      it = sizes_.erase(it);
    }
  }
  Status status;
  for (const auto& [number, size] : removed) {
    if (status.ok()) {
      FaultPoint("wal.segment_removal");
      Status removal = files_.Remove(SegmentPath(number));
      if (removal.ok()) IngesterMetrics::Get().checkpoint_deletions.Add();
      if (removal.ok() || removal.code() == StatusCode::kNotFound) {
        MutexLock lock(mutex_);
        ends_.erase(number);
        continue;
      }
      status = std::move(removal);
    }
    MutexLock lock(mutex_);
    sizes_.emplace(number, size);
  }
  return status.ok() ? kept : status;
}

uint64_t Wal::BytesInUse() const {
  MutexLock lock(mutex_);
  uint64_t sum = 0;
  for (const auto& [segment, size] : sizes_) sum += size;
  return sum;
}

Status Wal::RetireEnd() {
  if (!has_end_) return Status();
  mutex_.Unlock();
  Status status = files_.Remove(JoinPath(options_.dir, kWalEndName));
  if (status.code() == StatusCode::kNotFound) status = Status();
  if (status.ok()) status = files_.SyncDir(options_.dir);
  mutex_.Lock();
  if (status.ok()) has_end_ = false;
  return status;
}

Status Wal::NoteEnd() {
  WalEnd end;
  {
    MutexLock lock(mutex_);
    SKALD_DCHECK(closed_);
    // Nothing has changed since: what it says of the log before damage, the next start is told too.
    if (has_end_ && found_end_.ok() && *found_end_) return Status();
    if (sizes_.empty()) return RetireEnd();
    for (const auto& [segment, size] : sizes_) {
      const auto known = ends_.find(segment);
      end.segments[segment] = known != ends_.end() ? known->second : 0;
    }
    has_end_ = true;
  }
  return files_.AtomicWrite(JoinPath(options_.dir, kWalEndName), EncodeWalEnd(end));
}

}  // namespace skald::ingester
