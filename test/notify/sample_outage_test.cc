#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "common/metrics.h"
#include "notify/fake_receiver.h"
#include "notify/sample_writer.h"
#include "notify/write_request_reader.h"
#include "support/faulty_file_system.h"
#include "support/manual_clock.h"

// A receiver that is away for an hour, and what it is given then.
namespace skald::notify {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using test::IsOk;

constexpr int kSeries = 40;
constexpr seconds kInterval{15};
constexpr int kTurns = hours(1) / kInterval;
// Small against the backlog, so that it makes many segments and many requests.
constexpr uint64_t kSegmentBytes = 64 << 10;
constexpr size_t kRequestSamples = 500;

// As a sample is told from all others: its time and its series.
using Key = std::pair<int64_t, int>;

Key KeyOf(const Sample& sample) {
  return {sample.time_ms, std::stoi(std::string(sample.labels.Get("series")))};
}

// One that a receiver refuses, with all that comes in its request.
bool IsWrong(const Sample& sample) { return sample.labels.Get("series") == "-1"; }
bool HasWrongOne(const std::vector<Sample>& samples) {
  return std::any_of(samples.begin(), samples.end(), IsWrong);
}

class SampleOutageTest : public testing::Test {
 protected:
  void Open() {
    writer_.reset();
    SampleWriter::Options options{.tick = milliseconds(1), .segment_bytes = kSegmentBytes};
    options.remote_write = {.enabled = true,
                            .clients = ParseYaml("a: {url: '" + receiver_.url() +
                                                 "/push', queue_config: {max_samples_per_send: " +
                                                 std::to_string(kRequestSamples) + "}}")
                                           .value(),
                            .folder = "/w",
                            .max_age = max_age_,
                            .max_bytes = max_bytes_};
    auto writer = SampleWriter::Open(options, limits_, files_, clock_);
    ASSERT_THAT(writer, IsOk());
    writer_ = *std::move(writer);
  }

  // So many turns of a group: a sample of each series, each kInterval.
  void Run(int turns) {
    for (int i = 0; i < turns; ++i) {
      std::vector<Sample> samples;
      const int64_t time_ms = clock_.NowNs() / 1'000'000;
      for (int series = 0; series < kSeries; ++series) {
        const std::string name = std::to_string(series);
        samples.push_back({.labels = {{"__name__", "m"}, {"series", name}},
                           .time_ms = time_ms,
                           .value = static_cast<double>(appended_.size())});
        appended_.emplace_back(time_ms, series);
      }
      ASSERT_THAT(writer_->Append(tenant_, samples), IsOk());
      clock_.Advance(kInterval);
    }
  }

  // What the receiver has been given and did not refuse, request by request; a request, which is
  // written series by series, in the order of times. Values are checked.
  std::vector<Key> Received() const {
    std::vector<Key> keys;
    for (const net::Request& request : receiver_.requests()) {
      const std::vector<Sample> samples = ReadWriteRequest(request.body);
      EXPECT_LE(samples.size(), kRequestSamples);
      if (HasWrongOne(samples)) continue;
      const auto first = static_cast<std::ptrdiff_t>(keys.size());
      for (const Sample& sample : samples) {
        const Key key = KeyOf(sample);
        const auto at = static_cast<size_t>(sample.value);
        EXPECT_TRUE(at < appended_.size() && appended_[at] == key);
        const bool is_begin = keys.size() == static_cast<size_t>(first);
        EXPECT_TRUE(is_begin || keys.back().second != key.second || keys.back().first < key.first);
        keys.push_back(key);
      }
      std::sort(keys.begin() + first, keys.end());
    }
    return keys;
  }

  // The receiver comes back, once no try is under way that began with what was queued earlier.
  void ComeBack() {
    const size_t tries = Counted("samples_retried_total");
    ASSERT_TRUE(Eventually([&] {
      clock_.Advance(milliseconds(100));
      return Counted("samples_retried_total") > tries;
    }));
    receiver_.Up();
  }

  // Waits until the receiver, which is up again, has the last sample.
  bool HasCaughtUp() {
    // The pause that a try has begun ends by this clock; what is sent after it needs no more time.
    const bool begun = Eventually([&] {
      clock_.Advance(milliseconds(100));
      return !receiver_.requests().empty();
    });
    return begun && Eventually([&] {
             const auto keys = Received();
             return !keys.empty() && keys.back() == appended_.back();
           });
  }

  uint64_t BytesOnDisk() {
    const std::string folder = "/w/tenant-" + tenant_;
    uint64_t sum = 0;
    const std::vector<std::string> names = files_.List(folder).value();
    for (const std::string& name : names) {
      const auto bytes = files_.ReadAll(folder + "/" + name);
      if (bytes.ok()) sum += bytes->size();  // Else it has been replaced since.
    }
    return sum;
  }

  size_t Counted(const char* name) const {
    return static_cast<size_t>(
        Metrics::GetCounter(
            std::string("loki_ruler_wal_prometheus_remote_storage_") + name, "",
            {{"tenant", tenant_}, {"remote_name", "a"}, {"url", receiver_.url() + "/push"}})
            .value());
  }

