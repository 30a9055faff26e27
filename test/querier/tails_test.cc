#include "querier/tails.h"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "common/executor.h"
#include "common/limits.h"
#include "common/mutex.h"
#include "logql/parser.h"
#include "querier/fake_stream_source.h"
#include "querier/hidden_before.h"
#include "support/fake_ingester.h"
#include "support/manual_clock.h"
#include "support/matchers.h"

namespace skald::querier {
namespace {

using model::Labels;
using std::chrono::milliseconds;
using std::chrono::seconds;
using test::HasMessage;
using testing::HasSubstr;

using Lines = std::vector<std::string>;

// What a feed is given, and who reads it.
struct Followed {
  Mutex mutex;
  rpc::TailRequest request SKALD_GUARDED_BY(mutex);
  rpc::TailFeed::Taken waiting SKALD_GUARDED_BY(mutex);
};

// Feeds that are given what tests say; keeps the last of them.
class FollowedIngester final : public test::FakeIngester {
 public:
  Result<std::unique_ptr<rpc::TailFeed>> Tail(rpc::TailRequest request) override {
    auto followed = std::make_shared<Followed>();
    {
      MutexLock lock(followed->mutex);
      followed->request = std::move(request);
    }
    MutexLock lock(mutex_);
    last_ = followed;
    return std::unique_ptr<rpc::TailFeed>(std::make_unique<Feed>(std::move(followed)));
  }

  void Give(rpc::TailFeed::Taken what) {
    std::function<void()> ready;
    {
      MutexLock lock(mutex_);
      MutexLock feed_lock(last_->mutex);
      rpc::TailFeed::Taken& waiting = last_->waiting;
      waiting.batches.insert(waiting.batches.end(), what.batches.begin(), what.batches.end());
      waiting.streams = what.streams;
      waiting.ended = what.ended;
      ready = last_->request.ready;
    }
    ready();
  }
  void GiveLine(int64_t time_ns, std::string_view line) {
    model::EntryBlockBuilder builder;
    builder.Append(time_ns, 1, line, {});
    auto batch = std::make_shared<model::LogBatch>();
    batch->stream = std::make_shared<const Labels>(Labels{{"app", "a"}});
    batch->block = std::make_shared<const model::EntryBlock>(builder.Finish());
    batch->selection = {0};
    rpc::TailFeed::Taken taken;
    taken.batches.push_back(std::move(batch));
    taken.streams = 1;
    Give(std::move(taken));
  }

 private:
  class Feed final : public rpc::TailFeed {
   public:
    explicit Feed(std::shared_ptr<Followed> followed) : followed_(std::move(followed)) {}
    Taken Take() override {
      MutexLock lock(followed_->mutex);
      return std::exchange(followed_->waiting, {});
    }

   private:
    const std::shared_ptr<Followed> followed_;
  };

  Mutex mutex_;
  std::shared_ptr<Followed> last_ SKALD_GUARDED_BY(mutex_);
};

class RecordingClient final : public TailClient {
 public:
  void Send(TailFrame frame) override {
    MutexLock lock(mutex_);
    frames_.push_back(std::move(frame));
    changed_.NotifyAll();
  }
  void Close(const Status& status) override {
    MutexLock lock(mutex_);
    closed_ = true;
    status_ = status;
    changed_.NotifyAll();
  }

  // All lines, once `count` frames have come.
  Lines WaitForFrames(size_t count) {
    MutexLock lock(mutex_);
    while (frames_.size() < count) changed_.Wait(mutex_);
    Lines lines;
    for (const TailFrame& frame : frames_) {
      for (const model::ResultStream& stream : frame.streams) {
        for (const model::ResultEntry& entry : stream.entries) lines.push_back(entry.line);
      }
    }
    return lines;
  }
  Status WaitForClose() {
    MutexLock lock(mutex_);
    while (!closed_) changed_.Wait(mutex_);
    return status_;
  }

 private:
  Mutex mutex_;
  CondVar changed_;
  std::vector<TailFrame> frames_ SKALD_GUARDED_BY(mutex_);
  bool closed_ SKALD_GUARDED_BY(mutex_) = false;
  Status status_ SKALD_GUARDED_BY(mutex_);
};

class TailsTest : public testing::Test {
 protected:
  TailsTest() {
    Limits limits;
    limits.max_concurrent_tail_requests = 2;
    limits_ = std::make_unique<StaticLimits>(limits);
    source_.Add("t", Labels{{"app", "a"}}, {clock_.NowNs() - 2, clock_.NowNs() - 1});
    querier_ = std::make_unique<Querier>(source_, *limits_, past_, clock_);
    tails_ = std::make_unique<Tails>(
        Tails::Options{.max_duration = seconds(60), .tick = milliseconds(1)},
        TailParts{.querier = *querier_,
                  .ingesters = [this] { return std::vector<rpc::IngesterClient*>{&ingester_}; },
                  .clock = clock_,
                  .live = live_,
                  .past = past_,
                  .hidden = {&hidden_, &expired_}},
        *limits_);
  }

  std::shared_ptr<Tail> Start(const std::shared_ptr<RecordingClient>& client,
                              const std::string& text = R"({app="a"} != "noise")") {
    TailOptions options;
    options.query.tenants = {model::TenantId("t")};
    options.query.text = text;
    options.query.start_ns = clock_.NowNs() - 1000;
    options.query.end_ns = clock_.NowNs() + 1000;
    options.query.has_time_range = true;
    options.expr = *logql::Parse(text);
    return tails_->Start(std::move(options), client);
  }

