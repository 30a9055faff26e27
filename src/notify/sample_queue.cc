#include "notify/sample_queue.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "common/bytes.h"
#include "common/hash.h"
#include "common/logging.h"
#include "common/metrics.h"
#include "notify/sample_segment.h"

namespace skald::notify {
namespace {

constexpr std::string_view kPlaces = "places";
constexpr std::string_view kSuffix = ".samples";
constexpr size_t kDigits = 12;  // So that names sort as numbers do.

std::string SegmentName(uint64_t segment) {
  std::string digits = std::to_string(segment);
  if (digits.size() < kDigits) digits.insert(0, kDigits - digits.size(), '0');
  return digits.append(kSuffix);
}

std::optional<uint64_t> SegmentOf(std::string_view name) {
  if (!name.ends_with(kSuffix)) return std::nullopt;
  name.remove_suffix(kSuffix.size());
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error != std::errc() || end != name.data() + name.size()) return std::nullopt;
  return number;
}

using Places = std::map<std::string, SampleQueue::Place>;

std::string EncodePlaces(const Places& places) {
  std::string out;
  PutVarint(out, places.size());
  for (const auto& [client, place] : places) {
    PutLengthPrefixed(out, client);
    PutVarint(out, place.segment);
    PutVarint(out, place.offset);
  }
  PutFixed32(out, Crc32c(out));
  return out;
}

Result<Places> DecodePlaces(std::string_view bytes) {
  constexpr size_t kChecksumBytes = 4;
  if (bytes.size() < kChecksumBytes) return DataLoss("places: cut off");
  const std::string_view content = bytes.substr(0, bytes.size() - kChecksumBytes);
  if (LoadFixed32(content.data() + content.size()) != Crc32c(content)) {
    return DataLoss("places: crc mismatch");
  }
  Places places;
  ByteReader reader(content);
  for (uint64_t count = reader.Varint(); count > 0 && !reader.failed(); --count) {
    const std::string client(reader.LengthPrefixed());
    SampleQueue::Place& place = places[client];
    place.segment = reader.Varint();
    place.offset = reader.Varint();
  }
  SKALD_RETURN_IF_ERROR(reader.Finish("places"));
  return places;
}

void CountDamage() {
  Metrics::GetCounter("skald_ruler_queue_damages_total",
                      "Files of the queues of samples that a start has found damaged.")
      .Add();
}

}  // namespace

SampleQueue::SampleQueue(const Options& options, std::string folder, FileSystem& files)
    : options_(options), folder_(std::move(folder)), files_(files) {}

SampleQueue::~SampleQueue() {
  MutexLock lock(append_mutex_);
  if (file_ != nullptr) static_cast<void>(file_->Close());
}

Result<std::unique_ptr<SampleQueue>> SampleQueue::Open(const Options& options, std::string folder,
                                                       FileSystem& files) {
  SKALD_RETURN_IF_ERROR(files.MakeDirs(folder));
  std::unique_ptr<SampleQueue> queue(new SampleQueue(options, std::move(folder), files));
  SKALD_RETURN_IF_ERROR(queue->Recover());
  return queue;
}

std::string SampleQueue::SegmentPath(uint64_t segment) const {
  return JoinPath(folder_, SegmentName(segment));
}

Status SampleQueue::Recover() {
  SKALD_ASSIGN_OR_RETURN(const std::vector<std::string> names, files_.List(folder_));
  MutexLock lock(mutex_);
  places_lost_ = !RecoverPlaces();
  for (const std::string& name : names) {
    if (const auto number = SegmentOf(name)) RecoverSegment(*number);
  }
  return {};
}

bool SampleQueue::RecoverPlaces() {
  const auto bytes = files_.ReadAll(JoinPath(folder_, kPlaces));
  if (!bytes.ok() && bytes.status().code() == StatusCode::kNotFound) return false;
  auto places = bytes.ok() ? DecodePlaces(*bytes) : Result<Places>(bytes.status());
  if (!places.ok()) {
    CountDamage();
    LogError("places in the queue of samples are lost; samples may be sent again",
             {{"folder", folder_}, {"error", places.status()}});
    return false;
  }
  for (const auto& [name, place] : *places) {
    clients_[name].place = place;
    last_segment_ = std::max(last_segment_, place.segment);
  }
  return true;
}

