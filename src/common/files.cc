#include "common/files.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <random>
#include <system_error>

namespace skald {
namespace {

// The status of a failed call, from errno.
Status SystemError(std::string_view call, const std::string& path) {
  const int error = errno;
  const std::string message =
      std::string(call) + " " + path + ": " + std::generic_category().message(error);
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return NotFound(message);
    case EEXIST:
      return Status(StatusCode::kAlreadyExists, message);
    case EACCES:
    case EPERM:
    case EROFS:
      return Status(StatusCode::kPermissionDenied, message);
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return ResourceExhausted(message);
    default:
      return Unavailable(message);
  }
}

// A file descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int get() const { return fd_; }
  int Release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

Result<Descriptor> OpenDescriptor(const std::string& path, int flags) {
  for (;;) {
    const int fd = ::open(path.c_str(), flags | O_CLOEXEC, 0644);
    if (fd >= 0) return Descriptor(fd);
    if (errno != EINTR) return SystemError("open", path);
  }
}

class PosixAppendFile final : public AppendFile {
 public:
  PosixAppendFile(std::string path, Descriptor fd) : path_(std::move(path)), fd_(std::move(fd)) {}

  Status Append(std::string_view bytes) override {
    while (!bytes.empty()) {
      const ssize_t written =
          ::pwrite(fd_.get(), bytes.data(), bytes.size(), static_cast<off_t>(size_));
      if (written < 0) {
        if (errno == EINTR) continue;
        return SystemError("write", path_);
      }
      size_ += static_cast<uint64_t>(written);
      bytes.remove_prefix(static_cast<size_t>(written));
    }
    return {};
  }

  Status AppendAll(std::span<const std::string_view> parts) override {
    std::array<iovec, kPartsAtOnce> batch;
    while (!parts.empty()) {
      const size_t count = std::min(parts.size(), batch.size());
      size_t bytes = 0;
      for (size_t i = 0; i < count; ++i) {
        batch[i] = {const_cast<char*>(parts[i].data()), parts[i].size()};
        bytes += parts[i].size();
      }
      const ssize_t written =
          ::pwritev(fd_.get(), batch.data(), static_cast<int>(count), static_cast<off_t>(size_));
      if (written < 0 && errno != EINTR) return SystemError("write", path_);
      if (written == static_cast<ssize_t>(bytes)) {
        size_ += bytes;
      } else {  // Cut short, which is rare: these parts begin anew, one by one.
        for (const std::string_view part : parts.first(count)) SKALD_RETURN_IF_ERROR(Append(part));
      }
      parts = parts.subspan(count);
    }
    return {};
  }

  Status Sync() override {
    return ::fdatasync(fd_.get()) == 0 ? Status() : SystemError("fdatasync", path_);
  }

  Status Reserve(uint64_t bytes) override {
    for (;;) {
      if (::fallocate(fd_.get(), FALLOC_FL_KEEP_SIZE, static_cast<off_t>(size_),
                      static_cast<off_t>(bytes)) == 0) {
        return {};
      }
      if (errno == EINTR) continue;
      if (errno == EOPNOTSUPP) return CheckFreeSpace(bytes);
      return SystemError("fallocate", path_);
    }
  }

  Status Truncate(uint64_t size) override {
    if (::ftruncate(fd_.get(), static_cast<off_t>(size)) != 0) {
      return SystemError("ftruncate", path_);
    }
    size_ = size;
    return {};
  }

  Status Close() override {
    const int fd = fd_.Release();
    if (fd < 0) return {};
    return ::close(fd) == 0 || errno == EINTR ? Status() : SystemError("close", path_);
  }

 private:
  static constexpr size_t kPartsAtOnce = 256;  // The system takes 1024.

  // The next best thing where a file system cannot reserve.
  Status CheckFreeSpace(uint64_t bytes) const {
    struct statvfs space {};
    if (::fstatvfs(fd_.get(), &space) != 0) return SystemError("fstatvfs", path_);
    if (space.f_bavail * space.f_frsize >= bytes) return {};
    errno = ENOSPC;
    return SystemError("reserve", path_);
  }

