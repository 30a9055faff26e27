#include "ingester/wal.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "common/logging.h"
#include "ingester/ingester_metrics.h"
#include "ingester/wal_frame.h"

namespace skald::ingester {
namespace {

// A stream is defined anew after so many bytes: what a damaged definition can cost. 200 streams
// with 150 bytes of labels add 0.7 %.
constexpr uint64_t kRedefineBytes = 4 << 20;

constexpr int64_t kDiskCheckPeriodNs = 1'000'000'000;

// Stretches of failed tickets remembered one by one. Past that the oldest two are taken for one,
// which at worst stores a duplicate that a query will drop.
constexpr size_t kMaxFailedRanges = 256;

}  // namespace

Wal::Reservation::Reservation(Reservation&& other) noexcept
    : wal_(std::exchange(other.wal_, nullptr)), bytes_(other.bytes_) {}

Wal::Reservation& Wal::Reservation::operator=(Reservation&& other) noexcept {
  std::swap(wal_, other.wal_);
  std::swap(bytes_, other.bytes_);
  return *this;
}

Wal::Reservation::~Reservation() {
  if (wal_ == nullptr) return;
  MutexLock lock(wal_->mutex_);
  wal_->promised_ -= bytes_;
}

Wal::Wal(const WalOptions& options, FileSystem& files, const Clock& clock)
    : options_(options),
      files_(files),
      clock_(clock),
      disk_checked_ns_(clock.MonotonicNs() - kDiskCheckPeriodNs) {}

Wal::~Wal() {
  if (Status status = Close(); !status.ok()) {
    LogError("closing the write-ahead log failed", {{"err", status}});
  }
}

Result<std::unique_ptr<Wal>> Wal::Open(const WalOptions& options, FileSystem& files,
                                       const Clock& clock) {
  SKALD_RETURN_IF_ERROR(files.MakeDirs(options.dir));
  SKALD_ASSIGN_OR_RETURN(const std::vector<std::string> names, files.List(options.dir));
  std::unique_ptr<Wal> wal(new Wal(options, files, clock));
  MutexLock lock(wal->mutex_);
  uint64_t kept = 0;
  for (std::string_view name : names) {
    const bool unreadable = name.ends_with(kWalUnreadableSuffix);
    if (unreadable) name.remove_suffix(kWalUnreadableSuffix.size());
    const std::optional<uint64_t> segment = ParseWalSegmentName(name);
    if (!segment) continue;
    if (unreadable) {
      kept = std::max(kept, *segment);
      continue;
    }
    SKALD_ASSIGN_OR_RETURN(const auto file, wal->OpenSegment(*segment));
    wal->sizes_[*segment] = file->size();
    wal->segment_ = std::max(wal->segment_, *segment);
  }
  wal->FindEnd();
  // No other may be taken for one of which this is what could be kept.
  wal->segment_ = std::max(wal->segment_, kept);
  return wal;
}

bool Wal::HasRoomFor(uint64_t bytes) const {
  return allocated_end_ >= written_end_ + queue_.size() + promised_ + bytes;
}

bool Wal::SegmentIsFull() const {
  if (written_end_ + queue_.size() >= options_.segment_bytes) return true;
  return written_end_ > kWalSegmentHeaderBytes &&
         clock_.MonotonicNs() - segment_opened_ns_ > options_.checkpoint_duration.count();
}

bool Wal::AnyFailed(Ticket first, Ticket last) const {
  for (auto range = failed_.rbegin(); range != failed_.rend() && range->last >= first; ++range) {
    if (range->first <= last) return true;
  }
  return false;
}

void Wal::AddFailed(Ticket first, Ticket last) {
  if (!failed_.empty() && failed_.back().last + 1 == first) {
    failed_.back().last = last;
    return;
  }
  failed_.push_back({first, last});
  if (failed_.size() > kMaxFailedRanges) {
    failed_[1].first = failed_[0].first;
    failed_.erase(failed_.begin());
  }
}

Status Wal::CheckDiskUse() {
  const int64_t now = clock_.MonotonicNs();
  if (now - disk_checked_ns_ < kDiskCheckPeriodNs) return disk_use_;
  disk_checked_ns_ = now;
  mutex_.Unlock();
  auto space = files_.DiskSpace(options_.dir);
  mutex_.Lock();
  disk_use_ = Status();
  // A file system that can't tell is taken to have room: a write that fails will show.
  if (!space.ok() || space->total_bytes == 0) return disk_use_;
  const double used =
      1.0 - static_cast<double>(space->free_bytes) / static_cast<double>(space->total_bytes);
  IngesterMetrics::Get().wal_disk_usage.Set(used);
  if (options_.disk_full_threshold > 0 && used > options_.disk_full_threshold) {
    disk_use_ = Unavailable("the disk of the write-ahead log is " +
                            std::to_string(static_cast<int>(used * 100)) +
                            "% full, over ingester.wal.disk_full_threshold");
  }
  return disk_use_;
}

Result<Wal::Reservation> Wal::Reserve(uint64_t bytes) {
  bytes += kWalFrameHeaderBytes;
  MutexLock lock(mutex_);
  Status status = CheckDiskUse();
  while (status.ok()) {
    if (closed_) {
      status = Unavailable("the write-ahead log is closed");
    } else if (usable_ && HasRoomFor(bytes) && !SegmentIsFull()) {
      promised_ += bytes;
      return Reservation(*this, bytes);
    } else if (writing_) {
      changed_.Wait(mutex_);
    } else {
      status = MakeRoom(bytes);
    }
  }
  if (!closed_) IngesterMetrics::Get().wal_disk_full_failures.Add();
  return Unavailable(std::string(Annotate(std::move(status), "write-ahead log").message()));
}

Status Wal::MakeRoom(uint64_t bytes) {
  writing_ = true;
  const uint64_t wanted = promised_ + bytes + options_.reserve_bytes;
  Status status;
  if (!usable_ || SegmentIsFull()) {
    status = BeginSegment(wanted);
  } else {
    const uint64_t end = written_end_ + queue_.size() + wanted;
    const uint64_t reserve = end - written_end_;
    mutex_.Unlock();
    status = file_->Reserve(reserve);
    mutex_.Lock();
    if (status.ok()) allocated_end_ = end;
  }
  writing_ = false;
  changed_.NotifyAll();
  return status;
}

Status Wal::BeginSegment(uint64_t reserve_bytes) {
  const uint64_t segment = segment_ + 1;
  reserve_bytes += kMaxPredecessorItemBytes;
  SKALD_RETURN_IF_ERROR(RetireEnd());
  mutex_.Unlock();
  auto created = WalSegmentWriter::Create(options_, files_, segment, reserve_bytes);
  mutex_.Lock();
  if (!created.ok()) return std::move(created).status();
  // What was queued meanwhile refers to definitions in the old segment.
  while (!queue_.empty()) WriteQueueAsOwner();

  std::unique_ptr<WalSegmentWriter> old = std::exchange(file_, *std::move(created));
  const uint64_t old_size = written_end_;
  if (old_size > kWalSegmentHeaderBytes) predecessor_ = {.segment = segment_, .bytes = old_size};
  segment_ = segment;
  segment_opened_ns_ = clock_.MonotonicNs();
  written_end_ = kWalSegmentHeaderBytes;
  allocated_end_ = written_end_ + reserve_bytes;
  sizes_[segment] = written_end_;
  ends_[segment] = written_end_;
  usable_ = true;
  if (old != nullptr) {
    mutex_.Unlock();
    const uint64_t closed_size = old->CloseBefore(segment, old_size);
    mutex_.Lock();
    // Unless it has been removed meanwhile.
    if (const auto it = sizes_.find(segment - 1); it != sizes_.end()) it->second = closed_size;
  }
  return Status();
}

bool Wal::BeginItem(WalStream& stream, std::string_view tenant, std::string_view labels) {
  const Ticket ticket = ++last_ticket_;
  if (!usable_) {
    SKALD_DCHECK(resolved_ + 1 == ticket);
    resolved_ = ticket;
    AddFailed(ticket, ticket);
    return false;
  }
  if (queue_.empty()) {
    queue_.assign(kWalFrameHeaderBytes, '\0');
    const bool first = written_end_ == kWalSegmentHeaderBytes;
    if (first && predecessor_) AppendPredecessorItem(queue_, *predecessor_);
  }
  if (stream.number == 0) stream.number = next_stream_++;
  const uint64_t at = written_end_ + queue_.size();
  if (stream.defined_segment != segment_ || at - stream.defined_at > kRedefineBytes) {
    AppendDefinitionItem(queue_, {stream.number, tenant, labels});
    stream.defined_segment = segment_;
    stream.defined_at = at;
  }
  return true;
}

Wal::Position Wal::Enqueue(WalStream& stream, std::string_view tenant, std::string_view labels,
                           std::string_view body) {
  MutexLock lock(mutex_);
  if (BeginItem(stream, tenant, labels)) AppendEntriesItem(queue_, stream.number, body);
  return {last_ticket_, segment_};
}

std::optional<Wal::Position> Wal::Enqueue(WalStream& stream, std::string_view tenant,
                                          std::string_view labels, std::string_view body,
                                          WalText& text) {
  MutexLock lock(mutex_);
  const bool written = text.frame == queued_frame_;
  if (!written && text.copies == kMaxTextCopies) return std::nullopt;
  if (BeginItem(stream, tenant, labels)) {
    if (!written) {
      text.frame = queued_frame_;
      text.number = ++queued_texts_;
      ++text.copies;
      AppendTextItem(queue_, text.number, text.packed);
    }
    AppendTextEntriesItem(queue_, stream.number, text.number, body);
  }
  return Position{last_ticket_, segment_};
}

void Wal::EndFrame() {
  queue_.clear();
  ++queued_frame_;
  queued_texts_ = 0;
}

Status Wal::Commit(Ticket first, Ticket last) {
  MutexLock lock(mutex_);
  while (resolved_ < last) {
    if (writing_) {
      changed_.Wait(mutex_);
    } else {
      WriteQueue();
    }
  }
  return AnyFailed(first, last) ? Unavailable("write-ahead log: " + failure_) : Status();
}

void Wal::WriteQueue() {
  writing_ = true;
  if (!queue_.empty()) WriteQueueAsOwner();
  writing_ = false;
  changed_.NotifyAll();
}

void Wal::WriteQueueAsOwner() {
  frame_.swap(queue_);
  EndFrame();
  const Ticket last = last_ticket_;
  const uint64_t segment = segment_;
  const uint64_t size = written_end_;
  mutex_.Unlock();
  const Status status = file_->Write(frame_);
  if (!status.ok()) {
    std::exchange(file_, nullptr)->Close(size);
    LogError("writing the write-ahead log failed", {{"segment", segment}, {"err", status}});
  }
  mutex_.Lock();
  if (status.ok()) {
    written_end_ += frame_.size();
    sizes_[segment] = written_end_;
    ends_[segment] = written_end_;
    resolved_ = last;
    changed_.NotifyAll();
    return;
  }
  // Later items may refer to definitions that are lost now: they fail as well.
  AddFailed(resolved_ + 1, last_ticket_);
  failure_ = status.message();
  resolved_ = last_ticket_;
  EndFrame();
  usable_ = false;
  changed_.NotifyAll();
}

bool Wal::Failed(Ticket ticket) const {
  MutexLock lock(mutex_);
  return AnyFailed(ticket, ticket);
}

uint64_t Wal::CurrentSegment() const {
  MutexLock lock(mutex_);
  return usable_ ? segment_ : segment_ + 1;
}

Status Wal::EndSegment() {
  MutexLock lock(mutex_);
  while (writing_) changed_.Wait(mutex_);
  const bool empty = written_end_ <= kWalSegmentHeaderBytes && queue_.empty();
  if (closed_ || !usable_ || empty) return {};
  writing_ = true;
  Status status = BeginSegment(promised_ + options_.reserve_bytes);
  writing_ = false;
  changed_.NotifyAll();
  return status;
}

Status Wal::Close() {
  MutexLock lock(mutex_);
  closed_ = true;
  while (writing_) changed_.Wait(mutex_);
  WriteQueue();
  if (!usable_) return Status();
  usable_ = false;
  const std::unique_ptr<WalSegmentWriter> file = std::move(file_);
  const uint64_t size = written_end_;
  mutex_.Unlock();
  // In mode `write` this is what makes the last entries durable.
  const Status status = file->Sync();
  file->Close(size);
  mutex_.Lock();
  return status;
}

}  // namespace skald::ingester
