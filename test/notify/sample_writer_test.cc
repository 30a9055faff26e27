#include "notify/sample_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "common/metrics.h"
#include "model/stale_marker.h"
#include "notify/fake_receiver.h"
#include "notify/write_request_reader.h"
#include "support/faulty_file_system.h"

namespace skald::notify {
namespace {

using test::HasCode;
using test::IsOk;
using testing::ElementsAre;
using testing::IsEmpty;

class SampleWriterTest : public testing::Test {
 protected:
  std::string Client(const FakeReceiver& receiver, const std::string& more = "") {
    return "{url: '" + receiver.url() + "/push', queue_config: {min_backoff: 2ms, " +
           "max_backoff: 5ms" + queue_config_ + "}" + more + "}";
  }

  void Open(const std::string& clients, const Limits& limits = Limits()) {
    writer_.reset();
    limits_ = std::make_unique<StaticLimits>(limits);
    SampleWriter::Options options{.tick = std::chrono::milliseconds(2)};
    options.remote_write = {.enabled = true,
                            .clients = ParseYaml(clients).value(),
                            .add_org_id_header = add_org_id_header_,
                            .folder = "/w",
                            .max_age = max_age_};
    auto writer = SampleWriter::Open(options, *limits_, files_, clock_);
    ASSERT_THAT(writer, IsOk());
    writer_ = *std::move(writer);
  }

  Sample At(int64_t offset_ms, const char* name = "m") const {
    return {.labels = {{"__name__", name}, {"x", "y"}}, .time_ms = now_ms_ + offset_ms};
  }

  // Times of all samples that were received with 200, relative to now_ms_.
  std::vector<int64_t> Received(const FakeReceiver& receiver) {
    std::vector<int64_t> times;
    for (const net::Request& request : receiver.requests()) {
      for (const Sample& sample : ReadWriteRequest(request.body)) {
        times.push_back(sample.time_ms - now_ms_);
      }
    }
    return times;
  }

  static double Value(const char* name, const std::string& tenant, const FakeReceiver& receiver) {
    return Metrics::GetCounter(
               std::string("loki_ruler_wal_prometheus_remote_storage_") + name, "",
               {{"tenant", tenant}, {"remote_name", "a"}, {"url", receiver.url() + "/push"}})
        .value();
  }