  const std::string path_;
  Descriptor fd_;
  uint64_t size_ = 0;
};

std::string VersionOf(const struct stat& status) {
  return std::to_string(status.st_mtim.tv_sec) + "." + std::to_string(status.st_mtim.tv_nsec) +
         "-" + std::to_string(status.st_ino) + "-" + std::to_string(status.st_size);
}

class PosixReadFile final : public RandomReadFile {
 public:
  PosixReadFile(std::string path, Descriptor fd, const struct stat& status)
      : path_(std::move(path)),
        fd_(std::move(fd)),
        size_(static_cast<uint64_t>(status.st_size)),
        version_(VersionOf(status)) {}

  Status Read(uint64_t offset, uint64_t count, std::string& out) const override {
    if (offset > size_ || count > size_ - offset) {
      return Status(StatusCode::kOutOfRange, "read " + path_ + ": " + std::to_string(count) +
                                                 " bytes at " + std::to_string(offset) + " of " +
                                                 std::to_string(size_));
    }
    out.resize(count);
    for (uint64_t done = 0; done < count;) {
      const ssize_t got =
          ::pread(fd_.get(), out.data() + done, count - done, static_cast<off_t>(offset + done));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return SystemError("read", path_);
      if (got == 0) return Status(StatusCode::kOutOfRange, "read " + path_ + ": file has shrunk");
      done += static_cast<uint64_t>(got);
    }
    return {};
  }

  uint64_t size() const override { return size_; }

  std::string version() const override { return version_; }

 private:
  const std::string path_;
  const Descriptor fd_;
  const uint64_t size_;
  const std::string version_;
};

std::string ParentOf(const std::string& path) {
  const size_t slash = path.find_last_of('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

class PosixFileSystem final : public FileSystem {
 public:
  Result<std::unique_ptr<AppendFile>> Create(const std::string& path) override {
    SKALD_ASSIGN_OR_RETURN(Descriptor fd, OpenDescriptor(path, O_WRONLY | O_CREAT | O_TRUNC));
    return std::unique_ptr<AppendFile>(std::make_unique<PosixAppendFile>(path, std::move(fd)));
  }

  Result<std::unique_ptr<RandomReadFile>> OpenForRead(const std::string& path) override {
    SKALD_ASSIGN_OR_RETURN(Descriptor fd, OpenDescriptor(path, O_RDONLY));
    struct stat status {};
    if (::fstat(fd.get(), &status) != 0) return SystemError("stat", path);
    return std::unique_ptr<RandomReadFile>(
        std::make_unique<PosixReadFile>(path, std::move(fd), status));
  }

  Result<std::string> ReadAll(const std::string& path) override {
    SKALD_ASSIGN_OR_RETURN(Descriptor fd, OpenDescriptor(path, O_RDONLY));
    std::string bytes;
    constexpr size_t kStep = 64 << 10;
    for (;;) {  // Until the end, as files under /proc report no size.
      const size_t used = bytes.size();
      bytes.resize(used + kStep);
      const ssize_t got = ::read(fd.get(), bytes.data() + used, kStep);
      bytes.resize(used + static_cast<size_t>(std::max<ssize_t>(got, 0)));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return SystemError("read", path);
      if (got == 0) return bytes;
    }
  }

  Result<FileState> Stat(const std::string& path) override {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) return SystemError("stat", path);
    return FileState{.bytes = static_cast<uint64_t>(status.st_size), .version = VersionOf(status)};
  }

  Status MakeDirs(const std::string& path) override {
    for (size_t slash = path.find('/', 1);; slash = path.find('/', slash + 1)) {
      const std::string folder = path.substr(0, slash);
      if (::mkdir(folder.c_str(), 0755) != 0 && errno != EEXIST) {
        return SystemError("mkdir", folder);
      }
      if (slash == std::string::npos) break;
    }
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) return SystemError("stat", path);
    if (S_ISDIR(status.st_mode)) return {};
    errno = EEXIST;
    return SystemError("mkdir", path);
  }

  Result<std::vector<std::string>> List(const std::string& path) override {
    const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir(path.c_str()), &::closedir);
    if (folder == nullptr) return SystemError("opendir", path);
    std::vector<std::string> names;
    for (;;) {
      errno = 0;
      const dirent* entry = ::readdir(folder.get());
      if (entry == nullptr) break;
      const std::string_view name = entry->d_name;
      if (name != "." && name != "..") names.emplace_back(name);
    }
    if (errno != 0) return SystemError("readdir", path);
    std::sort(names.begin(), names.end());
    return names;
  }

