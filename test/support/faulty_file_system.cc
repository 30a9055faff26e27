#include "support/faulty_file_system.h"

#include <algorithm>
#include <utility>

namespace skald::test {
namespace {

// "a/b" for "a//b/": one spelling for each path.
std::string Normalise(std::string_view path) {
  std::string out;
  for (const char c : path) {
    if (c != '/' || out.empty() || out.back() != '/') out.push_back(c);
  }
  while (out.size() > 1 && out.back() == '/') out.pop_back();
  return out;
}

std::string ParentOf(const std::string& path) {
  const size_t slash = path.find_last_of('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

Status Missing(const std::string& path) { return NotFound(path + ": no such file or directory"); }

Status DiskFull(const std::string& path) {
  return ResourceExhausted("write " + path + ": no space left on device");
}

}  // namespace

void FaultyFileSystem::Inode::Sync() {
  synced_bytes = bytes;
  for (const auto& [begin, end] : dropped) {
    std::fill(synced_bytes.begin() + static_cast<ptrdiff_t>(begin),
              synced_bytes.begin() + static_cast<ptrdiff_t>(end), '\0');
  }
}

void FaultyFileSystem::Inode::Truncate(size_t size) {
  bytes.resize(size);
  std::erase_if(dropped, [&](const auto& range) { return range.first >= size; });
  for (auto& [begin, end] : dropped) end = std::min(end, size);
}

class FaultyFileSystem::FaultyAppendFile final : public AppendFile {
 public:
  FaultyAppendFile(FaultyFileSystem& files, std::string path, std::shared_ptr<Inode> inode,
                   uint64_t generation)
      : files_(files), path_(std::move(path)), inode_(std::move(inode)), generation_(generation) {}

  Status Append(std::string_view bytes) override {
    MutexLock lock(files_.mutex_);
    SKALD_RETURN_IF_ERROR(files_.CheckAlive(generation_, path_));
    return files_.AppendTo(*inode_, path_, bytes);
  }

  Status Sync() override {
    MutexLock lock(files_.mutex_);
    SKALD_RETURN_IF_ERROR(files_.CheckAlive(generation_, path_));
    const Status status = files_.Enter(Op::kSync, path_);
    if (status.ok()) {
      inode_->Sync();
    } else if (inode_->bytes.size() > inode_->synced_bytes.size()) {
      inode_->dropped.emplace_back(inode_->synced_bytes.size(), inode_->bytes.size());
    }
    return status;
  }

  Status Reserve(uint64_t bytes) override {
    MutexLock lock(files_.mutex_);
    SKALD_RETURN_IF_ERROR(files_.CheckAlive(generation_, path_));
    SKALD_RETURN_IF_ERROR(files_.Enter(Op::kReserve, path_));
    return bytes <= files_.FreeBytes() ? Status() : DiskFull(path_);
  }

  Status Truncate(uint64_t size) override {
    MutexLock lock(files_.mutex_);
    SKALD_RETURN_IF_ERROR(files_.CheckAlive(generation_, path_));
    SKALD_RETURN_IF_ERROR(files_.Enter(Op::kTruncate, path_));
    inode_->Truncate(size);
    inode_->version = ++files_.last_version_;
    return {};
  }

  Status Close() override {
    MutexLock lock(files_.mutex_);
    SKALD_RETURN_IF_ERROR(files_.CheckAlive(generation_, path_));
    return files_.Enter(Op::kClose, path_);
  }

 private:
  FaultyFileSystem& files_;
  const std::string path_;
  const std::shared_ptr<Inode> inode_;
  const uint64_t generation_;
};

class FaultyFileSystem::FaultyReadFile final : public RandomReadFile {
 public:
  FaultyReadFile(FaultyFileSystem& files, std::string path, std::shared_ptr<Inode> inode,
                 uint64_t generation)
      : files_(files),
        path_(std::move(path)),
        inode_(std::move(inode)),
        size_(inode_->bytes.size()),
        version_(inode_->version),
        generation_(generation) {}

  Status Read(uint64_t offset, uint64_t count, std::string& out) const override {
    MutexLock lock(files_.mutex_);
    SKALD_RETURN_IF_ERROR(files_.CheckAlive(generation_, path_));
    SKALD_RETURN_IF_ERROR(files_.Enter(Op::kRead, path_));
    const std::string& bytes = inode_->bytes;
    if (offset > bytes.size() || count > bytes.size() - offset) {
      return Status(StatusCode::kOutOfRange, "read " + path_ + ": past the end");
    }
    out.assign(bytes, offset, count);
    return {};
  }

  uint64_t size() const override { return size_; }
  std::string version() const override { return std::to_string(version_); }

 private:
  FaultyFileSystem& files_;
  const std::string path_;
  const std::shared_ptr<Inode> inode_;
  const uint64_t size_;
  const uint64_t version_;
  const uint64_t generation_;
};

FaultyFileSystem::FaultyFileSystem() : folders_{"/", "."} {}
FaultyFileSystem::~FaultyFileSystem() = default;

void FaultyFileSystem::Crash(uint64_t torn_bytes) {
  MutexLock lock(mutex_);
  ++generation_;
  std::map<const Inode*, std::shared_ptr<Inode>> survivors;
  for (auto& [path, inode] : synced_names_) {
    std::shared_ptr<Inode>& survivor = survivors[inode.get()];
    if (survivor == nullptr) {
      survivor = std::make_shared<Inode>();
      survivor->bytes = inode->synced_bytes;
      if (inode->bytes.size() > inode->synced_bytes.size()) {
        survivor->bytes += inode->bytes.substr(inode->synced_bytes.size(), torn_bytes);
      }
      survivor->synced_bytes = survivor->bytes;
      survivor->version = ++last_version_;
    }
    inode = survivor;
  }
  names_ = synced_names_;
}

void FaultyFileSystem::Kill() {
  MutexLock lock(mutex_);
  ++generation_;
}

void FaultyFileSystem::Inject(Fault fault) {
  MutexLock lock(mutex_);
  plan_.Inject(std::move(fault));
}

void FaultyFileSystem::FailFromCall(int calls) {
  MutexLock lock(mutex_);
  plan_.FailFromCall(calls);
}

bool FaultyFileSystem::failing() const {
  MutexLock lock(mutex_);
  return plan_.failing();
}

void FaultyFileSystem::ClearFaults() {
  MutexLock lock(mutex_);
  plan_.Clear();
}

int FaultyFileSystem::calls(Op op) const {
  MutexLock lock(mutex_);
  return plan_.calls(op);
}

void FaultyFileSystem::SetCapacity(uint64_t bytes) {
  MutexLock lock(mutex_);
  capacity_ = bytes;
}

std::map<std::string, std::string> FaultyFileSystem::Contents() const {
  MutexLock lock(mutex_);
  std::map<std::string, std::string> contents;
  for (const auto& [path, inode] : names_) contents[path] = inode->bytes;
  return contents;
}

void FaultyFileSystem::Put(const std::string& raw_path, std::string bytes) {
  const std::string path = Normalise(raw_path);
  MutexLock lock(mutex_);
  std::string folder = ParentOf(path);
  while (folders_.insert(folder).second) folder = ParentOf(folder);
  auto inode = std::make_shared<Inode>();
  inode->bytes = bytes;
  inode->synced_bytes = std::move(bytes);
  inode->version = ++last_version_;
  names_[path] = inode;
  synced_names_[path] = std::move(inode);
}

void FaultyFileSystem::FlipByte(const std::string& path, uint64_t offset, uint8_t mask) {
  MutexLock lock(mutex_);
  Inode& inode = *names_.at(Normalise(path));
  inode.bytes.at(offset) = static_cast<char>(inode.bytes.at(offset) ^ mask);
  inode.synced_bytes = inode.bytes;
  inode.version = ++last_version_;
}

Status FaultyFileSystem::CheckAlive(uint64_t generation, const std::string& path) const {
  if (generation == generation_) return {};
  return Unavailable(path + ": opened before the crash");
}

Status FaultyFileSystem::AppendTo(Inode& inode, const std::string& path, std::string_view bytes) {
  size_t short_bytes = 0;
  Status status = Enter(Op::kAppend, path, &short_bytes);
  short_bytes = std::min(short_bytes, bytes.size() / 2);
  if (status.ok() && bytes.size() > FreeBytes()) {
    status = DiskFull(path);
    short_bytes = FreeBytes();
  }
  inode.bytes.append(status.ok() ? bytes : bytes.substr(0, short_bytes));
  inode.version = ++last_version_;
  return status;
}

uint64_t FaultyFileSystem::FreeBytes() const {
  uint64_t used = 0;
  for (const auto& [path, inode] : names_) used += inode->bytes.size();
  return used < capacity_ ? capacity_ - used : 0;
}

bool FaultyFileSystem::HasFolder(const std::string& path) const { return folders_.contains(path); }

Result<std::unique_ptr<AppendFile>> FaultyFileSystem::Create(const std::string& raw_path) {
  const std::string path = Normalise(raw_path);
  MutexLock lock(mutex_);
  SKALD_RETURN_IF_ERROR(Enter(Op::kCreate, path));
  if (!HasFolder(ParentOf(path))) return Missing(path);
  std::shared_ptr<Inode>& inode = names_[path];
  if (inode == nullptr) inode = std::make_shared<Inode>();
  inode->Truncate(0);
  inode->version = ++last_version_;
  return std::unique_ptr<AppendFile>(
      std::make_unique<FaultyAppendFile>(*this, path, inode, generation_));
}

Result<std::unique_ptr<RandomReadFile>> FaultyFileSystem::OpenForRead(const std::string& raw_path) {
  const std::string path = Normalise(raw_path);
  MutexLock lock(mutex_);
  SKALD_RETURN_IF_ERROR(Enter(Op::kOpenForRead, path));
  const auto it = names_.find(path);
  if (it == names_.end()) return Missing(path);
  return std::unique_ptr<RandomReadFile>(
      std::make_unique<FaultyReadFile>(*this, path, it->second, generation_));
}

Result<std::string> FaultyFileSystem::ReadAll(const std::string& raw_path) {
  const std::string path = Normalise(raw_path);
  MutexLock lock(mutex_);
  SKALD_RETURN_IF_ERROR(Enter(Op::kReadAll, path));
  const auto it = names_.find(path);
  if (it == names_.end()) return Missing(path);
  return it->second->bytes;
}

Result<FileState> FaultyFileSystem::Stat(const std::string& raw_path) {
  const std::string path = Normalise(raw_path);
  MutexLock lock(mutex_);
  SKALD_RETURN_IF_ERROR(Enter(Op::kStat, path));
  if (HasFolder(path)) return FileState();
  const auto it = names_.find(path);
  if (it == names_.end()) return Missing(path);
  return FileState{.bytes = it->second->bytes.size(),
                   .version = std::to_string(it->second->version)};
}

Status FaultyFileSystem::MakeDirs(const std::string& raw_path) {
  std::string path = Normalise(raw_path);
  MutexLock lock(mutex_);
  SKALD_RETURN_IF_ERROR(Enter(Op::kMakeDirs, path));
  while (folders_.insert(path).second) path = ParentOf(path);
  return {};
}

Result<std::vector<std::string>> FaultyFileSystem::List(const std::string& raw_path) {
  const std::string path = Normalise(raw_path);
  MutexLock lock(mutex_);
  SKALD_RETURN_IF_ERROR(Enter(Op::kList, path));
  if (!HasFolder(path)) return Missing(path);
  std::vector<std::string> listed;
  const auto add = [&](const std::string& child) {
    if (child != path && ParentOf(child) == path) {
      listed.push_back(child.substr(child.find_last_of('/') + 1));
    }
  };
  for (const auto& [child, inode] : names_) add(child);
  for (const std::string& child : folders_) add(child);
  std::sort(listed.begin(), listed.end());
  return listed;
}

Status FaultyFileSystem::Remove(const std::string& raw_path) {
  const std::string path = Normalise(raw_path);
  MutexLock lock(mutex_);
  SKALD_RETURN_IF_ERROR(Enter(Op::kRemove, path));
  if (names_.erase(path) == 1 || folders_.erase(path) == 1) return {};
  return Missing(path);
}

Status FaultyFileSystem::Rename(const std::string& raw_from, const std::string& raw_to) {
  const std::string from = Normalise(raw_from);
  const std::string to = Normalise(raw_to);
  MutexLock lock(mutex_);
  SKALD_RETURN_IF_ERROR(Enter(Op::kRename, from));
  if (!HasFolder(ParentOf(to))) return Missing(to);
  if (HasFolder(from)) return RenameFolder(from, to);
  auto node = names_.extract(from);
  if (node.empty()) return Missing(from);
  names_[to] = std::move(node.mapped());
  return {};
}

Status FaultyFileSystem::RenameFolder(const std::string& from, const std::string& to) {
  if (HasFolder(to)) return Status(StatusCode::kAlreadyExists, to);
  const auto moved = [&](const std::string& path) { return to + path.substr(from.size()); };
  const auto within = [&](const std::string& path) { return path.starts_with(from + "/"); };
  for (Names* names : {&names_, &synced_names_}) {
    Names kept;
    for (auto& [path, inode] : *names) kept[within(path) ? moved(path) : path] = inode;
    names->swap(kept);
  }
  std::set<std::string> folders;
  for (const std::string& path : folders_) {
    folders.insert(path == from || within(path) ? moved(path) : path);
  }
  folders_.swap(folders);
  return {};
}

Status FaultyFileSystem::Link(const std::string& raw_from, const std::string& raw_to) {
  const std::string from = Normalise(raw_from);
  const std::string to = Normalise(raw_to);
  MutexLock lock(mutex_);
  SKALD_RETURN_IF_ERROR(Enter(Op::kLink, to));
  const auto it = names_.find(from);
  if (it == names_.end()) return Missing(from);
  if (!HasFolder(ParentOf(to))) return Missing(to);
  if (names_.contains(to)) return Status(StatusCode::kAlreadyExists, to);
  names_[to] = it->second;
  return {};
}

Status FaultyFileSystem::SyncDir(const std::string& raw_path) {
  const std::string path = Normalise(raw_path);
  MutexLock lock(mutex_);
  SKALD_RETURN_IF_ERROR(Enter(Op::kSyncDir, path));
  if (!HasFolder(path)) return Missing(path);
  std::erase_if(synced_names_, [&](const auto& entry) { return ParentOf(entry.first) == path; });
  for (const auto& [child, inode] : names_) {
    if (ParentOf(child) == path) synced_names_[child] = inode;
  }
  return {};
}

Result<bool> FaultyFileSystem::Exists(const std::string& raw_path) {
  const std::string path = Normalise(raw_path);
  MutexLock lock(mutex_);
  SKALD_RETURN_IF_ERROR(Enter(Op::kExists, path));
  return names_.contains(path) || HasFolder(path);
}

Result<FileSystem::Space> FaultyFileSystem::DiskSpace(const std::string& path) {
  MutexLock lock(mutex_);
  SKALD_RETURN_IF_ERROR(Enter(Op::kDiskSpace, path));
  return Space{.total_bytes = capacity_, .free_bytes = FreeBytes()};
}

}  // namespace skald::test