void SampleQueue::RecoverSegment(uint64_t number) {
  last_segment_ = std::max(last_segment_, number);
  const auto bytes = files_.ReadAll(SegmentPath(number));
  Segment& segment = segments_[number];
  if (!bytes.ok()) {
    CountDamage();
    LogError("cannot read a file of the queue of samples",
             {{"path", SegmentPath(number)}, {"error", bytes.status()}});
    return;
  }
  segment.bytes = bytes->size();
  if (bytes->size() < kSampleSegmentHeaderBytes) return;
  const std::string_view frames = std::string_view(*bytes).substr(kSampleSegmentHeaderBytes);
  SampleFrameReader reader(frames, number);
  while (const auto samples = reader.Next()) {
    const Place end{number, kSampleSegmentHeaderBytes + reader.position()};
    segment.samples += samples->size();
    for (auto& [name, client] : clients_) {
      if (client.place < end) client.pending += samples->size();
      if (client.place.segment == number && client.place >= end) client.behind += samples->size();
    }
  }
  const Status header = CheckSampleSegmentHeader(*bytes, number);
  if (reader.damaged_bytes() > 0 || !header.ok()) {
    CountDamage();
    LogWarn("a file of the queue of samples is damaged",
            {{"path", SegmentPath(number)}, {"bytes", reader.damaged_bytes()}});
  }
}

SampleQueue::Place SampleQueue::EndLocked() const {
  const auto last = segments_.find(last_segment_);
  return {last_segment_, last == segments_.end() ? 0 : last->second.bytes};
}

Status SampleQueue::SetClients(const std::vector<std::string>& names) {
  bool store = false;
  {
    MutexLock lock(mutex_);
    std::map<std::string, Client> clients;
    for (const std::string& name : names) {
      Client& client = clients[name];
      if (const auto known = clients_.find(name); known != clients_.end()) {
        client = known->second;
      } else if (places_lost_) {
        for (const auto& [number, segment] : segments_) client.pending += segment.samples;
      } else {
        client.place = EndLocked();
        const auto last = segments_.find(last_segment_);
        client.behind = last == segments_.end() ? 0 : last->second.samples;
      }
    }
    const auto name = &std::pair<const std::string, Client>::first;
    if (places_lost_ || !std::ranges::equal(clients, clients_, {}, name, name)) {
      clients_unstored_ = true;
    }
    clients_ = std::move(clients);
    places_lost_ = false;
    store = clients_unstored_;
  }
  if (store) {
    MutexLock lock(store_mutex_);
    SKALD_RETURN_IF_ERROR(StorePlaces());
    MutexLock stored(mutex_);
    clients_unstored_ = false;
  }
  RemoveOld();
  return {};
}

Status SampleQueue::StorePlaces() {
  Places places;
  {
    MutexLock lock(mutex_);
    for (const auto& [name, client] : clients_) places[name] = client.place;
  }
  return files_.AtomicWrite(JoinPath(folder_, kPlaces), EncodePlaces(places));
}

Status SampleQueue::Append(std::span<const Sample> samples) {
  if (samples.empty()) return {};
  {
    MutexLock lock(append_mutex_);
    if (Status status = WriteFrames(samples); !status.ok()) {
      if (file_ != nullptr) static_cast<void>(file_->Close());
      file_.reset();  // Its end is unknown.
      return Annotate(std::move(status), folder_);
    }
  }
  RemoveOld();
  return {};
}

Status SampleQueue::WriteFrames(std::span<const Sample> samples) {
  if (file_ == nullptr) SKALD_RETURN_IF_ERROR(BeginSegment());
  uint64_t number = 0;
  {
    MutexLock lock(mutex_);
    number = last_segment_;
  }
  std::string frames;
  for (size_t at = 0; at < samples.size(); at += options_.frame_samples) {
    AppendSampleFrame(frames, number,
                      samples.subspan(at, std::min(options_.frame_samples, samples.size() - at)));
  }
  SKALD_RETURN_IF_ERROR(file_->Append(frames));
  SKALD_RETURN_IF_ERROR(file_->Sync());
  MutexLock lock(mutex_);
  Segment& segment = segments_[number];
  segment.bytes += frames.size();
  segment.samples += samples.size();
  for (auto& [name, client] : clients_) client.pending += samples.size();
  if (segment.bytes >= options_.segment_bytes) {
    static_cast<void>(file_->Close());  // All is synced.
    file_.reset();
  }
  return {};
}

Status SampleQueue::BeginSegment() {
  uint64_t number = 0;
  {
    MutexLock lock(mutex_);
    number = ++last_segment_;
  }
  SKALD_ASSIGN_OR_RETURN(file_, files_.Create(SegmentPath(number)));
  SKALD_RETURN_IF_ERROR(file_->Append(EncodeSampleSegmentHeader(number)));
  SKALD_RETURN_IF_ERROR(files_.SyncDir(folder_));
  MutexLock lock(mutex_);
  segments_[number].bytes = kSampleSegmentHeaderBytes;
  return {};
}

