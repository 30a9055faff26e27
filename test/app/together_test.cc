// All parts of a server at work at once, for ThreadSanitizer above all: pushes, queries, tails,
// flushes, compactions, deletes with their erasure, and retention by age and by size.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "app/known_line_readers.h"
#include "app/known_lines.h"
#include "app/server_parts.h"
#include "common/clock.h"
#include "common/config_node.h"
#include "common/limits.h"
#include "common/logging.h"
#include "common/metrics.h"
#include "support/matchers.h"

namespace skald::app {
namespace {

using test::IsOk;

constexpr auto kDuration = std::chrono::seconds(2);
// For what must have happened at all, on however busy a machine.
constexpr auto kPatience = std::chrono::minutes(4);
constexpr int kPushers = 3;
constexpr int kLinesAPush = 20;
// With so many a pusher takes its time, as the more there are the longer each question takes.
constexpr int64_t kManyLines = 2'000;
constexpr int kQuestions = 12;  // So many of a reader are one of each kind.
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

// An entry for a push.
struct Entry {
  int64_t time_ns = 0;
  std::string line;
  std::string id = "";  // Of structured metadata, as `part`; empty: none.
  std::string part = "";
};

class TogetherTest : public testing::Test {
 protected:
  void SetUp() override {
    SetLogLevel(LogLevel::kError);
    ServerParts::Options options;
    options.settings = R"(
ingester: {chunk_block_size: 12000, flush_check_period: 30ms, memory_bytes: 200KB}
compactor: {compaction_interval: 20ms, retention_enabled: true, delete_request_cancel_period: 1s,
            retention_max_bytes: 10GB}
)";
    options.limits.retention_stream = *ParseYaml("[{selector: '{pusher=\"old\"}', period: 24h}]");
    ASSERT_THAT(parts_.Open(options), IsOk());
  }

  void TearDown() override { SetLogLevel(LogLevel::kInfo); }

  WritePath& write() { return parts_.write(); }

  KnownLineReaders Readers(uint64_t seed) {
    return KnownLineReaders(
        {.read = parts_.read(), .lines = lines_, .pushers = progress_, .tenant = tenant_}, seed);
  }

  // Lines [first, first + kLinesAPush) of a pusher; OK once they are durable.
  Status Push(int pusher, int64_t first) {
    std::vector<Entry> entries;
    for (int64_t i = first; i < first + kLinesAPush; ++i) {
      entries.push_back({.time_ns = lines_.TimeOf(i),
                         .line = KnownLines::LineOf(pusher, i),
                         .id = KnownLines::IdOf(pusher, i),
                         .part = KnownLines::PartOf(i)});
    }
    return Push(std::to_string(pusher), entries);
  }

  Status Push(const std::string& pusher, const std::vector<Entry>& entries) {
    model::PushBatch batch;
    const model::Labels labels{{"pusher", pusher}};
    model::PushStream& stream = batch.streams.emplace_back();
    stream.labels = std::make_shared<const model::Labels>(labels);
    stream.fingerprint = labels.Hash();
    stream.entry_count = static_cast<uint32_t>(entries.size());
    for (const Entry& from : entries) {
      model::PushEntry& entry = batch.entries.emplace_back();
      entry.time_ns = from.time_ns;
      entry.line = batch.buffers.emplace_back(from.line);
      if (from.id.empty()) continue;
      entry.metadata_begin = static_cast<uint32_t>(batch.metadata.size());
      entry.metadata_count = 2;
      batch.metadata.push_back({"id", batch.buffers.emplace_back(from.id)});
      batch.metadata.push_back({"part", batch.buffers.emplace_back(from.part)});
    }
    return write().distributor().Push(tenant_, {}, std::move(batch)).status;
  }

