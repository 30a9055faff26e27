// All parts of a server at work at once, for ThreadSanitizer above all: pushes, queries, tails,
// flushes, compactions, deletes with their erasure, and retention by age and by size. Without HTTP
// and gRPC, of which the library makes threads of its own.

#include <gmock/gmock.h>
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
#include <utility>
#include <variant>
#include <vector>

#include "app/process_memory.h"
#include "app/read_path.h"
#include "app/write_path.h"
#include "common/clock.h"
#include "common/config_node.h"
#include "common/executor.h"
#include "common/limits.h"
#include "common/logging.h"
#include "common/metrics.h"
#include "support/matchers.h"
#include "support/temp_folder.h"

namespace skald::app {
namespace {

using test::IsOk;

constexpr auto kDuration = std::chrono::seconds(2);
// For what must have happened at all, on however busy a machine.
constexpr auto kPatience = std::chrono::minutes(2);
constexpr int kPushers = 3;
constexpr int kLinesAPush = 20;
constexpr uint64_t kMemory = 512 << 20;  // That the parts share.
constexpr int64_t kRetentionNs = 24 * 3'600'000'000'000;

// Runs a hundred times as fast as it should, so that delete requests become due and entries too
// old while the test runs.
class FastClock final : public Clock {
 public:
  int64_t NowNs() const override {
    return begin_ns_ + 100 * (system_.MonotonicNs() - monotonic_begin_ns_);
  }
  int64_t MonotonicNs() const override { return system_.MonotonicNs(); }

 private:
  const SystemClock system_{};
  const int64_t begin_ns_ = system_.NowNs();
  const int64_t monotonic_begin_ns_ = system_.MonotonicNs();
};

class TogetherTest : public testing::Test {
 protected:
  void SetUp() override {
    SetLogLevel(LogLevel::kError);
    const std::string file = folder_.path() + "/server.yaml";
    std::ofstream(file) << "common: {path_prefix: " << folder_.path() << R"(}
ingester: {chunk_block_size: 4000, flush_check_period: 30ms, memory_bytes: 200KB}
compactor: {compaction_interval: 20ms, retention_enabled: true, delete_request_cancel_period: 1s,
            retention_max_bytes: 10GB}
)";
    ASSERT_THAT(configuration_.Load(file, false, {}), IsOk());
    auto write = WritePath::Open({.config = configuration_.config(),
                                  .limits = limits_,
                                  .clock = clock_,
                                  .background = background_,
                                  .memory = memory_});
    ASSERT_THAT(write, IsOk());
    write_ = *std::move(write);
    read_ = std::make_unique<ReadPath>(ReadPath::Deps{.config = configuration_.config(),
                                                      .limits = limits_,
                                                      .clock = clock_,
                                                      .handlers = handlers_,
                                                      .workers = workers_,
                                                      .tailers = tailers_,
                                                      .data = *write_,
                                                      .memory = memory_});
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
    std::vector<std::pair<int64_t, std::string>> entries;
    for (int64_t i = first; i < first + kLinesAPush; ++i) {
      entries.emplace_back(begin_ns_ + i * 1000, Line(pusher, i));
    }
    return Push(std::to_string(pusher), entries);
  }

  Status Push(const std::string& pusher,
              const std::vector<std::pair<int64_t, std::string>>& entries) {
    model::PushBatch batch;
    const model::Labels labels{{"pusher", pusher}};
    model::PushStream& stream = batch.streams.emplace_back();
    stream.labels = std::make_shared<const model::Labels>(labels);
    stream.fingerprint = labels.Hash();
    stream.entry_count = static_cast<uint32_t>(entries.size());
    for (const auto& [time_ns, line] : entries) {
      model::PushEntry& entry = batch.entries.emplace_back();
      entry.time_ns = time_ns;
      entry.line = batch.buffers.emplace_back(line);
    }
    return write_->distributor().Push(tenant_, {}, std::move(batch)).status;
  }

