#include "common/memory_size.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <limits>
#include <string>
#include <system_error>

namespace skald {
namespace {

// Of version 2 and of version 1, as a container sees its own group.
constexpr const char* kLimitFiles[] = {"/sys/fs/cgroup/memory.max",
                                       "/sys/fs/cgroup/memory/memory.limit_in_bytes"};

uint64_t MachineBytes() {
  const long pages = sysconf(_SC_PHYS_PAGES);
  const long page_bytes = sysconf(_SC_PAGE_SIZE);
  return pages > 0 && page_bytes > 0
             ? static_cast<uint64_t>(pages) * static_cast<uint64_t>(page_bytes)
             : std::numeric_limits<uint64_t>::max();
}

}  // namespace

std::optional<uint64_t> ParseMemoryLimit(std::string_view text) {
  uint64_t bytes = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bytes);
  if (error != std::errc() || bytes == 0) {
    return std::nullopt;
  }
  return bytes;
}

uint64_t MemoryBytes() {
  uint64_t bytes = MachineBytes();
  for (const char* path : kLimitFiles) {
    std::ifstream file(path);
    std::string line;
    if (file && std::getline(file, line)) {
      bytes = std::min(bytes, ParseMemoryLimit(line).value_or(bytes));
    }
  }
  return bytes;
}

}  // namespace skald
