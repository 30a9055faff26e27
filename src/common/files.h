#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/status.h"

namespace skald {

// A file that grows at its end.
//
// Order:   (Append | Sync)* Close.  After an error only Close is useful.
// Threads: one caller at a time.
class AppendFile {
 public:
  virtual ~AppendFile() = default;

  // kResourceExhausted when the disk is full (nothing may rely on how much was written then).
  virtual Status Append(std::string_view bytes) = 0;
  // Append of each part, in fewer calls where the system has such.
  virtual Status AppendAll(std::span<const std::string_view> parts);
  // Returns when everything appended is on stable storage.
  virtual Status Sync() = 0;
  // Reserves disk space for `bytes` more bytes past the end, without changing the size.
  // kResourceExhausted when the disk is full.
  virtual Status Reserve(uint64_t bytes) = 0;
  // Cuts the file to `size`, e.g. after a failed append.
  virtual Status Truncate(uint64_t size) = 0;
  virtual Status Close() = 0;
};

// A file read at any offset.
//
// Threads: any thread may call.
class RandomReadFile {
 public:
  virtual ~RandomReadFile() = default;

  // Replaces `out` by `count` bytes from `offset`. kOutOfRange if the file is shorter.
  virtual Status Read(uint64_t offset, uint64_t count, std::string& out) const = 0;
  virtual uint64_t size() const = 0;
  // Tells the file from what was under its path before, or will be: it changes when the file is
  // replaced or, as far as the system's clock tells, written.
  virtual std::string version() const = 0;
};

// What is known of a file without reading it.
struct FileState {
  uint64_t bytes = 0;
  std::string version;  // As RandomReadFile's.
};

// The file system calls that Skald makes, as an interface that tests can make fail.
//
// Threads: any thread may call.
class FileSystem {
 public:
  virtual ~FileSystem() = default;

  // Creates or truncates.
  virtual Result<std::unique_ptr<AppendFile>> Create(const std::string& path) = 0;
  // kNotFound when there is none.
  virtual Result<std::unique_ptr<RandomReadFile>> OpenForRead(const std::string& path) = 0;
  virtual Result<std::string> ReadAll(const std::string& path) = 0;
  // Does not open the file, which therefore need not be readable. kNotFound when there is none.
  virtual Result<FileState> Stat(const std::string& path) = 0;
  // Writes a temporary file, syncs it, renames it to `path` and syncs the folder: after a crash
  // the old or the new content is there, whole. The content is `parts` one after the other.
  Status AtomicWrite(const std::string& path, std::span<const std::string_view> parts);
  Status AtomicWrite(const std::string& path, std::string_view bytes) {
    return AtomicWrite(path, std::span(&bytes, 1));
  }
  // With all parents; fine if it exists.
  virtual Status MakeDirs(const std::string& path) = 0;
  // Names (not paths) in a folder, sorted. kNotFound when there is none.
  virtual Result<std::vector<std::string>> List(const std::string& path) = 0;
  // kNotFound when there is none.
  virtual Status Remove(const std::string& path) = 0;
  virtual Status Rename(const std::string& from, const std::string& to) = 0;
  // Gives a file a second name, which must be free (kAlreadyExists). kFailedPrecondition where
  // that cannot be, as on another file system: a copy will do then.
  virtual Status Link(const std::string& from, const std::string& to) = 0;
  // Makes creations, renames and removals in the folder durable.
  virtual Status SyncDir(const std::string& path) = 0;
  virtual Result<bool> Exists(const std::string& path) = 0;

  struct Space {
    uint64_t total_bytes = 0;
    uint64_t free_bytes = 0;
  };
  virtual Result<Space> DiskSpace(const std::string& path) = 0;
};

// The real one.
std::unique_ptr<FileSystem> MakePosixFileSystem();

// "a/b" from "a" and "b"; an absolute `name` stands alone.
std::string JoinPath(std::string_view folder, std::string_view name);

}  // namespace skald
