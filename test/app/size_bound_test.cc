#include "app/size_bound.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <string>
#include <vector>

#include "support/matchers.h"
#include "support/temp_folder.h"

namespace skald::app {
namespace {

using test::IsOk;
using testing::HasSubstr;

// Files of 1 MiB each below the folder.
void WriteMebibytes(const test::TempFolder& folder, std::initializer_list<const char*> files) {
  for (const char* file : files) {
    const std::filesystem::path path = folder.path() + file;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << std::string(1 << 20, 'x');
  }
}

TEST(SizeBoundTest, EachFolderCountsOnceThoughOneMayLieInAnother) {
  const test::TempFolder folder;
  AppConfig config;
  config.chunks_directory = folder.path() + "/data";
  config.index_directory = folder.path() + "/data/index";
  config.ingester.wal.dir = folder.path() + "/data-wal/";
  WriteMebibytes(folder, {"/data/pack", "/data/index/sst", "/data-wal/1", "/other"});
  const auto files = MakePosixFileSystem();
  const auto use = MeasureData(*files, config)();
  ASSERT_THAT(use, IsOk());
  EXPECT_GE(use->data_bytes, 3u << 20);
  EXPECT_LT(use->data_bytes, 4u << 20);
  EXPECT_GT(use->disk_bytes, use->disk_free_bytes);
}

TEST(SizeBoundTest, CountsWhatRulesAndDeletesKeepAndNothingBesideIt) {
  const test::TempFolder folder;
  AppConfig config;
  config.path_prefix = folder.path();
  config.chunks_directory = folder.path() + "/chunks";
  config.index_directory = folder.path() + "/index";
  config.ingester.wal.dir = folder.path() + "/wal";
  config.deletes.folder = folder.path();
  config.notify.remote_write.folder = folder.path() + "/ruler-wal";
  WriteMebibytes(folder,
                 {"/chunks/pack", "/ruler-wal/tenant-a/000000000001.samples", "/ruler-state",
                  "/delete_requests", "/delete_requests.copy", "/snapshots/one/pack", "/other"});
  const auto files = MakePosixFileSystem();
  const auto use = MeasureData(*files, config)();
  ASSERT_THAT(use, IsOk());
  EXPECT_GE(use->data_bytes, 5u << 20);
  EXPECT_LT(use->data_bytes, 6u << 20);
}

TEST(SizeBoundTest, ASmallBoundMakesPacksAndLogSmallAndALargeOneNothingLarger) {
  const ingester::IngesterOptions ingester;
  const chunkstore::Compactor::Options compactor;
  for (const uint64_t bound : {uint64_t{64} << 20, uint64_t{1} << 30, uint64_t{1} << 50}) {
    ingester::IngesterOptions fitted = ingester;
    chunkstore::Compactor::Options fitted_compactor = compactor;
    FitInto(bound, &fitted, &fitted_compactor);
    EXPECT_LE(fitted.pack_bytes, bound / 64);
    EXPECT_LE(fitted.wal.segment_bytes, bound / 64);
    EXPECT_LE(fitted.wal.max_bytes, bound / 8);
    EXPECT_LE(fitted_compactor.job.pack_bytes, bound / 64);
    EXPECT_LE(fitted_compactor.policy.job_bytes, bound / 32);
    EXPECT_LE(fitted.pack_bytes, ingester.pack_bytes);
    EXPECT_LE(fitted_compactor.policy.job_bytes, compactor.policy.job_bytes);
  }
}

TEST(SizeBoundTest, AShareOfTheDiskMustLeaveRoomForPushes) {
  for (const char* share : {"0", "0.5", "0.89"}) {
    Configuration configuration;
    EXPECT_THAT(configuration.Load("", false,
                                   {std::string("-compactor.retention-max-disk-share=") + share}),
                IsOk());
  }
  for (const char* share : {"0.9", "80", "-0.1"}) {
    Configuration configuration;
    const Status status = configuration.Load(
        "", false, {std::string("-compactor.retention-max-disk-share=") + share});
    EXPECT_EQ(status.code(), StatusCode::kInvalidArgument) << share;
    EXPECT_THAT(std::string(status.message()),
                HasSubstr("compactor.retention_max_disk_share: must be from 0 to less than 0.9"));
  }
}

}  // namespace
}  // namespace skald::app
