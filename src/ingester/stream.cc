#include "ingester/stream.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "common/logging.h"
#include "ingester/push_refusal.h"

namespace skald::ingester {
namespace {

// Entries at which a part is full, however short its lines: a stored block has as many.
constexpr size_t kMaxPartEntries = 16384;

std::span<const model::MetadataPair> MetadataOf(std::span<const model::MetadataPair> all,
                                                const model::PushEntry& entry) {
  return all.subspan(entry.metadata_begin, entry.metadata_count);
}

bool EntriesEqual(const model::PushBatch& batch, const model::PushEntry& a,
                  const model::PushEntry& b) {
  return a.time_ns == b.time_ns && a.line == b.line &&
         std::ranges::equal(MetadataOf(batch.metadata, a), MetadataOf(batch.metadata, b));
}

size_t MemoryOf(const SealedBlocks& blocks) {
  size_t bytes = 0;
  for (const chunkstore::SealedBlock& block : blocks) bytes += block.MemoryBytes();
  return bytes;
}

}  // namespace

Stream::Stream(const std::string& tenant, std::shared_ptr<const model::Labels> labels,
               model::Fingerprint fingerprint, StreamContext& context, const TenantMetrics& metrics,
               StreamTimes& times)
    : tenant_(tenant),
      labels_(std::move(labels)),
      fingerprint_(fingerprint),
      context_(context),
      metrics_(metrics),
      times_(times),
      last_push_ns_(context.clock.MonotonicNs()) {}

Stream::~Stream() {
  MutexLock lock(mutex_);
  for (StreamPart& part : parts_) ChargeMemory(part, 0);
  IngesterMetrics::Get().memory_chunks.Add(-static_cast<double>(parts_.size()));
}

StreamPush Stream::Push(const model::PushBatch& batch, const model::PushStream& stream,
                        const StreamLimits& limits, PushScratch& scratch) {
  StreamPush result;
  MutexLock lock(mutex_);
  if (removed_) {
    result.removed = true;
    return result;
  }
  ApplyRate(batch, stream, limits, scratch);
  if (!scratch.over.empty()) {
    result.refusal = StreamRateRefusal(tenant_, batch, stream, scratch.over, limits.rate,
                                       context_.options.max_returned_stream_errors);
    if (scratch.over.size() == stream.entry_count) return result;
  }
  const size_t parts = parts_.size();
  const bool repeated = DropRepeated(batch, stream, scratch, result.repeats);
  if (repeated) result.first_ticket = result.last_ticket = last_ticket_;
  if (!scratch.kept.empty()) {
    const uint64_t first_seq = context_.last_seq.fetch_add(scratch.kept.size()) + 1;
    uint64_t seq = first_seq;
    const Wal::Position position = Log(batch, seq, scratch);
    last_ticket_ = result.last_ticket = position.ticket;
    if (!repeated) result.first_ticket = position.ticket;
    PairPlaces places;
    for (const uint32_t index : scratch.kept) {
      const model::PushEntry& entry = batch.entries[index];
      HeadFor(entry.line.size(), position.segment)
          .Append(entry.time_ns, seq++, entry.line, MetadataOf(batch.metadata, entry), places);
    }
    DescribeHead();
    if (context_.tailers.any()) HandToFollowers(batch, first_seq, scratch);
  }
  last_push_ns_ = context_.clock.MonotonicNs();
  result.sealable = parts_.size() > std::max<size_t>(parts, 1);
  return result;
}

void Stream::ApplyRate(const model::PushBatch& batch, const model::PushStream& stream,
                       const StreamLimits& limits, PushScratch& scratch) {
  scratch.over.clear();
  if (limits.rate == 0) return;
  const int64_t now_ns = context_.clock.MonotonicNs();
  const auto try_take = [&](TokenLevel& rate, uint64_t bytes) {
    return rate.TryTake(static_cast<double>(bytes), static_cast<double>(limits.rate),
                        static_cast<double>(limits.burst), now_ns);
  };
  uint64_t bytes = 0;
  const uint32_t end = stream.entry_begin + stream.entry_count;
  for (uint32_t i = stream.entry_begin; i < end; ++i) bytes += EntryBytes(batch, batch.entries[i]);
  if (try_take(rate_, bytes)) return;
  for (uint32_t i = stream.entry_begin; i < end; ++i) {
    if (limits.sharded || !try_take(rate_, EntryBytes(batch, batch.entries[i]))) {
      scratch.over.push_back(i);
    }
  }
}

bool Stream::DropRepeated(const model::PushBatch& batch, const model::PushStream& stream,
                          PushScratch& scratch, StreamRepeats& repeats) {
  scratch.kept.clear();
  bool repeats_last = false;
  const model::PushEntry* previous = nullptr;
  const HeadBlock* head = head_open_ ? parts_.back().raw.get() : nullptr;
  auto over = scratch.over.begin();
  for (uint32_t i = stream.entry_begin; i < stream.entry_begin + stream.entry_count; ++i) {
    if (over != scratch.over.end() && *over == i) {
      ++over;
      continue;
    }
    const model::PushEntry& entry = batch.entries[i];
    bool repeated = false;
    if (previous != nullptr) {
      repeated = EntriesEqual(batch, *previous, entry);
    } else if (head != nullptr) {
      // What could not be logged is in memory alone: its repetition has to be logged.
      repeated = head->LastEquals(entry.time_ns, entry.line, MetadataOf(batch.metadata, entry)) &&
                 (context_.wal == nullptr || !context_.wal->Failed(last_ticket_));
      repeats_last |= repeated;
    }
    if (repeated) {
      ++repeats.entries;
      repeats.line_bytes += entry.line.size();
      continue;
    }
    previous = &entry;
    scratch.kept.push_back(i);
  }
  if (repeats.entries > 0) metrics_.duplicate_bytes.Add(static_cast<double>(repeats.line_bytes));
  return repeats_last;
}

Wal::Position Stream::Log(const model::PushBatch& batch, uint64_t first_seq, PushScratch& scratch) {
  if (context_.wal == nullptr) return {};
  const auto encode = [&](std::string_view text) {
    scratch.encoder.Start(first_seq, scratch.kept.size(), text);
    for (const uint32_t index : scratch.kept) {
      const model::PushEntry& entry = batch.entries[index];
      scratch.encoder.Add(entry.time_ns, entry.line, MetadataOf(batch.metadata, entry));
    }
    return scratch.encoder.body();
  };
  const std::string_view labels = labels_->encoded();
  if (scratch.text) {
    const auto position = context_.wal->Enqueue(wal_stream_, tenant_, labels,
                                                encode(scratch.text->raw), *scratch.text);
    if (position) return *position;
    scratch.text.reset();
  }
  return context_.wal->Enqueue(wal_stream_, tenant_, labels, encode({}));
}

StreamRestore Stream::Restore(const WalEntries& entries, uint64_t segment, uint64_t flushed_seq) {
  MutexLock lock(mutex_);
  StreamRestore result;
  const size_t parts = parts_.size();
  uint64_t seq = entries.first_seq;
  PairPlaces places;
  for (const model::PushEntry& entry : entries.entries) {
    if (seq > flushed_seq) {
      HeadFor(entry.line.size(), segment)
          .Append(entry.time_ns, seq, entry.line, MetadataOf(entries.metadata, entry), places);
      ++result.entries;
      result.line_bytes += entry.line.size();
    }
    ++seq;
  }
  DescribeHead();
  result.sealable = parts_.size() > std::max<size_t>(parts, 1);
  return result;
}

void Stream::DescribeHead() {
  if (!head_open_) return;
  StreamPart& part = parts_.back();
  const HeadBlock& head = *part.raw;
  part.first_ns = head.first_ns();
  part.last_ns = head.last_ns();
  part.last_seq = head.last_seq();
  part.entries = head.entries();
  part.line_bytes = head.line_bytes();
  part.metadata_volume = head.metadata_volume();
  ChargeMemory(part, head.memory_bytes());
  times_.Extend(part.first_ns, part.last_ns);
}

void Stream::HandToFollowers(const model::PushBatch& batch, uint64_t first_seq,
                             PushScratch& scratch) {
  if (followers_ == nullptr) followers_ = std::make_unique<StreamFollowers>();
  context_.tailers.Update(tenant_, *labels_, *followers_);
  if (followers_->followers.empty()) return;
  model::EntryBlockBuilder builder;
  for (const uint32_t index : scratch.kept) {
    const model::PushEntry& entry = batch.entries[index];
    builder.Append(entry.time_ns, first_seq++, entry.line, MetadataOf(batch.metadata, entry));
  }
  auto live = std::make_shared<model::LogBatch>();
  live->stream = labels_;
  live->block = std::make_shared<const model::EntryBlock>(builder.Finish());
  live->selection.resize(live->block->size());
  std::iota(live->selection.begin(), live->selection.end(), uint32_t{0});
  for (const std::shared_ptr<Follower>& follower : followers_->followers) {
    if (follower->Append(live)) scratch.to_wake.push_back(follower);
  }
}

HeadBlock& Stream::HeadFor(size_t line_bytes, uint64_t segment) {
  std::shared_ptr<HeadBlock> full;
  if (head_open_) {
    HeadBlock& head = *parts_.back().raw;
    if (head.entries() < kMaxPartEntries &&
        head.line_bytes() + line_bytes <= context_.options.chunk_block_size) {
      return head;
    }
    full = parts_.back().raw;
    DescribeHead();
    FreezeHead();
  }
  StreamPart& part = parts_.emplace_back();
  part.raw = std::make_shared<HeadBlock>(full.get());
  part.wal_segment = segment;
  part.created_ns = context_.clock.MonotonicNs();
  head_open_ = true;
  IngesterMetrics::Get().memory_chunks.Add(1);
  IngesterMetrics::Get().chunks_created.Add();
  return *part.raw;
}

void Stream::FreezeHead() {
  parts_.back().raw->Freeze();
  head_open_ = false;
}

void Stream::ChargeMemory(StreamPart& part, size_t bytes) {
  context_.memory_bytes += static_cast<int64_t>(bytes) - static_cast<int64_t>(part.memory_bytes);
  part.memory_bytes = bytes;
}

std::vector<std::shared_ptr<HeadBlock>> Stream::RawParts() const {
  MutexLock lock(mutex_);
  std::vector<std::shared_ptr<HeadBlock>> out;
  const size_t full = parts_.size() - (head_open_ ? 1 : 0);
  for (size_t i = 0; i < full; ++i) {
    if (parts_[i].raw != nullptr) out.push_back(parts_[i].raw);
  }
  return out;
}

void Stream::Seal(chunkstore::BlockSealer& sealer) {
  for (const auto& raw : RawParts()) SealPart(raw, sealer);
}

void Stream::SealPart(const std::shared_ptr<HeadBlock>& raw, chunkstore::BlockSealer& sealer) {
  const int64_t begin_ns = context_.clock.MonotonicNs();
  const auto columns = Normalize(Snapshot(*raw));
  auto blocks = std::make_shared<SealedBlocks>();
  sealer.Seal(*columns, *blocks);
  const size_t bytes = MemoryOf(*blocks);
  const IngesterMetrics& metrics = IngesterMetrics::Get();
  metrics.encode_seconds.Observe(static_cast<double>(context_.clock.MonotonicNs() - begin_ns) *
                                 1e-9);
  metrics.compression_ratio.Observe(static_cast<double>(raw->line_bytes()) /
                                    static_cast<double>(bytes));
  metrics_.chunks_encoded.Add(static_cast<double>(blocks->size()));

  MutexLock lock(mutex_);
  for (StreamPart& part : parts_) {
    if (part.raw != raw) continue;
    part.raw = nullptr;
    part.sealed = std::move(blocks);
    ChargeMemory(part, bytes);
    return;
  }
}

std::vector<StreamPart> Stream::PartsToFlush(bool with_head, chunkstore::BlockSealer& sealer) {
  size_t count = 0;
  {
    MutexLock lock(mutex_);
    if (with_head && head_open_) FreezeHead();
    count = parts_.size() - (head_open_ ? 1 : 0);
  }
  Seal(sealer);
  MutexLock lock(mutex_);
  // Only DropFlushed shortens the list, so the first `count` are still those that were sealed.
  return std::vector<StreamPart>(parts_.begin(), parts_.begin() + count);
}

void Stream::DropFlushed(size_t count) {
  MutexLock lock(mutex_);
  DropFirst(count);
}

void Stream::DropFlushedUpTo(uint64_t seq) {
  MutexLock lock(mutex_);
  const size_t full = parts_.size() - (head_open_ ? 1 : 0);
  size_t count = 0;
  while (count < full && parts_[count].last_seq <= seq) ++count;
  DropFirst(count);
}

void Stream::DropFirst(size_t count) {
  if (count == 0) return;  // So of a stream that was removed, whose times are another's.
  for (size_t i = 0; i < count; ++i) ChargeMemory(parts_[i], 0);
  parts_.erase(parts_.begin(), parts_.begin() + count);
  int64_t first_ns = StreamTimes::kNoFirst;
  int64_t last_ns = StreamTimes::kNoLast;
  for (const StreamPart& part : parts_) {
    first_ns = std::min(first_ns, part.first_ns);
    last_ns = std::max(last_ns, part.last_ns);
  }
  times_.Reset(first_ns, last_ns);
  IngesterMetrics::Get().memory_chunks.Add(-static_cast<double>(count));
}

std::vector<StreamPart> Stream::Parts(model::TimeRange range) const {
  MutexLock lock(mutex_);
  std::vector<StreamPart> out;
  for (const StreamPart& part : parts_) {
    if (range.Touches(part.first_ns, part.last_ns)) out.push_back(part);
  }
  return out;
}

bool Stream::HasEntriesIn(model::TimeRange range) const {
  MutexLock lock(mutex_);
  return std::ranges::any_of(
      parts_, [&](const StreamPart& part) { return range.Touches(part.first_ns, part.last_ns); });
}

std::shared_ptr<const model::EntryBlock> Stream::Snapshot(HeadBlock& raw) const {
  MutexLock lock(mutex_);
  return raw.Snapshot();
}

StreamUse Stream::Use() const {
  MutexLock lock(mutex_);
  StreamUse use;
  use.parts = parts_.size();
  use.last_push_ns = last_push_ns_;
  if (parts_.empty()) return use;
  use.oldest_segment = parts_.front().wal_segment;
  use.oldest_ns = parts_.front().created_ns;
  for (const StreamPart& part : parts_) use.sealed_bytes += part.memory_bytes;
  if (head_open_) {
    use.head_bytes = parts_.back().memory_bytes;
    use.head_segment = parts_.back().wal_segment;
    use.sealed_bytes -= use.head_bytes;
  }
  return use;
}

bool Stream::TryRemove(int64_t before_ns) {
  MutexLock lock(mutex_);
  if (!parts_.empty() || last_push_ns_ > before_ns) return false;
  removed_ = true;
  return true;
}

}  // namespace skald::ingester
