#include "faults/rocksdb_files.h"

#include <rocksdb/file_system.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

namespace skald::test {
namespace {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

// As RocksDB's own files make it of errno: a full disk may be tried again, other failures may not.
IOStatus ToIoStatus(const Status& status) {
  const std::string message(status.message());
  switch (status.code()) {
    case StatusCode::kOk:
      return IOStatus::OK();
    case StatusCode::kNotFound:
      return IOStatus::PathNotFound(message);
    case StatusCode::kResourceExhausted: {
      IOStatus full = IOStatus::NoSpace(message);
      full.SetRetryable(true);
      return full;
    }
    default:
      return IOStatus::IOError(message);
  }
}

// What is there of [offset, offset + count), as pread reads it.
IOStatus ReadAt(const RandomReadFile& file, uint64_t offset, size_t count, char* scratch,
                Slice* result) {
  const uint64_t begin = std::min(offset, file.size());
  std::string bytes;
  const Status status = file.Read(begin, std::min<uint64_t>(count, file.size() - begin), bytes);
  std::memcpy(scratch, bytes.data(), bytes.size());
  *result = Slice(scratch, bytes.size());
  return ToIoStatus(status);
}

class SequentialFile final : public rocksdb::FSSequentialFile {
 public:
  explicit SequentialFile(std::unique_ptr<RandomReadFile> file) : file_(std::move(file)) {}

  IOStatus Read(size_t n, const IOOptions&, Slice* result, char* scratch,
                IODebugContext*) override {
    const IOStatus status = ReadAt(*file_, at_, n, scratch, result);
    at_ += result->size();
    return status;
  }
  IOStatus Skip(uint64_t n) override {
    at_ = std::min(at_ + n, file_->size());
    return IOStatus::OK();
  }

 private:
  const std::unique_ptr<RandomReadFile> file_;
  uint64_t at_ = 0;
};

class RandomAccessFile final : public rocksdb::FSRandomAccessFile {
 public:
  explicit RandomAccessFile(std::unique_ptr<RandomReadFile> file) : file_(std::move(file)) {}

  IOStatus Read(uint64_t offset, size_t n, const IOOptions&, Slice* result, char* scratch,
                IODebugContext*) const override {
    return ReadAt(*file_, offset, n, scratch, result);
  }

 private:
  const std::unique_ptr<RandomReadFile> file_;
};

class WritableFile final : public rocksdb::FSWritableFile {
 public:
  using rocksdb::FSWritableFile::Append;

  explicit WritableFile(std::unique_ptr<AppendFile> file) : file_(std::move(file)) {}

  IOStatus Append(const Slice& data, const IOOptions&, IODebugContext*) override {
    const Status status = file_->Append({data.data(), data.size()});
    if (status.ok()) size_ += data.size();
    return ToIoStatus(status);
  }
  IOStatus Truncate(uint64_t size, const IOOptions&, IODebugContext*) override {
    size_ = size;
    return ToIoStatus(file_->Truncate(size));
  }
  IOStatus Close(const IOOptions&, IODebugContext*) override { return ToIoStatus(file_->Close()); }
  IOStatus Flush(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }
  IOStatus Sync(const IOOptions&, IODebugContext*) override { return ToIoStatus(file_->Sync()); }
  uint64_t GetFileSize(const IOOptions&, IODebugContext*) override { return size_; }

 private:
  const std::unique_ptr<AppendFile> file_;
  uint64_t size_ = 0;
};

class Directory final : public rocksdb::FSDirectory {
 public:
  Directory(FileSystem& files, std::string path) : files_(files), path_(std::move(path)) {}

  IOStatus Fsync(const IOOptions&, IODebugContext*) override {
    return ToIoStatus(files_.SyncDir(path_));
  }

 private:
  FileSystem& files_;
  const std::string path_;
};

class RocksDbFiles final : public rocksdb::FileSystem {
 public:
  explicit RocksDbFiles(skald::FileSystem& files) : files_(files) {}

  const char* Name() const override { return "skald.test"; }

