#include "app/size_bound.h"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "common/disk_use.h"

namespace skald::app {
namespace {

constexpr uint64_t kSmallestPack = 1 << 20;

// Those of `folders` that do not lie in another of them.
std::vector<std::string> Outermost(const std::vector<std::string>& folders) {
  std::vector<std::filesystem::path> paths;
  for (const std::string& folder : folders) {
    paths.push_back(std::filesystem::absolute(folder).lexically_normal() / "");
  }
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> outermost;
  for (const std::filesystem::path& path : paths) {
    if (outermost.empty() || !path.string().starts_with(outermost.back())) {
      outermost.push_back(path.string());
    }
  }
  return outermost;
}

template <typename Number>
void Cap(Number* value, uint64_t most) {
  *value = static_cast<Number>(std::min<uint64_t>(*value, most));
}

}  // namespace

chunkstore::SizeRetention::Measure MeasureData(FileSystem& files, const AppConfig& config) {
  return [&files, &config,
          folders =
              Outermost({config.chunks_directory, config.index_directory,
                         config.ingester.wal.dir})]() -> Result<chunkstore::SizeRetention::Use> {
    chunkstore::SizeRetention::Use use;
    for (const std::string& folder : folders) {
      SKALD_ASSIGN_OR_RETURN(const uint64_t bytes, AllocatedBytes(folder));
      use.data_bytes += bytes;
    }
    SKALD_ASSIGN_OR_RETURN(const FileSystem::Space space, files.DiskSpace(config.chunks_directory));
    use.disk_bytes = space.total_bytes;
    use.disk_free_bytes = space.free_bytes;
    return use;
  };
}

void FitInto(uint64_t bound, ingester::IngesterOptions* ingester,
             chunkstore::Compactor::Options* compactor) {
  const uint64_t pack_bytes = std::max(bound / 64, kSmallestPack);
  Cap(&ingester->pack_bytes, pack_bytes);
  Cap(&ingester->wal.segment_bytes, pack_bytes);
  Cap(&ingester->wal.reserve_bytes, pack_bytes);
  Cap(&ingester->wal.max_bytes, std::max(bound / 8, 2 * pack_bytes));
  Cap(&compactor->job.pack_bytes, pack_bytes);
  Cap(&compactor->policy.pack_bytes, pack_bytes);
  Cap(&compactor->policy.job_bytes, 2 * pack_bytes);
}

}  // namespace skald::app