  Status Remove(const std::string& path) override {
    return ::remove(path.c_str()) == 0 ? Status() : SystemError("remove", path);
  }

  Status Rename(const std::string& from, const std::string& to) override {
    return ::rename(from.c_str(), to.c_str()) == 0 ? Status() : SystemError("rename", from);
  }

  Status Link(const std::string& from, const std::string& to) override {
    if (::link(from.c_str(), to.c_str()) == 0) return {};
    const bool impossible =
        errno == EXDEV || errno == EPERM || errno == EMLINK || errno == EOPNOTSUPP;
    const Status status = SystemError("link", to);
    return impossible ? Status(StatusCode::kFailedPrecondition, std::string(status.message()))
                      : status;
  }

  Status SyncDir(const std::string& path) override {
    SKALD_ASSIGN_OR_RETURN(const Descriptor fd, OpenDescriptor(path, O_RDONLY | O_DIRECTORY));
    return ::fsync(fd.get()) == 0 ? Status() : SystemError("fsync", path);
  }

  Result<bool> Exists(const std::string& path) override {
    struct stat status {};
    if (::stat(path.c_str(), &status) == 0) return true;
    if (errno == ENOENT || errno == ENOTDIR) return false;
    return SystemError("stat", path);
  }

  Result<Space> DiskSpace(const std::string& path) override {
    struct statvfs space {};
    if (::statvfs(path.c_str(), &space) != 0) return SystemError("statvfs", path);
    return Space{.total_bytes = space.f_blocks * space.f_frsize,
                 .free_bytes = space.f_bavail * space.f_frsize};
  }
};

}  // namespace

Status AppendFile::AppendAll(std::span<const std::string_view> parts) {
  for (const std::string_view part : parts) SKALD_RETURN_IF_ERROR(Append(part));
  return {};
}

Status FileSystem::AtomicWrite(const std::string& path, std::span<const std::string_view> parts) {
  static std::atomic<uint64_t> next = 0;
  // Other processes may write to the folder as well.
  static const uint64_t process = uint64_t{std::random_device{}()} << 32 | std::random_device{}();
  // Not made of the path's name, which may be as long as a name can be.
  const std::string temporary = JoinPath(
      ParentOf(path), std::to_string(process) + "." + std::to_string(next.fetch_add(1)) + ".tmp");
  const auto write = [&]() -> Status {
    SKALD_ASSIGN_OR_RETURN(const std::unique_ptr<AppendFile> file, Create(temporary));
    SKALD_RETURN_IF_ERROR(file->AppendAll(parts));
    SKALD_RETURN_IF_ERROR(file->Sync());
    SKALD_RETURN_IF_ERROR(file->Close());
    return Rename(temporary, path);
  };
  if (Status status = write(); !status.ok()) {
    (void)Remove(temporary);  // It may not even be there.
    return status;
  }
  return SyncDir(ParentOf(path));
}

std::unique_ptr<FileSystem> MakePosixFileSystem() { return std::make_unique<PosixFileSystem>(); }

std::string JoinPath(std::string_view folder, std::string_view name) {
  if (folder.empty() || name.starts_with('/')) return std::string(name);
  std::string path(folder);
  if (path.back() != '/') path += '/';
  path += name;
  return path;
}

}  // namespace skald