  // Goes on pushing, lines again that were not taken.
  void PushMore(int pusher) {
    PusherProgress& progress = progress_[pusher];
    const int64_t next = progress.acknowledged;
    if (next >= kManyLines) std::this_thread::sleep_for(std::chrono::milliseconds(200));
    progress.begun = next + kLinesAPush;
    progress.sent += kLinesAPush;
    const Status status = Push(pusher, next);
    if (status.ok()) {
      progress.acknowledged = next + kLinesAPush;
    } else {  // The store has to catch up.
      EXPECT_THAT(status, test::HasCode(StatusCode::kUnavailable));
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }

  // How often each line is in the answer; `stages` may follow the selector.
  std::map<std::string, int> Query(const std::string& pusher, const std::string& stages = "") {
    querier::QueryRequest request = Readers(0).RequestOf("{pusher=\"" + pusher + "\"}" + stages);
    request.start_ns = begin_ns_ - 2 * kRetentionNs;
    request.end_ns = begin_ns_ + kRetentionNs;
    request.limit = 5000;
    std::map<std::string, int> lines;
    // Pages, forwards, as the number of lines in an answer has a limit.
    for (bool more = true; more;) {
      model::ScanContext context;
      const auto result = parts_.read().querier().Run(request, context);
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

  // Has two lines and then asks for the deletion of one, which is never to be seen from then on;
  // the other is to be found for ever if it was taken.
  void PushAndDelete(int64_t number) {
    const std::string line = "line " + std::to_string(number);
    const int64_t time_ns = begin_ns_ + number * 1000;
    if (Push("deleted", {{time_ns, line + " goes"}, {time_ns, line + " stays"}}).ok()) {
      staying_.push_back(line + " stays");
    }
    deletes::DeleteRequest request;
    request.tenant = tenant_;
    request.query = "{pusher=\"deleted\"} |= \"" + line + " goes\"";
    request.start_ms = begin_ns_ / 1'000'000 - 1000;
    request.end_ms = begin_ns_ / 1'000'000 + 1'000'000;
    EXPECT_THAT(write().delete_requests().Add(request), IsOk());
    EXPECT_THAT(Query("deleted", " |= \"goes\""), testing::IsEmpty());
    const std::map<std::string, int> stay = Query("deleted", " |~ \"(?i)STAYS\"");
    for (const std::string& stays : staying_) {
      const auto found = stay.find(stays);
      ASSERT_TRUE(found != stay.end()) << stays;
      EXPECT_EQ(found->second, 1) << stays;
    }
  }

  // Requests of which nothing is stored any more.
  int64_t Erased() {
    const std::vector<deletes::DeleteRequest> all = write().delete_requests().List(tenant_);
    return std::ranges::count_if(all, [](const auto& request) { return IsProcessed(request); });
  }

  static double Expired() {
    return Metrics::GetCounter("skald_retention_dropped_chunks_total",
                               "Chunks dropped for their age, or to make room.",
                               {{"reason", "age"}})
        .value();
  }

  const FastClock clock_{};
  const model::TenantId tenant_{"fake"};
  // A whole millisecond.
  const int64_t begin_ns_ = clock_.NowNs() / 1'000'000 * 1'000'000 - 120'000'000'000;
  const KnownLines lines_{begin_ns_};
  std::array<PusherProgress, kPushers> progress_;
  std::vector<std::string> staying_;  // Of one thread.
  ServerParts parts_{clock_};
  std::atomic<bool> over_ = false;
  std::vector<std::thread> threads_;
};

TEST_F(TogetherTest, EveryAcknowledgedLineIsThereOnceHoweverItIsAskedFor) {
  for (int pusher = 0; pusher < kPushers; ++pusher) {
    Repeat([this, pusher] { PushMore(pusher); });
  }
  std::atomic<int> queries = 0;
  Repeat([&] {
    const std::string pusher = std::to_string(queries++ % kPushers);
    for (const auto& [line, count] : Query(pusher)) EXPECT_EQ(count, 1) << line;
  });
  std::array<std::atomic<int>, 3> asked{};
  using Ask = void (KnownLineReaders::*)();
  constexpr std::array<Ask, 3> kAsks = {&KnownLineReaders::Search, &KnownLineReaders::Count,
                                        &KnownLineReaders::LookUp};
  for (size_t i = 0; i < kAsks.size(); ++i) {
    Repeat([ask = kAsks[i], &count = asked[i], readers = Readers(i)]() mutable {
      (readers.*ask)();
      count = readers.asked();
      // So that what works in the background gets on with it on however few cores.
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    });
  }
  Repeat([&] {
    EXPECT_THAT(write().ingester().Flush(), IsOk());
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  });
  std::atomic<int64_t> tailed = 0;
  const auto feed = write().ingester().Tail({.tenant = tenant_, .matchers = {}, .ready = [] {}});
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
    const auto added = write().delete_requests().Add(request);
    ASSERT_THAT(added, IsOk());
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    const Status cancelled = write().delete_requests().Cancel(tenant_, added->id, /*force=*/true);
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
  WaitAndJoin([&] {
    return Erased() > 0 && Expired() > 0 &&
           std::ranges::all_of(asked, [](const auto& count) { return count >= kQuestions; });
  });
  EXPECT_THAT(write().ingester().Flush(), IsOk());
  Readers(0).CheckSizesAtRest();
  int64_t all = 0;
  for (int pusher = 0; pusher < kPushers; ++pusher) {
    const std::map<std::string, int> lines = Query(std::to_string(pusher));
    for (int64_t i = 0; i < progress_[pusher].acknowledged; ++i) {
      const auto line = lines.find(KnownLines::LineOf(pusher, i));
      ASSERT_TRUE(line != lines.end()) << KnownLines::LineOf(pusher, i);
      EXPECT_EQ(line->second, 1) << line->first;
    }
    all += progress_[pusher].acknowledged;
  }
  EXPECT_GT(all, 0);
  EXPECT_GT(tailed, 0);
  EXPECT_GT(deletes, 0);
  EXPECT_THAT(Query("deleted", " |= \"goes\""), testing::IsEmpty());
  EXPECT_GT(Erased(), 0);
  EXPECT_GT(Expired(), 0);
  for (const auto& count : asked) EXPECT_GE(count, kQuestions);
  std::cout << all << " lines acknowledged, " << queries << " queries for all of a pusher's, "
            << asked[0] << " searches, " << asked[1] << " counts, " << asked[2] << " look-ups, "
            << tailed << " lines tailed, " << deletes << " delete requests cancelled, " << Erased()
            << " done, " << Expired() << " chunks expired\n";
}

}  // namespace
}  // namespace skald::app