  // How often each line of a pusher is in the answer.
  std::map<std::string, int> Query(const std::string& pusher) {
    querier::QueryRequest request;
    request.tenants = {tenant_};
    request.text = "{pusher=\"" + pusher + "\"}";
    request.start_ns = begin_ns_ - 2 * kRetentionNs;
    request.end_ns = begin_ns_ + kRetentionNs;
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

  // Ends the time when it has lasted and everything has happened.
  void WaitAndJoin(const std::function<bool()>& happened) {
    const auto begin = std::chrono::steady_clock::now();
    std::this_thread::sleep_for(kDuration);
    while (!happened() && std::chrono::steady_clock::now() - begin < kPatience) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    over_ = true;
    for (std::thread& thread : threads_) thread.join();
  }

  // Has a line and then asks for its deletion; the line is never to be seen from then on.
  void PushAndDelete(int64_t number) {
    const std::string line = "line " + std::to_string(number) + " goes";
    (void)Push("deleted", {{begin_ns_ + number * 1000, line}});
    deletes::DeleteRequest request;
    request.tenant = tenant_;
    request.query = "{pusher=\"deleted\"} |= \"" + line + "\"";
    request.start_ms = begin_ns_ / 1'000'000 - 1000;
    request.end_ms = begin_ns_ / 1'000'000 + 1'000'000;
    EXPECT_THAT(write_->delete_requests().Add(request), IsOk());
    EXPECT_FALSE(Query("deleted").contains(line));
  }

  // Requests of which nothing is stored any more.
  int64_t Erased() {
    const std::vector<deletes::DeleteRequest> all = write_->delete_requests().List(tenant_);
    return std::ranges::count_if(all, [](const auto& request) { return IsProcessed(request); });
  }

  static double Expired() {
    return Metrics::GetCounter("skald_retention_dropped_chunks_total",
                               "Chunks dropped for their age, or to make room.",
                               {{"reason", "age"}})
        .value();
  }

  const test::TempFolder folder_;
  const FastClock clock_{};
  const model::TenantId tenant_{"fake"};
  const int64_t begin_ns_ = clock_.NowNs() - 120'000'000'000;
  Configuration configuration_;
  const StaticLimits limits_ = [] {
    Limits limits;
    limits.per_stream_rate_limit = 0;
    limits.ingestion_rate_mb = 10'000;
    limits.ingestion_burst_size_mb = 10'000;
    limits.retention_stream = *ParseYaml("[{selector: '{pusher=\"old\"}', period: 24h}]");
    return StaticLimits(limits);
  }();
  Executor handlers_{"query", 2};
  Executor workers_{"query-work", 2};
  Executor tailers_{"tail", 1};
  Executor background_{"background", 2};
  ProcessMemory memory_{ShareMemory(configuration_.config(), kMemory)};
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
    const std::string pusher = std::to_string(queries++ % kPushers);
    for (const auto& [line, count] : Query(pusher)) EXPECT_EQ(count, 1) << line;
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
    const Status cancelled = write_->delete_requests().Cancel(tenant_, added->id, /*force=*/true);
    // Where this thread had to wait for long, it was too late.
    if (!cancelled.ok()) {
      EXPECT_THAT(cancelled, test::HasCode(StatusCode::kInvalidArgument));
    }
  });
  Repeat([this, number = int64_t{0}]() mutable {
    PushAndDelete(number++);
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  });
  Repeat([this] {  // Of lines that are too old a fifth of a second later.
    const int64_t time_ns = clock_.NowNs() - kRetentionNs + 20'000'000'000;
    (void)Push("old", {{time_ns, "line of " + std::to_string(time_ns)}});
    for (const auto& [line, count] : Query("old")) EXPECT_EQ(count, 1) << line;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  });
  WaitAndJoin([&] { return Erased() > 0 && Expired() > 0; });
  int64_t all = 0;
  for (int pusher = 0; pusher < kPushers; ++pusher) {
    const std::map<std::string, int> lines = Query(std::to_string(pusher));
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
  EXPECT_THAT(Query("deleted"), testing::IsEmpty());
  EXPECT_GT(Erased(), 0);
  EXPECT_GT(Expired(), 0);
  std::cout << all << " lines acknowledged, " << queries << " queries, " << tailed
            << " lines tailed, " << deletes << " delete requests cancelled, " << Erased()
            << " done, " << Expired() << " chunks expired\n";
}

}  // namespace
}  // namespace skald::app
