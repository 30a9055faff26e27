// All parts of a server at work at once, for ThreadSanitizer above all: pushes, queries, tails,
// flushes, compactions and deletes. Without HTTP and gRPC, of which the library makes threads of
// its own.

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "app/read_path.h"
#include "app/write_path.h"
#include "common/clock.h"
#include "common/executor.h"
#include "common/limits.h"
#include "common/logging.h"
#include "support/matchers.h"
#include "support/temp_folder.h"

namespace skald::app {
namespace {

using test::IsOk;

constexpr auto kDuration = std::chrono::seconds(2);
constexpr int kPushers = 3;
constexpr int kLinesAPush = 20;

class TogetherTest : public testing::Test {
 protected:
  void SetUp() override {
    SetLogLevel(LogLevel::kError);
    const std::string file = folder_.path() + "/server.yaml";
    std::ofstream(file) << "common: {path_prefix: " << folder_.path() << R"(}
ingester: {chunk_block_size: 4000, flush_check_period: 30ms, memory_bytes: 200KB}
compactor: {compaction_interval: 20ms}
)";
    ASSERT_THAT(configuration_.Load(file, false, {}), IsOk());
    auto write = WritePath::Open({.config = configuration_.config(),
                                  .limits = limits_,
                                  .clock = clock_,
                                  .background = background_});
    ASSERT_THAT(write, IsOk());
    write_ = *std::move(write);
    read_ = std::make_unique<ReadPath>(ReadPath::Deps{.config = configuration_.config(),
                                                      .limits = limits_,
                                                      .clock = clock_,
                                                      .handlers = handlers_,
                                                      .workers = workers_,
                                                      .tailers = tailers_,
                                                      .data = *write_});
  }

  void TearDown() override {
    SetLogLevel(LogLevel::kInfo);
    if (read_ != nullptr) read_->tails().Stop();
    if (write_ != nullptr) write_->Stop();
  }

  static std::string Line(int pusher, int64_t number) {
    return "pusher " + std::to_string(pusher) + " line " + std::to_string(number) +
           std::string(100, 'x');
  }

  // Lines [first, first + kLinesAPush) of a pusher; OK once they are durable.
  Status Push(int pusher, int64_t first) {
    model::PushBatch batch;
    const model::Labels labels{{"pusher", std::to_string(pusher)}};
    model::PushStream& stream = batch.streams.emplace_back();
    stream.labels = std::make_shared<const model::Labels>(labels);
    stream.fingerprint = labels.Hash();
    stream.entry_count = kLinesAPush;
    for (int64_t i = first; i < first + kLinesAPush; ++i) {
      model::PushEntry& entry = batch.entries.emplace_back();
      entry.time_ns = begin_ns_ + i * 1000;
      entry.line = batch.buffers.emplace_back(Line(pusher, i));
    }
    return write_->distributor().Push(tenant_, {}, std::move(batch)).status;
  }

  // How often each line of a pusher is in the answer.
  std::map<std::string, int> Query(int pusher) {
    querier::QueryRequest request;
    request.tenants = {tenant_};
    request.text = "{pusher=\"" + std::to_string(pusher) + "\"}";
    request.start_ns = begin_ns_ - 1'000'000'000;
    request.end_ns = begin_ns_ + 60'000'000'000;
    request.has_time_range = true;
    request.limit = 5000;
    std::map<std::string, int> lines;
    // Pages, forwards, as the number of lines in an answer has a limit.
    request.direction = model::Direction::kForward;
    for (bool more = true; more;) {
      model::ScanContext context;
      const auto result = read_->querier().Run(request, context);
      EXPECT_THAT(result, IsOk());
      if (!result.ok()) break;
      EXPECT_TRUE(result->warnings.empty()) << result->warnings.front();
      size_t count = 0;
      for (const model::ResultStream& stream : std::get<model::Streams>(result->data).streams) {
        for (const model::ResultEntry& entry : stream.entries) {
          ++lines[entry.line];
          ++count;
          request.start_ns = std::max(request.start_ns, entry.time_ns + 1);
        }
      }
      more = count == request.limit;
    }
    return lines;
  }

