#include "maintenance/file_tree.h"

#include <algorithm>
#include <memory>
#include <string_view>
#include <vector>

namespace skald::maintenance {
namespace {

constexpr uint64_t kCopyStep = 1 << 20;
// Of files that AtomicWrite has not given their name yet.
constexpr std::string_view kUnfinishedSuffix = ".tmp";

Status CopyInto(const RandomReadFile& from, uint64_t bytes, AppendFile& to) {
  std::string piece;
  for (uint64_t done = 0; done < bytes; done += piece.size()) {
    SKALD_RETURN_IF_ERROR(from.Read(done, std::min(kCopyStep, bytes - done), piece));
    SKALD_RETURN_IF_ERROR(to.Append(piece));
  }
  return to.Sync();
}

}  // namespace

Status LinkOrCopy(FileSystem& files, const std::string& from, const std::string& to,
                  FileCounts& counts) {
  const Status linked = files.Link(from, to);
  if (linked.ok()) ++counts.linked;
  if (linked.code() != StatusCode::kFailedPrecondition) return linked;
  SKALD_RETURN_IF_ERROR(CopyFile(files, from, to));
  ++counts.copied;
  return {};
}

Status CopyBytes(FileSystem& files, const std::string& from, const std::string& to,
                 uint64_t bytes) {
  SKALD_ASSIGN_OR_RETURN(const std::unique_ptr<RandomReadFile> source, files.OpenForRead(from));
  SKALD_ASSIGN_OR_RETURN(const std::unique_ptr<AppendFile> copy, files.Create(to));
  Status status = CopyInto(*source, bytes, *copy);
  const Status closed = copy->Close();
  return status.ok() ? closed : status;
}

Status CopyFile(FileSystem& files, const std::string& from, const std::string& to) {
  SKALD_ASSIGN_OR_RETURN(const std::unique_ptr<RandomReadFile> source, files.OpenForRead(from));
  return CopyBytes(files, from, to, source->size());
}

Status CopyLiveTree(FileSystem& files, const std::string& from, const std::string& to,
                    FileCounts& counts) {
  const auto names = files.List(from);
  if (names.status().code() == StatusCode::kNotFound) return {};
  SKALD_RETURN_IF_ERROR(names.status());
  SKALD_RETURN_IF_ERROR(files.MakeDirs(to));
  for (const std::string& name : *names) {
    const std::string source = JoinPath(from, name);
    if (IsFolder(files, source)) {
      SKALD_RETURN_IF_ERROR(CopyLiveTree(files, source, JoinPath(to, name), counts));
      continue;
    }
    if (name.ends_with(kUnfinishedSuffix)) continue;
    const Status copied = CopyFile(files, source, JoinPath(to, name));
    if (copied.code() == StatusCode::kNotFound) continue;
    SKALD_RETURN_IF_ERROR(copied);
    ++counts.copied;
  }
  return {};
}

bool IsFolder(FileSystem& files, const std::string& path) { return files.List(path).ok(); }

Status RemoveTree(FileSystem& files, const std::string& path) {
  if (const auto names = files.List(path); names.ok()) {
    for (const std::string& name : *names) {
      SKALD_RETURN_IF_ERROR(RemoveTree(files, JoinPath(path, name)));
    }
  }
  const Status removed = files.Remove(path);
  return removed.code() == StatusCode::kNotFound ? Status() : removed;
}

Status SyncTree(FileSystem& files, const std::string& path) {
  SKALD_ASSIGN_OR_RETURN(const std::vector<std::string> names, files.List(path));
  for (const std::string& name : names) {
    const std::string child = JoinPath(path, name);
    if (IsFolder(files, child)) SKALD_RETURN_IF_ERROR(SyncTree(files, child));
  }
  return files.SyncDir(path);
}

}  // namespace skald::maintenance
