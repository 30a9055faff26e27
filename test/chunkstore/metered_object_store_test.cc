#include "chunkstore/objstore/metered_object_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "chunkstore/objstore/fs_object_store.h"
#include "common/metrics.h"
#include "support/manual_clock.h"
#include "support/matchers.h"
#include "support/temp_folder.h"

namespace skald::chunkstore {
namespace {

using test::HasCode;
using test::IsOk;
using testing::HasSubstr;

TEST(MeteredObjectStoreTest, CountsWhatItHandsOn) {
  const test::TempFolder folder;
  const auto files = MakePosixFileSystem();
  const test::ManualClock clock;
  auto inner = FsObjectStore::Open(*files, folder.path());
  ASSERT_THAT(inner, IsOk());
  MeteredObjectStore store(**inner, "metered", clock);

  EXPECT_THAT(store.Put("a/b", "text"), IsOk());
  EXPECT_EQ(*store.Get("a/b"), "text");
  std::string range;
  EXPECT_THAT(store.GetRange("a/b", 1, 2, range), IsOk());
  EXPECT_EQ(range, "ex");
  EXPECT_EQ(store.List("a/")->size(), 1u);
  EXPECT_THAT(store.Delete("a/b"), IsOk());
  EXPECT_THAT(store.Get("a/b"), HasCode(StatusCode::kNotFound));
  EXPECT_THAT(store.Put("/bad", "text"), HasCode(StatusCode::kInvalidArgument));

  const std::string metrics = Metrics::Expose();
  const auto line = [](const std::string& name, const std::string& operation, int count) {
    return "loki_objstore_bucket_" + name + "{bucket=\"metered\",operation=\"" + operation +
           "\"} " + std::to_string(count) + "\n";
  };
  EXPECT_THAT(metrics, HasSubstr(line("operations_total", "upload", 2)));
  EXPECT_THAT(metrics, HasSubstr(line("operation_failures_total", "upload", 1)));
  EXPECT_THAT(metrics, HasSubstr(line("operations_total", "get", 2)));
  EXPECT_THAT(metrics, HasSubstr(line("operation_failures_total", "get", 0)));
  EXPECT_THAT(metrics, HasSubstr(line("operation_duration_seconds_count", "iter", 1)));
}

}  // namespace
}  // namespace skald::chunkstore
