#include "common/folder_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

namespace skald {
namespace {

Status LockError(const char* call, const std::string& path) {
  const int error = errno;
  return Unavailable(std::string(call) + " " + path + ": " +
                     std::generic_category().message(error));
}

// " (pid 17)", or nothing if the file does not tell.
std::string HolderIn(int descriptor) {
  char text[20];
  const ssize_t got = ::pread(descriptor, text, sizeof text, 0);
  if (got <= 0) return {};
  const auto end = std::find_if_not(text, text + got, [](char c) { return c >= '0' && c <= '9'; });
  return end == text ? std::string() : " (pid " + std::string(text, end) + ")";
}

}  // namespace

Result<FolderLock> FolderLock::Take(FileSystem& files, const std::string& folder) {
  SKALD_RETURN_IF_ERROR(files.MakeDirs(folder));
  const std::string path = JoinPath(folder, kFolderLockName);
  FolderLock lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (lock.descriptor_ < 0) return LockError("open", path);
  while (::flock(lock.descriptor_, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK) return LockError("flock", path);
    return Status(
        StatusCode::kFailedPrecondition,
        "the folder " + folder + " is in use by another skald" + HolderIn(lock.descriptor_));
  }
  const std::string pid = std::to_string(::getpid()) + "\n";
  // On a full disk the lock holds without it, and a start may be what makes room.
  const bool told = ::ftruncate(lock.descriptor_, 0) == 0 &&
                    ::pwrite(lock.descriptor_, pid.data(), pid.size(), 0) > 0;
  (void)told;
  return lock;
}

FolderLock::~FolderLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

FolderLock::FolderLock(FolderLock&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

}  // namespace skald