  test::ManualClock clock_;
  std::unique_ptr<StaticLimits> limits_;
  test::FakeStreamSource source_;
  FollowedIngester ingester_;
  test::HiddenBefore hidden_{"t", "a"};
  test::HiddenBefore expired_{"t", "a"};
  Executor live_{"live", 1};
  Executor past_{"past", 2};
  std::unique_ptr<Querier> querier_;
  std::unique_ptr<Tails> tails_;
};

TEST_F(TailsTest, SendsThePastAndThenWhatIsPushed) {
  const auto client = std::make_shared<RecordingClient>();
  const auto tail = Start(client);
  EXPECT_EQ(client->WaitForFrames(1), (Lines{"line", "line"}));
  ingester_.GiveLine(5, "noise");
  ingester_.GiveLine(6, "news");
  EXPECT_EQ(client->WaitForFrames(2), (Lines{"line", "line", "news"}));
}

TEST_F(TailsTest, WhatIsHiddenIsNotSentFromTheMomentOfTheRequest) {
  const auto client = std::make_shared<RecordingClient>();
  const auto tail = Start(client);
  client->WaitForFrames(1);
  ingester_.GiveLine(5, "before the request");
  client->WaitForFrames(2);
  hidden_.HideBefore(8);
  ingester_.GiveLine(6, "hidden");
  ingester_.GiveLine(9, "news");
  tail->OnSent();
  EXPECT_EQ(client->WaitForFrames(3), (Lines{"line", "line", "before the request", "news"}));
}

TEST_F(TailsTest, WhatAnySourceHidesIsNotSent) {
  const auto client = std::make_shared<RecordingClient>();
  const auto tail = Start(client);
  client->WaitForFrames(1);
  hidden_.HideBefore(6);
  expired_.HideBefore(8);
  ingester_.GiveLine(5, "hidden and expired");
  ingester_.GiveLine(7, "expired");
  ingester_.GiveLine(8, "news");
  EXPECT_EQ(client->WaitForFrames(2), (Lines{"line", "line", "news"}));
}

TEST_F(TailsTest, ASlowClientsFramesAreCollected) {
  const auto client = std::make_shared<RecordingClient>();
  const auto tail = Start(client);
  client->WaitForFrames(1);
  ingester_.GiveLine(6, "1");
  client->WaitForFrames(2);  // Neither has been sent yet.
  ingester_.GiveLine(7, "2");
  ingester_.GiveLine(8, "3");
  tail->OnSent();
  const Lines lines = client->WaitForFrames(3);
  EXPECT_EQ(lines[3], "2");
}

TEST_F(TailsTest, TooManyOfATenantAreRefused) {
  const auto clients =
      std::vector{std::make_shared<RecordingClient>(), std::make_shared<RecordingClient>(),
                  std::make_shared<RecordingClient>()};
  for (const auto& client : clients) Start(client);
  EXPECT_THAT(clients[2]->WaitForClose(),
              HasMessage("max concurrent tail requests limit exceeded, count > limit (3 > 2)"));
}

TEST_F(TailsTest, AMetricQueryIsRefused) {
  const auto client = std::make_shared<RecordingClient>();
  Start(client, R"(rate({app="a"}[1m]))");
  EXPECT_THAT(client->WaitForClose(), HasMessage(HasSubstr("only log queries")));
}

TEST_F(TailsTest, ReadsAQueryBeforeItBegins) {
  const auto read = [&](const std::string& text) {
    TailOptions options;
    options.query.tenants = {model::TenantId("t")};
    options.query.text = text;
    return tails_->Read(options);
  };
  EXPECT_TRUE(read(R"({app="a"} | json x="y" | line_format "{{.x}}")").ok());
  EXPECT_TRUE(read(R"(rate({app="a"}[1m]))").ok());  // The client is told.
  EXPECT_THAT(read(R"({app="a")"), HasMessage(HasSubstr("parse error at line 1")));
  EXPECT_THAT(read(R"({app="a"} | json x="[")"), HasMessage(HasSubstr("parse error : stage")));
  EXPECT_THAT(read(R"({app="a"} | limit 3)"), HasMessage(HasSubstr("parse error : stage")));
}

TEST_F(TailsTest, AnErrorOfTheStoreIsTold) {
  source_.FailWith(DataLoss("chunk 7 is damaged"));
  const auto client = std::make_shared<RecordingClient>();
  Start(client);
  EXPECT_THAT(client->WaitForClose(), HasMessage(HasSubstr("chunk 7 is damaged")));
}

TEST_F(TailsTest, ATailEndsAfterItsTime) {
  const auto client = std::make_shared<RecordingClient>();
  Start(client);
  client->WaitForFrames(1);
  clock_.Advance(seconds(61));
  EXPECT_THAT(client->WaitForClose(), HasMessage("reached tail max duration limit"));
}

TEST_F(TailsTest, ATailEndsWithItsIngesters) {
  const auto client = std::make_shared<RecordingClient>();
  Start(client);
  client->WaitForFrames(1);
  rpc::TailFeed::Taken ended;
  ended.ended = true;
  ingester_.Give(std::move(ended));
  EXPECT_THAT(client->WaitForClose(), HasMessage("all ingesters closed the connection"));
}

TEST_F(TailsTest, OneThatHasEndedMakesRoomForAnother) {
  for (int i = 0; i < 20; ++i) {
    const auto client = std::make_shared<RecordingClient>();
    const auto tail = Start(client);
    client->WaitForFrames(1);
    tail->End();
    while (client.use_count() > 1) {  // The tail lets go of it last.
      std::this_thread::yield();
    }
  }
}

TEST_F(TailsTest, AStopWaitsForAll) {
  const auto client = std::make_shared<RecordingClient>();
  Start(client);
  tails_->Stop();
  EXPECT_EQ(client.use_count(), 1);
}

}  // namespace
}  // namespace skald::querier