Result<SampleQueue::Batch> SampleQueue::Read(const std::string& name, size_t count) {
  Batch batch;
  Place begin;
  uint64_t end = 0;
  {
    MutexLock lock(mutex_);
    const auto client = clients_.find(name);
    if (client == clients_.end()) return NotFound("no client " + name);
    batch.begin = batch.end = client->second.place;
    for (auto it = segments_.lower_bound(batch.begin.segment); it != segments_.end(); ++it) {
      const uint64_t offset = it->first == batch.begin.segment ? batch.begin.offset : 0;
      begin = {it->first, std::max<uint64_t>(offset, kSampleSegmentHeaderBytes)};
      end = it->second.bytes;
      if (end > begin.offset) break;
    }
  }
  if (end <= begin.offset) return batch;
  SKALD_ASSIGN_OR_RETURN(const auto file, files_.OpenForRead(SegmentPath(begin.segment)));
  std::string bytes;
  SKALD_RETURN_IF_ERROR(file->Read(begin.offset, end - begin.offset, bytes));
  SampleFrameReader reader(bytes, begin.segment);
  size_t read = 0;  // Of `bytes`.
  while (batch.samples.size() < count) {
    auto samples = reader.Next();
    if (!batch.samples.empty() && samples.has_value() &&
        batch.samples.size() + samples->size() > count) {
      break;
    }
    read = reader.position();
    if (!samples.has_value()) break;
    batch.samples.insert(batch.samples.end(), std::make_move_iterator(samples->begin()),
                         std::make_move_iterator(samples->end()));
  }
  batch.end = {begin.segment, begin.offset + read};
  return batch;
}

Status SampleQueue::Acknowledge(const std::string& name, const Batch& batch) {
  MutexLock store(store_mutex_);
  {
    MutexLock lock(mutex_);
    const auto it = clients_.find(name);
    if (it == clients_.end()) return NotFound("no client " + name);
    Client& client = it->second;
    if (batch.begin != client.place) return {};
    if (batch.end.segment != client.place.segment) client.behind = 0;
    client.place = batch.end;
    client.behind += batch.samples.size();
    client.pending -= std::min<uint64_t>(client.pending, batch.samples.size());
  }
  SKALD_RETURN_IF_ERROR(StorePlaces());
  RemoveOld();
  return {};
}

void SampleQueue::RemoveOld() {
  while (true) {
    std::optional<uint64_t> number;
    {
      MutexLock lock(mutex_);
      number = TakeRemovable();
    }
    if (!number.has_value()) return;
    if (Status status = files_.Remove(SegmentPath(*number)); !status.ok()) {
      LogWarn("cannot remove a file of the queue of samples",
              {{"path", SegmentPath(*number)}, {"error", status}});
    }
  }
}

std::optional<uint64_t> SampleQueue::TakeRemovable() {
  if (segments_.empty() || segments_.begin()->first == last_segment_) return std::nullopt;
  const auto [number, segment] = *segments_.begin();
  const Place end{number, segment.bytes};
  const bool needed = std::any_of(clients_.begin(), clients_.end(),
                                  [&end](const auto& client) { return client.second.place < end; });
  if (needed && BytesLocked() <= options_.max_bytes) return std::nullopt;
  MissSegment(number, segment);
  segments_.erase(segments_.begin());
  return number;
}

// Accounts for the samples of the oldest segment that clients have not read.
void SampleQueue::MissSegment(uint64_t number, const Segment& segment) {
  for (auto& [name, client] : clients_) {
    if (client.place.segment > number) continue;
    const uint64_t read = client.place.segment == number ? client.behind : 0;
    const uint64_t missed = segment.samples - std::min(segment.samples, read);
    client.dropped += missed;
    client.place = {number, segment.bytes};  // A request under way acknowledges nothing any more.
    client.pending -= std::min(client.pending, missed);
  }
}

uint64_t SampleQueue::Pending(const std::string& name) const {
  MutexLock lock(mutex_);
  const auto client = clients_.find(name);
  return client == clients_.end() ? 0 : client->second.pending;
}

uint64_t SampleQueue::TakeDropped(const std::string& name) {
  MutexLock lock(mutex_);
  const auto client = clients_.find(name);
  return client == clients_.end() ? 0 : std::exchange(client->second.dropped, 0);
}

uint64_t SampleQueue::BytesLocked() const {
  uint64_t sum = 0;
  for (const auto& [number, segment] : segments_) sum += segment.bytes;
  return sum;
}

uint64_t SampleQueue::bytes() const {
  MutexLock lock(mutex_);
  return BytesLocked();
}

}  // namespace skald::notify