  IOStatus NewSequentialFile(const std::string& path, const FileOptions&,
                             std::unique_ptr<rocksdb::FSSequentialFile>* result,
                             IODebugContext*) override {
    auto file = files_.OpenForRead(path);
    if (file.ok()) *result = std::make_unique<SequentialFile>(*std::move(file));
    return ToIoStatus(file.status());
  }
  IOStatus NewRandomAccessFile(const std::string& path, const FileOptions&,
                               std::unique_ptr<rocksdb::FSRandomAccessFile>* result,
                               IODebugContext*) override {
    auto file = files_.OpenForRead(path);
    if (file.ok()) *result = std::make_unique<RandomAccessFile>(*std::move(file));
    return ToIoStatus(file.status());
  }
  IOStatus NewWritableFile(const std::string& path, const FileOptions&,
                           std::unique_ptr<rocksdb::FSWritableFile>* result,
                           IODebugContext*) override {
    auto file = files_.Create(path);
    if (file.ok()) *result = std::make_unique<WritableFile>(*std::move(file));
    return ToIoStatus(file.status());
  }
  IOStatus NewDirectory(const std::string& path, const IOOptions&,
                        std::unique_ptr<rocksdb::FSDirectory>* result, IODebugContext*) override {
    *result = std::make_unique<Directory>(files_, path);
    return IOStatus::OK();
  }
  IOStatus FileExists(const std::string& path, const IOOptions&, IODebugContext*) override {
    const auto exists = files_.Exists(path);
    if (!exists.ok()) return ToIoStatus(exists.status());
    return *exists ? IOStatus::OK() : IOStatus::NotFound(path);
  }
  IOStatus GetChildren(const std::string& path, const IOOptions&, std::vector<std::string>* names,
                       IODebugContext*) override {
    auto listed = files_.List(path);
    if (listed.ok()) *names = *std::move(listed);
    return ToIoStatus(listed.status());
  }
  IOStatus DeleteFile(const std::string& path, const IOOptions&, IODebugContext*) override {
    return ToIoStatus(files_.Remove(path));
  }
  IOStatus CreateDir(const std::string& path, const IOOptions&, IODebugContext*) override {
    return ToIoStatus(files_.MakeDirs(path));
  }
  IOStatus CreateDirIfMissing(const std::string& path, const IOOptions&, IODebugContext*) override {
    return ToIoStatus(files_.MakeDirs(path));
  }
  IOStatus DeleteDir(const std::string& path, const IOOptions&, IODebugContext*) override {
    return ToIoStatus(files_.Remove(path));
  }
  IOStatus GetFileSize(const std::string& path, const IOOptions&, uint64_t* size,
                       IODebugContext*) override {
    const auto file = files_.OpenForRead(path);
    if (file.ok()) *size = (*file)->size();
    return ToIoStatus(file.status());
  }
  IOStatus GetFileModificationTime(const std::string&, const IOOptions&, uint64_t* time,
                                   IODebugContext*) override {
    *time = 0;
    return IOStatus::OK();
  }
  IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions&,
                      IODebugContext*) override {
    return ToIoStatus(files_.Rename(from, to));
  }
  IOStatus LockFile(const std::string&, const IOOptions&, rocksdb::FileLock** lock,
                    IODebugContext*) override {
    *lock = new rocksdb::FileLock();
    return IOStatus::OK();
  }
  IOStatus UnlockFile(rocksdb::FileLock* lock, const IOOptions&, IODebugContext*) override {
    delete lock;
    return IOStatus::OK();
  }
  IOStatus GetTestDirectory(const IOOptions&, std::string* path, IODebugContext*) override {
    *path = "/test";
    return IOStatus::OK();
  }
  IOStatus GetAbsolutePath(const std::string& path, const IOOptions&, std::string* absolute,
                           IODebugContext*) override {
    *absolute = path;
    return IOStatus::OK();
  }
  IOStatus IsDirectory(const std::string& path, const IOOptions&, bool* is_directory,
                       IODebugContext*) override {
    *is_directory = files_.List(path).ok();
    return IOStatus::OK();
  }

 private:
  skald::FileSystem& files_;
};

}  // namespace

std::unique_ptr<rocksdb::Env> MakeRocksDbEnv(FileSystem& files) {
  return rocksdb::NewCompositeEnv(std::make_shared<RocksDbFiles>(files));
}

}  // namespace skald::test
