#include "app/size_bound.h"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "app/data_folders.h"
#include "common/disk_use.h"
#include "deletes/stored_requests.h"

namespace skald::app {
namespace {

constexpr uint64_t kSmallestPack = 1 << 20;

// Whatever a process keeps, but for snapshots.
std::vector<std::string> DataPaths(const AppConfig& config) {
  const maintenance::DataFolders folders = DataFoldersOf(config);
  std::vector<std::string> paths = {folders.chunks,      folders.index,        folders.wal,
                                    folders.rules,       folders.rule_objects, folders.rule_state,
                                    folders.rule_samples};
  // What else is in their folder may be anyone's.
  for (std::string& path : deletes::StoredRequests::Paths(folders.requests)) {
    paths.push_back(std::move(path));
  }
  std::erase(paths, "");
  return paths;
}

// Those of `paths` that do not lie in another of them.
std::vector<std::string> Outermost(const std::vector<std::string>& paths) {
  std::vector<std::string> with_slash;
  for (const std::string& path : paths) {
    with_slash.push_back((std::filesystem::absolute(path).lexically_normal() / "").string());
  }
  std::sort(with_slash.begin(), with_slash.end());
  std::vector<std::string> outermost;
  for (std::string& path : with_slash) {
    if (outermost.empty() || !path.starts_with(outermost.back())) {
      outermost.push_back(std::move(path));
    }
  }
  for (std::string& path : outermost) path.pop_back();  // It may be a file's.
  return outermost;
}

template <typename Number>
void Cap(Number* value, uint64_t most) {
  *value = static_cast<Number>(std::min<uint64_t>(*value, most));
}

}  // namespace

chunkstore::SizeRetention::Measure MeasureData(FileSystem& files, const AppConfig& config) {
  return [&files, &config,
          paths = Outermost(DataPaths(config))]() -> Result<chunkstore::SizeRetention::Use> {
    chunkstore::SizeRetention::Use use;
    for (const std::string& path : paths) {
      SKALD_ASSIGN_OR_RETURN(const uint64_t bytes, AllocatedBytes(path));
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
