#include "chunkstore/objstore/fs_object_store.h"

#include <algorithm>
#include <utility>

namespace skald::chunkstore {
namespace {

// How FileSystem::AtomicWrite names what it has not renamed yet. Keys never end so.
constexpr std::string_view kTemporarySuffix = ".tmp";

Status CheckKey(std::string_view key) {
  if (key.ends_with(kTemporarySuffix)) {
    return InvalidArgument("not an object key: \"" + std::string(key) + "\"");
  }
  return CheckObjectKey(key);
}

}  // namespace

template <typename Visit>
Status FsObjectStore::Walk(const std::string& key, const Visit& visit) {
  SKALD_ASSIGN_OR_RETURN(const std::vector<std::string> names, files_.List(PathOf(key)));
  for (const std::string& name : names) {
    const std::string child = key.empty() ? name : key + "/" + name;
    const Status folder = files_.List(PathOf(child)).status();
    // One that cannot be listed is no object: what is in it would be taken for lost.
    if (!folder.ok() && folder.code() != StatusCode::kNotFound) return folder;
    SKALD_RETURN_IF_ERROR(folder.ok() ? Walk(child, visit) : visit(child));
  }
  return {};
}

Result<std::unique_ptr<FsObjectStore>> FsObjectStore::Open(FileSystem& files, std::string folder) {
  SKALD_RETURN_IF_ERROR(files.MakeDirs(folder));
  if (const size_t slash = folder.rfind('/'); slash != std::string::npos && slash > 0) {
    SKALD_RETURN_IF_ERROR(files.SyncDir(folder.substr(0, slash)));
  }
  std::unique_ptr<FsObjectStore> store(new FsObjectStore(files, std::move(folder)));
  SKALD_RETURN_IF_ERROR(store->Walk("", [&](const std::string& key) {
    return key.ends_with(kTemporarySuffix) ? files.Remove(store->PathOf(key)) : Status();
  }));
  return store;
}

std::unique_ptr<FsObjectStore> FsObjectStore::Attach(FileSystem& files, std::string folder) {
  return std::unique_ptr<FsObjectStore>(new FsObjectStore(files, std::move(folder)));
}

Status FsObjectStore::MakeFoldersOf(const std::string& key) {
  const size_t slash = key.rfind('/');
  if (slash == std::string::npos) return {};
  const std::string folder = key.substr(0, slash);
  {
    MutexLock lock(folders_mutex_);
    if (known_folders_.contains(folder)) return {};
  }
  SKALD_RETURN_IF_ERROR(files_.MakeDirs(PathOf(folder)));
  for (size_t end = folder.find('/');; end = folder.find('/', end + 1)) {
    const size_t parent = end == std::string::npos ? folder.rfind('/') : folder.rfind('/', end - 1);
    const bool in_root = parent == std::string::npos;
    SKALD_RETURN_IF_ERROR(files_.SyncDir(in_root ? folder_ : PathOf(folder.substr(0, parent))));
    if (end == std::string::npos) break;
  }
  MutexLock lock(folders_mutex_);
  known_folders_[folder] = true;
  return {};
}

Status FsObjectStore::Put(const std::string& key, std::span<const std::string_view> parts) {
  SKALD_RETURN_IF_ERROR(CheckKey(key));
  SKALD_RETURN_IF_ERROR(MakeFoldersOf(key));
  SKALD_RETURN_IF_ERROR(files_.AtomicWrite(PathOf(key), parts));
  open_files_.Erase(key);
  return {};
}

Result<std::string> FsObjectStore::Get(const std::string& key) {
  SKALD_RETURN_IF_ERROR(CheckKey(key));
  return files_.ReadAll(PathOf(key));
}

Status FsObjectStore::GetRange(const std::string& key, uint64_t offset, uint64_t count,
                               std::string& out) {
  auto file = open_files_.Get(key);
  if (file == nullptr) {
    SKALD_RETURN_IF_ERROR(CheckKey(key));
    SKALD_ASSIGN_OR_RETURN(std::unique_ptr<RandomReadFile> opened, files_.OpenForRead(PathOf(key)));
    file = std::make_shared<const std::unique_ptr<RandomReadFile>>(std::move(opened));
    open_files_.Put(key, file, 1);
  }
  return (*file)->Read(offset, count, out);
}

Result<std::vector<ObjectEntry>> FsObjectStore::List(std::string_view prefix) {
  // Only the folder that the prefix names needs to be walked.
  const size_t slash = prefix.rfind('/');
  const std::string folder(slash == std::string_view::npos ? "" : prefix.substr(0, slash));
  std::vector<ObjectEntry> objects;
  const Status status = Walk(folder, [&](const std::string& key) -> Status {
    if (!key.starts_with(prefix) || key.ends_with(kTemporarySuffix)) return {};
    // Not opened: one that cannot be is an object all the same, and keeps no one from the others.
    const auto file = files_.Stat(PathOf(key));
    if (file.status().code() == StatusCode::kNotFound) return {};  // Deleted meanwhile.
    if (!file.ok()) return file.status();
    objects.push_back({.key = key, .bytes = file->bytes, .version = file->version});
    return {};
  });
  if (status.code() == StatusCode::kNotFound) return std::vector<ObjectEntry>();
  if (!status.ok()) return status;
  std::ranges::sort(objects, {}, &ObjectEntry::key);
  return objects;
}

Status FsObjectStore::Delete(const std::string& key) {
  SKALD_RETURN_IF_ERROR(CheckKey(key));
  open_files_.Erase(key);
  const auto unless_missing = [](Status status) {
    return status.code() == StatusCode::kNotFound ? Status() : status;
  };
  const std::string path = PathOf(key);
  SKALD_RETURN_IF_ERROR(unless_missing(files_.Remove(path)));
  return unless_missing(files_.SyncDir(path.substr(0, path.rfind('/'))));
}

}  // namespace skald::chunkstore
