#include "app/write_path.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "app/process_memory.h"
#include "common/clock.h"
#include "common/executor.h"
#include "common/limits.h"
#include "support/matchers.h"
#include "support/temp_folder.h"

namespace skald::app {
namespace {

using test::IsOk;

constexpr uint64_t kMemory = 256 << 20;
constexpr size_t kLines = 1000;

class WritePathTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_THAT(configuration_.Load("", false, {"-common.path-prefix=" + folder_.path()}), IsOk());
    auto path = WritePath::Open({.config = configuration_.config(),
                                 .limits = limits_,
                                 .clock = clock_,
                                 .background = background_,
                                 .lookups = background_,
                                 .memory = memory_});
    ASSERT_THAT(path, IsOk());
    path_ = *std::move(path);
  }
  void TearDown() override {
    if (path_ != nullptr) path_->Stop();
  }

  void PushAndFlush() {
    model::PushBatch batch;
    const model::Labels labels{{"app", "a"}};
    model::PushStream& stream = batch.streams.emplace_back();
    stream.labels = std::make_shared<const model::Labels>(labels);
    stream.fingerprint = labels.Hash();
    stream.entry_count = kLines;
    for (size_t i = 0; i < kLines; ++i) {
      model::PushEntry& entry = batch.entries.emplace_back();
      entry.time_ns = begin_ns_ + static_cast<int64_t>(i);
      entry.line = batch.buffers.emplace_back(std::string(100, 'x') + std::to_string(i));
    }
    ASSERT_THAT(path_->distributor().Push(tenant_, {}, std::move(batch)).status, IsOk());
    ASSERT_THAT(path_->ingester().Flush(), IsOk());
  }

  size_t CountStored() {
    const model::ScanRequest request{.tenant = tenant_,
                                     .matchers = {},
                                     .range = model::TimeRange::All(),
                                     .direction = model::Direction::kForward};
    model::ScanContext context;
    auto scans = path_->store().Select(request, context);
    EXPECT_THAT(scans, IsOk());
    size_t rows = 0;
    for (const auto& scan : *scans) {
      const auto source = scan->Open();
      for (auto batch = source->Next(); batch.ok() && *batch != nullptr; batch = source->Next()) {
        rows += (*batch)->selection.size();
      }
    }
    return rows;
  }

  const test::TempFolder folder_;
  const SystemClock clock_{};
  const StaticLimits limits_{Limits()};
  const model::TenantId tenant_{"team"};
  const int64_t begin_ns_ = clock_.NowNs() - 1'000'000'000;
  Configuration configuration_;
  ProcessMemory memory_{ShareMemory(AppConfig(), kMemory)};
  Executor background_{"background", 1};
  std::unique_ptr<WritePath> path_;
};

// What reads of the store keep is part of what the process may hold, and makes room for others.
TEST_F(WritePathTest, CachesOfTheStoreAreOfTheBudgetOfTheProcess) {
  PushAndFlush();
  EXPECT_EQ(memory_.budget().used(), 0u);
  for (int read = 0; read < 3; ++read) EXPECT_EQ(CountStored(), kLines);
  const uint64_t cached = memory_.budget().used();
  EXPECT_GT(cached, kLines * 100);
  const uint64_t held = path_->ingester().HeldBytes();
  const uint64_t most = kMemory - held - cached / 2;
  EXPECT_THAT(memory_.budget().Take(most), IsOk());
  EXPECT_LE(memory_.budget().used(), kMemory - held);
  memory_.budget().Return(most);
}

}  // namespace
}  // namespace skald::app
