#include "common/disk_use.h"

#include <sys/stat.h>

#include <filesystem>
#include <system_error>

namespace skald {
namespace {

constexpr uint64_t kStatBlockBytes = 512;  // Of st_blocks, whatever the file system's own are.

}  // namespace

Result<uint64_t> AllocatedBytes(const std::string& folder) {
  namespace fs = std::filesystem;
  uint64_t bytes = 0;
  std::error_code error;
  fs::recursive_directory_iterator it(folder, fs::directory_options::skip_permission_denied, error);
  while (!error && it != fs::recursive_directory_iterator()) {
    struct stat file {};
    if (lstat(it->path().c_str(), &file) == 0 && S_ISREG(file.st_mode)) {
      bytes += static_cast<uint64_t>(file.st_blocks) * kStatBlockBytes;
    }
    it.increment(error);
  }
  if (!error || error == std::errc::no_such_file_or_directory) return bytes;
  return Unavailable("cannot look through " + folder + ": " + error.message());
}

}  // namespace skald
