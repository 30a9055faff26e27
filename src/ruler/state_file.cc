#include "ruler/state_file.h"

#include <algorithm>
#include <utility>

#include "ruler/state_json.h"

namespace skald::ruler {
namespace {

// A file is replaced when it is so many times what it has to say, and no smaller than so many
// bytes.
constexpr uint64_t kMaxGrowth = 4;
constexpr uint64_t kMinReplacedBytes = 64 << 10;
// Of a frame beside its group.
constexpr size_t kFrameBytes = kFrameHeaderBytes + sizeof(int64_t);

}  // namespace

StateFile::StateFile(FileSystem& files, std::string folder)
    : files_(files), folder_(std::move(folder)), path_(JoinPath(folder_, kStateFileName)) {}

StateFile::~StateFile() {
  if (file_ != nullptr) static_cast<void>(file_->Close());
}

Result<StateFile::Loaded> StateFile::Load() {
  const auto bytes = files_.ReadAll(path_);
  if (!bytes.ok() && bytes.status().code() == StatusCode::kNotFound) return LoadJson();
  unwritten_ = !bytes.ok();
  if (!bytes.ok()) return bytes.status();
  Loaded loaded;
  if (!bytes->starts_with(kStateMagic)) loaded.damaged_bytes = kStateMagic.size();
  StateFrameReader reader(
      std::string_view(*bytes).substr(std::min(kStateMagic.size(), bytes->size())));
  std::map<GroupKey, SavedGroup> groups;
  int64_t last_ns = 0;
  while (auto frame = reader.Next()) {
    last_ns = frame->time_ns;
    if (!frame->group.has_value()) continue;
    groups.insert_or_assign(frame->group->key, *std::move(frame->group));
  }
  for (auto& [key, group] : groups) {
    if (group.rules.empty()) continue;
    if (group.saved_at_ns == 0) group.saved_at_ns = last_ns;
    loaded.groups.push_back(std::move(group));
  }
  loaded.damaged_bytes += reader.damaged_bytes();
  unwritten_ = loaded.damaged_bytes > 0;
  Keep(loaded.groups, last_ns, nullptr);
  return loaded;
}

Result<StateFile::Loaded> StateFile::LoadJson() {
  const std::string path = path_ + ".json";
  const auto json = files_.ReadAll(path);
  if (!json.ok() && json.status().code() == StatusCode::kNotFound) return Loaded();
  unwritten_ = true;
  if (!json.ok()) return json.status();
  auto groups = DecodeStateJson(*json);
  if (!groups.ok()) return Annotate(std::move(groups).status(), path);
  Keep(*groups, 0, nullptr);
  return Loaded{.groups = *std::move(groups), .damaged_bytes = 0};
}

Status StateFile::Save(const std::vector<SavedGroup>& groups, int64_t now_ns) {
  std::string frames;
  Keep(groups, now_ns, &frames);
  unwritten_ = unwritten_ || !frames.empty();
  if (!unwritten_ && (running_ == 0 || now_ns == time_ns_)) return {};
  if (frames.empty()) AppendStateFrame(frames, now_ns, "");
  if (Status status = Write(frames, now_ns); !status.ok()) {
    if (file_ != nullptr) static_cast<void>(file_->Close());
    file_.reset();  // Its end is unknown.
    unwritten_ = true;
    return Annotate(std::move(status), path_);
  }
  unwritten_ = false;
  time_ns_ = now_ns;
  return {};
}

// Takes over what has changed, and appends frames of it.
void StateFile::Keep(const std::vector<SavedGroup>& groups, int64_t now_ns, std::string* frames) {
  for (const SavedGroup& group : groups) {
    std::string bytes = EncodeSavedGroup(group);
    if (group.rules.empty()) {
      if (!Forget(group.key)) continue;
    } else if (const auto known = stored_.find(group.key);
               known != stored_.end() && known->second.bytes == bytes) {
      continue;
    }
    if (frames != nullptr) AppendStateFrame(*frames, now_ns, bytes);
    if (!group.rules.empty()) {
      Put(group.key, {.bytes = std::move(bytes), .running = group.saved_at_ns == 0});
    }
  }
}

void StateFile::Put(const GroupKey& key, Stored stored) {
  Forget(key);
  stored_bytes_ += kFrameBytes + stored.bytes.size();
  running_ += stored.running ? 1 : 0;
  stored_.insert_or_assign(key, std::move(stored));
}

bool StateFile::Forget(const GroupKey& key) {
  const auto known = stored_.find(key);
  if (known == stored_.end()) return false;
  stored_bytes_ -= kFrameBytes + known->second.bytes.size();
  running_ -= known->second.running ? 1 : 0;
  stored_.erase(known);
  return true;
}

Status StateFile::Write(const std::string& frames, int64_t now_ns) {
  const uint64_t largest = std::max(kMinReplacedBytes, kMaxGrowth * stored_bytes_);
  if (file_ == nullptr || file_bytes_ + frames.size() > largest) return Replace(now_ns);
  SKALD_RETURN_IF_ERROR(file_->Append(frames));
  file_bytes_ += frames.size();
  // If no more than the time is lost, an outage seems longer than it was by what the system keeps.
  return unwritten_ ? file_->Sync() : Status();
}

Status StateFile::Replace(int64_t now_ns) {
  if (file_ != nullptr) static_cast<void>(std::exchange(file_, nullptr)->Close());
  std::string all(kStateMagic);
  for (const auto& [key, stored] : stored_) AppendStateFrame(all, now_ns, stored.bytes);
  const std::string temporary = path_ + ".tmp";
  const auto write = [&]() -> Status {
    SKALD_ASSIGN_OR_RETURN(file_, files_.Create(temporary));
    SKALD_RETURN_IF_ERROR(file_->Append(all));
    SKALD_RETURN_IF_ERROR(file_->Sync());
    return files_.Rename(temporary, path_);
  };
  if (Status status = write(); !status.ok()) {
    static_cast<void>(files_.Remove(temporary));  // It may not even be there.
    return status;
  }
  SKALD_RETURN_IF_ERROR(files_.SyncDir(folder_.empty() ? "." : folder_));
  file_bytes_ = all.size();
  static_cast<void>(files_.Remove(path_ + ".json"));  // That counts where this file is not there.
  return {};
}

}  // namespace skald::ruler