  SystemClock clock_;
  const int64_t now_ms_ = clock_.NowNs() / 1'000'000;
  bool add_org_id_header_ = true;
  std::string queue_config_;  // More of it.
  std::chrono::nanoseconds max_age_ = std::chrono::hours(4);
  test::FaultyFileSystem files_;
  FakeReceiver first_;
  FakeReceiver second_;
  std::unique_ptr<StaticLimits> limits_;
  std::unique_ptr<SampleWriter> writer_;
};

TEST_F(SampleWriterTest, SendsToEachClientWithTheHeadersOfRemoteWrite) {
  Open("{a: " + Client(first_) + ", b: " + Client(second_) + "}");
  ASSERT_THAT(writer_->Append("tenant/1", std::vector{At(0), At(1)}), IsOk());
  for (FakeReceiver* receiver : {&first_, &second_}) {
    ASSERT_TRUE(Eventually([&] { return !receiver->requests().empty(); }));
    const net::Headers headers = receiver->requests()[0].headers;
    EXPECT_EQ(headers.Get("Content-Type"), "application/x-protobuf");
    EXPECT_EQ(headers.Get("Content-Encoding"), "snappy");
    EXPECT_EQ(headers.Get("X-Prometheus-Remote-Write-Version"), "0.1.0");
    EXPECT_EQ(headers.Get("X-Scope-OrgID"), "tenant/1");
    EXPECT_THAT(Received(*receiver), ElementsAre(0, 1));
  }
}

TEST_F(SampleWriterTest, SaysTheTenantOnlyIfItShall) {
  add_org_id_header_ = false;
  Open("a: " + Client(first_, ", headers: {X-Scope-OrgID: other, X-B: c}"));
  ASSERT_THAT(writer_->Append("t", std::vector{At(0)}), IsOk());
  ASSERT_TRUE(Eventually([&] { return !first_.requests().empty(); }));
  EXPECT_FALSE(first_.requests()[0].headers.Has("X-Scope-OrgID"));
  EXPECT_EQ(first_.requests()[0].headers.Get("X-B"), "c");
}

TEST_F(SampleWriterTest, SendsAfterARestartWhatAReceiverThatWasAwayHasMissed) {
  first_.Down();
  Open("a: " + Client(first_));
  ASSERT_THAT(writer_->Append("t", std::vector{At(0)}), IsOk());
  Open("a: " + Client(first_));
  ASSERT_THAT(writer_->Append("t", std::vector{At(1)}), IsOk());
  first_.Up();
  ASSERT_TRUE(Eventually([&] { return Received(first_).size() >= 2; }));
  Open("a: " + Client(first_));
  ASSERT_THAT(writer_->Append("t", std::vector{At(2)}), IsOk());
  ASSERT_TRUE(Eventually([&] { return Received(first_).size() >= 3; }));
  EXPECT_THAT(Received(first_), ElementsAre(0, 1, 2));
}

TEST_F(SampleWriterTest, AFullDiskDoesNotStopAStart) {
  Open("a: " + Client(first_));
  ASSERT_THAT(writer_->Append("t", std::vector{At(0)}), IsOk());
  files_.SetCapacity(0);
  Open("{a: " + Client(first_) + ", b: " + Client(second_) + "}");  // Whose place is to be stored.
  files_.SetCapacity(std::numeric_limits<uint64_t>::max());
  ASSERT_THAT(writer_->Append("t", std::vector{At(1)}), IsOk());
  ASSERT_TRUE(Eventually([&] { return !Received(second_).empty(); }));
  EXPECT_THAT(Received(second_), ElementsAre(1));
}

TEST_F(SampleWriterTest, TriesAgainAfter503ButNotAfter400) {
  Open("a: " + Client(first_));
  first_.Answer(net::TextResponse(503, "later"));
  ASSERT_THAT(writer_->Append("refused", std::vector{At(0)}), IsOk());
  ASSERT_TRUE(Eventually([&] { return first_.requests().size() >= 3; }));
  first_.Answer(net::TextResponse(400, "out of order sample"));
  ASSERT_TRUE(Eventually([&] { return Value("samples_failed_total", "refused", first_) == 1; }));
  EXPECT_GE(Value("samples_retried_total", "refused", first_), 2);
  const size_t requests = first_.requests().size();
  first_.Answer(net::TextResponse(200, ""));
  ASSERT_THAT(writer_->Append("refused", std::vector{At(1)}), IsOk());
  ASSERT_TRUE(Eventually([&] { return first_.requests().size() == requests + 1; }));
  EXPECT_EQ(Received(first_).back(), 1);
}

TEST_F(SampleWriterTest, SaysOfATryThatItIsOneAndWhichOfTheTriesOfABatch) {
  Open("a: " + Client(first_));
  first_.Answer(net::TextResponse(503, "later"));
  ASSERT_THAT(writer_->Append("tries", std::vector{At(0)}), IsOk());
  ASSERT_TRUE(Eventually([&] { return first_.requests().size() >= 3; }));
  first_.Answer(net::TextResponse(400, "no"));
  ASSERT_TRUE(Eventually([&] { return Value("samples_failed_total", "tries", first_) == 1; }));
  const size_t tries = first_.requests().size();
  ASSERT_THAT(writer_->Append("tries", std::vector{At(1)}), IsOk());
  ASSERT_TRUE(Eventually([&] { return first_.requests().size() > tries; }));
  const auto requests = first_.requests();
  EXPECT_FALSE(requests[0].headers.Has("Retry-Attempt"));
  EXPECT_EQ(requests[1].headers.Get("Retry-Attempt"), "1");
  EXPECT_EQ(requests[2].headers.Get("Retry-Attempt"), "2");
  EXPECT_FALSE(requests[tries].headers.Has("Retry-Attempt"));
}

TEST_F(SampleWriterTest, A429IsFinalForAClientThatSaysSo) {
  queue_config_ = ", retry_on_http_429: false";
  Open("a: " + Client(first_));
  first_.Answer(net::TextResponse(429, "slower"));
  ASSERT_THAT(writer_->Append("slower", std::vector{At(0)}), IsOk());
  ASSERT_TRUE(Eventually([&] { return Value("samples_failed_total", "slower", first_) == 1; }));
  EXPECT_EQ(Value("samples_retried_total", "slower", first_), 0);
}

TEST_F(SampleWriterTest, DropsSamplesThatAreTooOldForAClient) {
  queue_config_ = ", sample_age_limit: 30m";
  Open("a: " + Client(first_));
  ASSERT_THAT(writer_->Append("aged", std::vector{At(-1'900'000), At(0)}), IsOk());
  ASSERT_TRUE(Eventually([&] { return !first_.requests().empty(); }));
  EXPECT_THAT(Received(first_), ElementsAre(0));
  EXPECT_TRUE(Eventually([&] { return Value("samples_dropped_total", "aged", first_) == 1; }));
}

TEST_F(SampleWriterTest, HeedsRetryAfter) {
  Open("a: " + Client(first_));
  net::Response later = net::TextResponse(429, "");
  later.headers.Add("Retry-After", "1");
  first_.Answer(later);
  const int64_t begin_ns = clock_.MonotonicNs();
  ASSERT_THAT(writer_->Append("t", std::vector{At(0)}), IsOk());
  ASSERT_TRUE(Eventually([&] { return first_.requests().size() >= 2; }));
  EXPECT_GE(clock_.MonotonicNs() - begin_ns, 1'000'000'000);
}

TEST_F(SampleWriterTest, DropsSamplesThatHaveBecomeTooOld) {
  max_age_ = std::chrono::hours(1);
  Open("a: " + Client(first_));
  ASSERT_THAT(writer_->Append("old", std::vector{At(-3'700'000), At(0)}), IsOk());
  ASSERT_TRUE(Eventually([&] { return !first_.requests().empty(); }));
  EXPECT_THAT(Received(first_), ElementsAre(0));
  EXPECT_TRUE(Eventually([&] { return Value("samples_dropped_total", "old", first_) == 1; }));
}

TEST_F(SampleWriterTest, RelabelsForEachClient) {
  Open("{a: " + Client(first_, ", write_relabel_configs: [{action: labeldrop, regex: x}]") +
       ", b: " +
       Client(second_,
              ", write_relabel_configs: [{action: drop, source_labels: [__name__], regex: m}]") +
       "}");
  ASSERT_THAT(writer_->Append("t", std::vector{At(0, "m"), At(1, "n")}), IsOk());
  ASSERT_TRUE(Eventually([&] { return !first_.requests().empty(); }));
  ASSERT_TRUE(Eventually([&] { return !second_.requests().empty(); }));
  EXPECT_EQ(ReadWriteRequest(first_.requests()[0].body)[0].labels.ToString(), "{__name__=\"m\"}");
  EXPECT_THAT(Received(second_), ElementsAre(1));
}

TEST_F(SampleWriterTest, DiscardsSamplesOfATenantWithoutReceivers) {
  Limits limits;
  limits.ruler_remote_write_disabled = true;
  Open("a: " + Client(first_), limits);
  ASSERT_THAT(writer_->Append("t", std::vector{At(0)}), IsOk());
  EXPECT_THAT(files_.List("/w"), HasCode(StatusCode::kNotFound));
  EXPECT_THAT(first_.requests(), IsEmpty());
}

TEST_F(SampleWriterTest, SendsATenantsSamplesToItsOwnReceiver) {
  Limits limits;
  limits.ruler_remote_write_config = ParseYaml("a: " + Client(second_)).value();
  Open("a: " + Client(first_), limits);
  ASSERT_THAT(writer_->Append("t", std::vector{At(0)}), IsOk());
  ASSERT_TRUE(Eventually([&] { return !second_.requests().empty(); }));
  EXPECT_THAT(first_.requests(), IsEmpty());
}

TEST_F(SampleWriterTest, KeepsSamplesWhileNoTokenIsToBeHad) {
  second_.Answer(net::TextResponse(401, "unknown client"));
  Open("a: " + Client(first_, ", oauth2: {client_id: me, token_url: '" + second_.url() + "/t'}"));
  ASSERT_THAT(writer_->Append("tokens", std::vector{At(0)}), IsOk());
  ASSERT_TRUE(Eventually([&] { return Value("samples_retried_total", "tokens", first_) >= 2; }));
  EXPECT_THAT(first_.requests(), IsEmpty());
  second_.Answer(net::MakeResponse(200, "application/json", R"({"access_token": "t0k"})"));
  ASSERT_TRUE(Eventually([&] { return !first_.requests().empty(); }));
  EXPECT_EQ(first_.requests()[0].headers.Get("Authorization"), "Bearer t0k");
  EXPECT_THAT(Received(first_), ElementsAre(0));
}

TEST_F(SampleWriterTest, CountsSeriesFromTheirBeginToTheirEnd) {
  Open("a: " + Client(first_));
  const auto series = [](const char* name) {
    return Metrics::GetGauge(std::string("loki_ruler_wal_storage_") + name, "",
                             {{"tenant", "counted"}});
  };
  ASSERT_THAT(writer_->Append("counted", std::vector{At(0, "m"), At(0, "n"), At(1, "m")}), IsOk());
  EXPECT_EQ(series("active_series").value(), 2);
  Sample end = At(2, "m");
  end.value = model::StaleMarker();
  ASSERT_THAT(writer_->Append("counted", std::vector{end}), IsOk());
  EXPECT_EQ(series("active_series").value(), 1);
  ASSERT_TRUE(Eventually([&] { return Received(first_).size() == 4; }));
  size_t ends = 0;  // Bit by bit, as they were given.
  for (const net::Request& request : first_.requests()) {
    for (const Sample& sample : ReadWriteRequest(request.body)) {
      ends += model::IsStaleMarker(sample.value) ? 1 : 0;
    }
  }
  EXPECT_EQ(ends, 1u);
}

TEST_F(SampleWriterTest, RefusesClientsThatAreWrong) {
  const StaticLimits limits{Limits()};
  const SampleWriter::Options options{
      .remote_write = {.enabled = true, .clients = ParseYaml("a: {}").value()}};
  EXPECT_THAT(SampleWriter::Open(options, limits, files_, clock_),
              HasCode(StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace skald::notify
