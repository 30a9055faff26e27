#include "common/disk_use.h"

#include <sys/stat.h>

#include <filesystem>
#include <optional>
#include <system_error>

namespace skald {
namespace {

constexpr uint64_t kStatBlockBytes = 512;  // Of st_blocks, whatever the file system's own are.

// Those of a file that is no folder.
std::optional<uint64_t> BytesOfFile(const char* path) {
  struct stat file {};
  if (lstat(path, &file) != 0 || !S_ISREG(file.st_mode)) return std::nullopt;
  return static_cast<uint64_t>(file.st_blocks) * kStatBlockBytes;
}

}  // namespace

Result<uint64_t> AllocatedBytes(const std::string& path) {
  namespace fs = std::filesystem;
  if (const auto bytes = BytesOfFile(path.c_str())) return *bytes;
  uint64_t bytes = 0;
  std::error_code error;
  fs::recursive_directory_iterator it(path, fs::directory_options::skip_permission_denied, error);
  while (!error && it != fs::recursive_directory_iterator()) {
    bytes += BytesOfFile(it->path().c_str()).value_or(0);
    it.increment(error);
  }
  if (!error || error == std::errc::no_such_file_or_directory) return bytes;
  return Unavailable("cannot look through " + path + ": " + error.message());
}

}  // namespace skald
