#include "notify/sample_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "common/metrics.h"
#include "support/faulty_file_system.h"
#include "support/matchers.h"

namespace skald::notify {
namespace {

using test::FaultyFileSystem;
using test::HasCode;
using test::IsOk;
using testing::ElementsAre;
using testing::IsEmpty;

double DamageCounted() {
  return Metrics::GetCounter("skald_ruler_queue_damages_total",
                             "Files of the queues of samples that a start has found damaged.")
      .value();
}

class SampleQueueTest : public testing::Test {
 protected:
  // Opens the queue, again if it was, for these clients.
  void Open(const std::vector<std::string>& clients) {
    queue_.reset();
    auto queue = SampleQueue::Open(options_, "/q", files_);
    ASSERT_THAT(queue, IsOk());
    queue_ = *std::move(queue);
    ASSERT_THAT(queue_->SetClients(clients), IsOk());
  }

  Status Append(int first, int count) {
    std::vector<Sample> samples;
    for (int i = first; i < first + count; ++i) {
      samples.push_back({.labels = {{"__name__", "m"}}, .time_ms = i});
    }
    return queue_->Append(samples);
  }

  // The times of what the client has not read; acknowledged if `acknowledge`.
  std::vector<int64_t> Drain(const std::string& client, bool acknowledge = true,
                             size_t batches = 1000) {
    std::vector<int64_t> times;
    while (batches-- > 0) {
      const auto batch = queue_->Read(client, 4);
      EXPECT_THAT(batch, IsOk());
      if (!batch.ok() || batch->begin == batch->end) break;
      for (const Sample& sample : batch->samples) times.push_back(sample.time_ms);
      if (!acknowledge) break;
      EXPECT_THAT(queue_->Acknowledge(client, *batch), IsOk());
    }
    return times;
  }

  std::vector<std::string> Segments() {
    std::vector<std::string> names = files_.List("/q").value();
    std::erase(names, "places");
    return names;
  }