  // Runs `work` again and again on a thread of its own until the time is over.
  void Repeat(std::function<void()> work) {
    threads_.emplace_back([this, work = std::move(work)] {
      while (!over_) work();
    });
  }

  void WaitAndJoin() {
    std::this_thread::sleep_for(kDuration);
    over_ = true;
    for (std::thread& thread : threads_) thread.join();
  }

  const test::TempFolder folder_;
  const SystemClock clock_{};
  const model::TenantId tenant_{"fake"};
  const int64_t begin_ns_ = clock_.NowNs() - 120'000'000'000;
  Configuration configuration_;
  const StaticLimits limits_ = [] {
    Limits limits;
    limits.per_stream_rate_limit = 0;
    limits.ingestion_rate_mb = 10'000;
    limits.ingestion_burst_size_mb = 10'000;
    return StaticLimits(limits);
  }();
  Executor handlers_{"query", 2};
  Executor workers_{"query-work", 2};
  Executor tailers_{"tail", 1};
  Executor background_{"background", 2};
  std::unique_ptr<WritePath> write_;
  std::unique_ptr<ReadPath> read_;
  std::atomic<bool> over_ = false;
  std::vector<std::thread> threads_;
};

TEST_F(TogetherTest, EveryAcknowledgedLineIsThereOnce) {
  std::vector<int64_t> acknowledged(kPushers, 0);
  for (int pusher = 0; pusher < kPushers; ++pusher) {
    Repeat([this, pusher, &next = acknowledged[pusher]] {
      const Status status = Push(pusher, next);
      if (status.ok()) {
        next += kLinesAPush;
      } else {  // The store has to catch up; what of it was taken is sent again.
        EXPECT_THAT(status, test::HasCode(StatusCode::kUnavailable));
      }
    });
  }
  std::atomic<int> queries = 0;
  Repeat([&] {
    for (const auto& [line, count] : Query(queries++ % kPushers)) EXPECT_EQ(count, 1) << line;
  });
  Repeat([&] { EXPECT_THAT(write_->ingester().Flush(), IsOk()); });
  std::atomic<int64_t> tailed = 0;
  const auto feed = write_->ingester().Tail({.tenant = tenant_, .matchers = {}, .ready = [] {}});
  ASSERT_THAT(feed, IsOk());
  Repeat([&] {
    for (const auto& batch : (*feed)->Take().batches) tailed += batch->selection.size();
    std::this_thread::yield();
  });
  std::atomic<int> deletes = 0;
  Repeat([&] {  // Of lines that nobody pushes: what they hide is looked at all the same.
    deletes::DeleteRequest request;
    request.tenant = tenant_;
    request.query = "{pusher=\"0\"} |= \"never " + std::to_string(deletes++) + "\"";
    request.start_ms = 1;
    request.end_ms = clock_.NowNs() / 1'000'000;
    const auto added = write_->delete_requests().Add(request);
    ASSERT_THAT(added, IsOk());
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    EXPECT_THAT(write_->delete_requests().Cancel(tenant_, added->id, /*force=*/false), IsOk());
  });
  WaitAndJoin();
  int64_t all = 0;
  for (int pusher = 0; pusher < kPushers; ++pusher) {
    const std::map<std::string, int> lines = Query(pusher);
    for (int64_t i = 0; i < acknowledged[pusher]; ++i) {
      const auto line = lines.find(Line(pusher, i));
      ASSERT_TRUE(line != lines.end()) << Line(pusher, i);
      EXPECT_EQ(line->second, 1) << line->first;
    }
    all += acknowledged[pusher];
  }
  EXPECT_GT(all, 0);
  EXPECT_GT(tailed, 0);
  EXPECT_GT(deletes, 0);
  std::cout << all << " lines acknowledged, " << queries << " queries, " << tailed
            << " lines tailed, " << deletes << " delete requests\n";
}

}  // namespace
}  // namespace skald::app