  // The newest `count` of what was appended.
  std::vector<Key> Newest(size_t count) const {
    return {appended_.end() - static_cast<std::ptrdiff_t>(count), appended_.end()};
  }

  const std::string tenant_ = testing::UnitTest::GetInstance()->current_test_info()->name();
  std::chrono::nanoseconds max_age_ = hours(4);
  uint64_t max_bytes_ = 256 << 20;
  test::ManualClock clock_;
  const StaticLimits limits_{Limits()};
  test::FaultyFileSystem files_;
  FakeReceiver receiver_;
  std::vector<Key> appended_;
  std::unique_ptr<SampleWriter> writer_;
};

TEST_F(SampleOutageTest, GivesAllOfAnHourInOrderAcrossAPowerFailure) {
  receiver_.Down();
  Open();
  Run(kTurns / 2);
  writer_.reset();
  files_.Crash(/*torn_bytes=*/9);
  Open();
  Run(kTurns / 2);
  EXPECT_GT(BytesOnDisk(), 4 * kSegmentBytes);
  ComeBack();
  ASSERT_TRUE(HasCaughtUp());
  EXPECT_EQ(Received(), appended_);  // Each once.
  EXPECT_EQ(Counted("samples_dropped_total"), 0u);
  EXPECT_EQ(Counted("samples_failed_total"), 0u);
  // Nothing of it is kept but the segment that is written to.
  EXPECT_TRUE(Eventually([&] { return BytesOnDisk() < 2 * kSegmentBytes; }));
}

TEST_F(SampleOutageTest, GoesOnAfterARestartWhereTheReceiverWasInTheMiddleOfTheHour) {
  receiver_.Down();
  Open();
  Run(kTurns);
  ComeBack();
  ASSERT_TRUE(Eventually([&] {
    clock_.Advance(milliseconds(100));
    return receiver_.requests().size() >= 3;
  }));
  Open();
  ASSERT_TRUE(HasCaughtUp());
  // The request that the restart has cut off may come twice.
  std::vector<Key> keys = Received();
  EXPECT_LE(keys.size(), appended_.size() + kRequestSamples);
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  EXPECT_EQ(keys, appended_);
}

TEST_F(SampleOutageTest, LeavesOutWhatIsOlderThanMaxAgeAndCountsIt) {
  max_age_ = minutes(30);
  receiver_.Down();
  Open();
  Run(kTurns);
  ComeBack();
  ASSERT_TRUE(HasCaughtUp());
  const std::vector<Key> keys = Received();
  // The clock runs while the first are sent, so that there may be a gap behind these.
  EXPECT_TRUE(std::ranges::is_sorted(keys));
  EXPECT_EQ(std::ranges::adjacent_find(keys), keys.end());
  EXPECT_LE(keys.size(), static_cast<size_t>(minutes(30) / kInterval) * kSeries);
  EXPECT_EQ(keys.size() + Counted("samples_dropped_total"), appended_.size());
}

TEST_F(SampleOutageTest, KeepsTheNewestWithinMaxBytesAndCountsTheRest) {
  max_bytes_ = 4 * kSegmentBytes;
  receiver_.Down();
  Open();
  for (int i = 0; i < kTurns; ++i) {
    Run(1);
    ASSERT_LE(BytesOnDisk(), max_bytes_ + kSegmentBytes);
  }
  ComeBack();
  ASSERT_TRUE(HasCaughtUp());
  const std::vector<Key> keys = Received();
  EXPECT_GT(keys.size(), kRequestSamples);
  EXPECT_LT(keys.size(), appended_.size());
  EXPECT_EQ(keys, Newest(keys.size()));
  EXPECT_EQ(keys.size() + Counted("samples_dropped_total"), appended_.size());
}

TEST_F(SampleOutageTest, LosesToAWrongSampleTheRequestThatItIsInAndCountsThat) {
  receiver_.AnswerBy([](const net::Request& request) {
    const bool wrong = HasWrongOne(ReadWriteRequest(request.body));
    return net::TextResponse(wrong ? 400 : 200, wrong ? "out of order sample" : "");
  });
  receiver_.Down();
  Open();
  Run(kTurns / 2);
  const Sample wrong{.labels = {{"series", "-1"}}, .time_ms = clock_.NowNs() / 1'000'000};
  ASSERT_THAT(writer_->Append(tenant_, std::vector{wrong}), IsOk());
  Run(kTurns / 2);
  ComeBack();
  ASSERT_TRUE(HasCaughtUp());
  const std::vector<Key> keys = Received();
  const size_t failed = Counted("samples_failed_total");
  EXPECT_GT(failed,
            1u);  // Right ones went with it: no 4xx is sent again, as the protocol wants it.
  EXPECT_LE(failed, kRequestSamples);
  EXPECT_EQ(keys.size() + failed, appended_.size() + 1);
}

}  // namespace
}  // namespace skald::notify