  SampleQueue::Options options_{.frame_samples = 2};
  FaultyFileSystem files_;
  std::unique_ptr<SampleQueue> queue_;
};

TEST_F(SampleQueueTest, GivesEachClientAllSamplesInOrder) {
  Open({"a", "b"});
  ASSERT_THAT(Append(1, 5), IsOk());
  ASSERT_THAT(Append(6, 1), IsOk());
  EXPECT_EQ(queue_->Pending("a"), 6u);
  EXPECT_THAT(Drain("a"), ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_EQ(queue_->Pending("a"), 0u);
  EXPECT_THAT(Drain("b"), ElementsAre(1, 2, 3, 4, 5, 6));
}

TEST_F(SampleQueueTest, GivesTheSameAgainUntilItIsAcknowledged) {
  Open({"a"});
  ASSERT_THAT(Append(1, 4), IsOk());
  EXPECT_THAT(Drain("a", /*acknowledge=*/false), ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(Drain("a"), ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(Drain("a"), IsEmpty());
}

TEST_F(SampleQueueTest, GivesNoMoreThanAskedForUnlessOneFrameHasMore) {
  Open({"a"});
  ASSERT_THAT(Append(1, 6), IsOk());  // Frames of two.
  for (const auto& [count, got] : {std::pair(5, 4), {4, 4}, {3, 2}, {1, 2}}) {
    const auto batch = queue_->Read("a", count);
    ASSERT_THAT(batch, IsOk());
    EXPECT_EQ(batch->samples.size(), static_cast<size_t>(got)) << count;
  }
}

TEST_F(SampleQueueTest, GoesOnAfterARestartWhereEachClientWas) {
  Open({"a", "b"});
  ASSERT_THAT(Append(1, 6), IsOk());
  EXPECT_THAT(Drain("a", true, 1), ElementsAre(1, 2, 3, 4));
  Open({"a", "b"});
  EXPECT_EQ(queue_->Pending("a"), 2u);
  EXPECT_EQ(queue_->Pending("b"), 6u);
  ASSERT_THAT(Append(7, 1), IsOk());
  EXPECT_THAT(Drain("a"), ElementsAre(5, 6, 7));
  EXPECT_THAT(Drain("b"), ElementsAre(1, 2, 3, 4, 5, 6, 7));
}

TEST_F(SampleQueueTest, LosesNothingToAPowerFailure) {
  Open({"a"});
  ASSERT_THAT(Append(1, 3), IsOk());
  files_.Crash(/*torn_bytes=*/5);
  Open({"a"});
  EXPECT_THAT(Drain("a"), ElementsAre(1, 2, 3));
  files_.Crash();
  Open({"a"});
  EXPECT_THAT(Drain("a"), IsEmpty());
}

TEST_F(SampleQueueTest, LosesNothingToAPowerFailureAtAnyCall) {
  for (int calls = 0;; ++calls) {
    SCOPED_TRACE(calls);
    FaultyFileSystem files;
    std::vector<int64_t> taken;
    std::vector<int64_t> sent;
    const auto run = [&]() -> Status {
      SKALD_ASSIGN_OR_RETURN(const auto queue,
                             SampleQueue::Open({.segment_bytes = 100}, "/q", files));
      SKALD_RETURN_IF_ERROR(queue->SetClients({"a"}));
      for (int64_t i = 0; i < 4; ++i) {
        SKALD_RETURN_IF_ERROR(queue->Append(std::vector<Sample>{{.time_ms = i}}));
        taken.push_back(i);
        if (i != 1) continue;
        SKALD_ASSIGN_OR_RETURN(const auto batch, queue->Read("a", 10));
        for (const Sample& sample : batch.samples) sent.push_back(sample.time_ms);
        SKALD_RETURN_IF_ERROR(queue->Acknowledge("a", batch));
      }
      return {};
    };
    files.FailFromCall(calls);
    const Status status = run();
    files.Crash();
    files.ClearFaults();
    const auto queue = SampleQueue::Open({}, "/q", files);
    ASSERT_THAT(queue, IsOk());
    ASSERT_THAT((*queue)->SetClients({"a"}), IsOk());
    while (true) {
      const auto batch = (*queue)->Read("a", 10);
      ASSERT_THAT(batch, IsOk());
      if (batch->begin == batch->end) break;
      for (const Sample& sample : batch->samples) sent.push_back(sample.time_ms);
      ASSERT_THAT((*queue)->Acknowledge("a", *batch), IsOk());
    }
    for (const int64_t time : taken) EXPECT_THAT(sent, testing::Contains(time));
    if (status.ok()) break;
  }
}

TEST_F(SampleQueueTest, OpensOnAFullDiskForTheClientsOfBefore) {
  Open({"a"});
  ASSERT_THAT(Append(1, 2), IsOk());
  files_.SetCapacity(0);
  Open({"a"});
  EXPECT_THAT(Drain("a", /*acknowledge=*/false), ElementsAre(1, 2));
}

TEST_F(SampleQueueTest, StoresItsClientsOnceThereIsRoom) {
  Open({"a"});
  ASSERT_THAT(Append(1, 2), IsOk());
  files_.SetCapacity(0);
  EXPECT_THAT(queue_->SetClients({"a", "b"}), HasCode(StatusCode::kResourceExhausted));
  files_.SetCapacity(std::numeric_limits<uint64_t>::max());
  ASSERT_THAT(queue_->SetClients({"a", "b"}), IsOk());
  ASSERT_THAT(Append(3, 1), IsOk());
  Open({"a", "b"});
  EXPECT_THAT(Drain("b"), ElementsAre(3));
}

TEST_F(SampleQueueTest, StepsOverDamage) {
  Open({"a"});
  for (int i = 1; i <= 3; ++i) ASSERT_THAT(Append(i, 1), IsOk());
  const std::string path = "/q/" + Segments().at(0);
  const size_t size = files_.ReadAll(path).value().size();
  files_.FlipByte(path, 20 + (size - 20) / 2, 0x01);  // Of the second frame.
  const double counted = DamageCounted();
  Open({"a"});
  EXPECT_EQ(DamageCounted(), counted + 1);
  EXPECT_EQ(queue_->Pending("a"), 2u);
  EXPECT_THAT(Drain("a"), ElementsAre(1, 3));
}

TEST_F(SampleQueueTest, SendsAgainWhenThePlacesAreDamaged) {
  Open({"a"});
  ASSERT_THAT(Append(1, 2), IsOk());
  EXPECT_THAT(Drain("a"), ElementsAre(1, 2));
  files_.FlipByte("/q/places", 0, 0x04);
  const double counted = DamageCounted();
  Open({"a"});
  EXPECT_EQ(DamageCounted(), counted + 1);
  EXPECT_THAT(Drain("a"), ElementsAre(1, 2));
}

TEST_F(SampleQueueTest, BeginsWithWhatComesForANewClient) {
  Open({"a"});
  ASSERT_THAT(Append(1, 2), IsOk());
  ASSERT_THAT(queue_->SetClients({"a", "b"}), IsOk());
  ASSERT_THAT(Append(3, 1), IsOk());
  EXPECT_THAT(Drain("b"), ElementsAre(3));
  EXPECT_THAT(Drain("a"), ElementsAre(1, 2, 3));
}

TEST_F(SampleQueueTest, RemovesFilesThatEachClientHasRead) {
  options_.segment_bytes = 1;  // A file each time.
  Open({"a", "b"});
  for (int i = 1; i <= 4; ++i) ASSERT_THAT(Append(i, 1), IsOk());
  EXPECT_EQ(Segments().size(), 4u);
  EXPECT_THAT(Drain("a"), ElementsAre(1, 2, 3, 4));
  EXPECT_EQ(Segments().size(), 4u);
  EXPECT_THAT(Drain("b"), ElementsAre(1, 2, 3, 4));
  EXPECT_EQ(Segments().size(), 1u);
}

TEST_F(SampleQueueTest, DropsTheOldestFilesForWantOfSpace) {
  options_.segment_bytes = 1;
  options_.max_bytes = 200;
  Open({"a", "b"});
  ASSERT_THAT(Append(1, 2), IsOk());
  EXPECT_THAT(Drain("b"), ElementsAre(1, 2));
  for (int i = 3; i <= 9; ++i) ASSERT_THAT(Append(i, 1), IsOk());
  EXPECT_LE(queue_->bytes(), options_.max_bytes);
  const uint64_t dropped = queue_->TakeDropped("a");
  EXPECT_GT(dropped, 0u);
  EXPECT_EQ(queue_->TakeDropped("b"), dropped - 2);
  EXPECT_EQ(queue_->TakeDropped("a"), 0u);
  const std::vector<int64_t> left = Drain("a");
  EXPECT_EQ(left.size() + dropped, 9u);
  EXPECT_EQ(left.back(), 9);
}

TEST_F(SampleQueueTest, CountsOnceWhatIsDroppedWhileItIsSent) {
  options_.segment_bytes = 1;
  options_.max_bytes = 200;
  Open({"a"});
  ASSERT_THAT(Append(1, 2), IsOk());
  const auto under_way = queue_->Read("a", 2);
  ASSERT_THAT(under_way, IsOk());
  for (int i = 3; i <= 9; ++i) ASSERT_THAT(Append(i, 1), IsOk());
  const uint64_t pending = queue_->Pending("a");
  EXPECT_EQ(pending + queue_->TakeDropped("a"), 9u);
  ASSERT_THAT(queue_->Acknowledge("a", *under_way), IsOk());
  EXPECT_EQ(queue_->Pending("a"), pending);
  EXPECT_EQ(Drain("a").size(), pending);
}

TEST_F(SampleQueueTest, FailsOnAFullDiskAndRecovers) {
  Open({"a"});
  ASSERT_THAT(Append(1, 1), IsOk());
  files_.Inject({.op = FaultyFileSystem::Op::kAppend,
                 .code = StatusCode::kResourceExhausted,
                 .short_bytes = 7});
  EXPECT_THAT(Append(2, 1), HasCode(StatusCode::kResourceExhausted));
  ASSERT_THAT(Append(3, 1), IsOk());
  EXPECT_THAT(Drain("a"), ElementsAre(1, 3));
}

}  // namespace
}  // namespace skald::notify
