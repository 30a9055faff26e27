#include "ingester/flusher.h"

#include "ingester_fixture.h"

namespace skald::ingester {
namespace {

using test::HasCode;
using test::IsOk;

class FlusherTest : public IngesterFixture {
 protected:
  FlusherTest() { Open(); }

  size_t StoredOf(const model::Labels& labels) { return sink_.Entries()[labels.ToString()].size(); }

  // About `bytes` of memory that lz4 can't shrink much.
  TestEntry Noise(int64_t time, size_t bytes) {
    std::string line;
    while (line.size() < bytes) {
      seed_ = seed_ * 6364136223846793005u + 1442695040888963407u;
      line.push_back(static_cast<char>('!' + (seed_ >> 33) % 90));
    }
    return {time, line};
  }

  uint64_t seed_ = 1;
};

TEST_F(FlusherTest, LeavesFreshEntriesInMemory) {
  ASSERT_THAT(Push({{kA, {{1, "a"}}}}), IsOk());
  ASSERT_THAT(ingester_->FlushDue(), IsOk());
  EXPECT_EQ(sink_.stores(), 0);
}

TEST_F(FlusherTest, FlushesIdleStreams) {
  ASSERT_THAT(Push({{kA, {{1, "a"}}}}), IsOk());
  clock_.Advance(options_.chunk_idle_period / 2);
  ASSERT_THAT(Push({{kB, {{1, "b"}}}}), IsOk());
  clock_.Advance(options_.chunk_idle_period / 2);
  ASSERT_THAT(ingester_->FlushDue(), IsOk());
  EXPECT_EQ(StoredOf(kA), 1u);
  EXPECT_EQ(StoredOf(kB), 0u);
}

TEST_F(FlusherTest, FlushesOldEntriesOfBusyStreams) {
  for (int i = 0; i < 9; ++i) {
    ASSERT_THAT(Push({{kA, {{i, "a"}}}}), IsOk());
    clock_.Advance(options_.max_chunk_age / 8);
  }
  ASSERT_THAT(ingester_->FlushDue(), IsOk());
  EXPECT_EQ(StoredOf(kA), 9u);
}

TEST_F(FlusherTest, PutsManyStreamsIntoOneWrite) {
  for (int i = 0; i < 50; ++i) {
    ASSERT_THAT(Push({{{{"stream", std::to_string(i)}}, {{1, "a"}}}}), IsOk());
  }
  ASSERT_THAT(ingester_->Flush(), IsOk());
  EXPECT_EQ(sink_.stores(), 1);
  EXPECT_EQ(sink_.chunks(), 50u);
}

TEST_F(FlusherTest, PutsSoManyTinyStreamsIntoAPackAsMemoryAllows) {
  options_.pack_bytes = 64 << 10;
  Open();
  for (int i = 0; i < 50; ++i) {
    ASSERT_THAT(Push({{{{"stream", std::to_string(i)}}, {{1, "a"}}}}), IsOk());
  }
  ASSERT_THAT(ingester_->Flush(), IsOk());
  EXPECT_GE(sink_.stores(), 3);
  EXPECT_EQ(sink_.chunks(), 50u);
}

TEST_F(FlusherTest, KeepsFullChunksUntilTheyMakeAPack) {
  options_.chunk_target_size = 1000;
  options_.pack_bytes = 5000;
  Open();
  int64_t time = 0;
  while (time < 5) ASSERT_THAT(Push({{kA, {Noise(++time, 390)}}}), IsOk());
  ASSERT_THAT(ingester_->FlushDue(), IsOk());
  EXPECT_EQ(sink_.stores(), 0);
  while (time < 40) ASSERT_THAT(Push({{kA, {Noise(++time, 390)}}}), IsOk());
  ASSERT_THAT(ingester_->FlushDue(), IsOk());
  EXPECT_EQ(sink_.stores(), 1);
  EXPECT_EQ(StoredOf(kA), 39u);  // The head stays.
  EXPECT_GT(sink_.chunks(), 10u);
}

TEST_F(FlusherTest, FlushesTheLargestStreamsToGetBelowTheBudget) {
  options_.memory_bytes = 40'000;
  options_.pack_bytes = 4000;
  Open();
  for (int i = 0; i < 40; ++i) ASSERT_THAT(Push({{kA, {Noise(i, 390)}}}), IsOk());
  for (int i = 0; i < 20; ++i) ASSERT_THAT(Push({{kB, {Noise(i, 390)}}}), IsOk());
  WaitForCompression();
  ASSERT_THAT(ingester_->FlushDue(), IsOk());
  EXPECT_EQ(StoredOf(kA), 39u);
  EXPECT_EQ(StoredOf(kB), 0u);
}

TEST_F(FlusherTest, FlushesHeadsWhenTheyAreWhatFillsTheMemory) {
  options_.memory_bytes = 12'000;  // Half of it for the streams.
  options_.pack_bytes = 6000;
  Open();
  for (int i = 0; i < 20; ++i) {
    ASSERT_THAT(Push({{{{"stream", std::to_string(i)}}, {Noise(i, 300)}}}), IsOk());
  }
  ASSERT_THAT(ingester_->FlushDue(), IsOk());
  EXPECT_EQ(sink_.chunks(), 20u);
}

TEST_F(FlusherTest, FlushesEntriesForWhatStreamsTakeButKeepsHalfOfTheBudget) {
  options_.memory_bytes = 200'000;
  options_.pack_bytes = 4000;
  Open();
  for (int i = 0; i < 150; ++i) ASSERT_THAT(Push({{kA, {Noise(i, 390)}}}), IsOk());
  WaitForCompression();
  ASSERT_THAT(ingester_->FlushDue(), IsOk());
  EXPECT_EQ(StoredOf(kA), 0u);
  const auto push_streams = [this](int begin, int end) {
    for (int i = begin; i < end; ++i) {
      ASSERT_THAT(Push({{{{"stream", std::to_string(i)}}, {{1, "a"}}}}), IsOk());
    }
  };
  push_streams(0, 500);  // Of some 450 bytes each.
  ASSERT_THAT(ingester_->FlushDue(), IsOk());
  EXPECT_EQ(StoredOf(kA), 149u);
  const size_t chunks = sink_.chunks();
  push_streams(500, 900);
  ASSERT_THAT(ingester_->FlushDue(), IsOk());
  EXPECT_EQ(sink_.chunks(), chunks);
}

TEST_F(FlusherTest, FlushesStreamsThatKeepTheLogLong) {
  options_.wal.max_bytes = 10'000;
  Open();
  ASSERT_THAT(Push({{kA, {{1, "rare"}}}}), IsOk());
  for (int i = 0; i < 60; ++i) ASSERT_THAT(Push({{kB, {Noise(i, 390)}}}), IsOk());
  ASSERT_THAT(ingester_->FlushDue(), IsOk());
  EXPECT_EQ(StoredOf(kA), 1u);
  uint64_t bytes = 0;
  const auto names = files_.List("wal");
  for (const std::string& name : *names) {
    bytes += files_.ReadAll(JoinPath("wal", name))->size();
  }
  EXPECT_LT(bytes, options_.wal.max_bytes + options_.wal.segment_bytes);
  CrashAndOpen();
  EXPECT_EQ(Union()[kB.ToString()].size(), 60u);
}

TEST_F(FlusherTest, RemovesSegmentsWhoseEntriesAreStored) {
  for (int i = 0; i < 60; ++i) ASSERT_THAT(Push({{kA, {Noise(i, 390)}}}), IsOk());
  EXPECT_GT(files_.List("wal")->size(), 3u);
  ASSERT_THAT(ingester_->Flush(), IsOk());
  EXPECT_EQ(files_.List("wal")->size(), 1u);
}

TEST_F(FlusherTest, LeavesNothingInTheLogThatWasPushedBeforeIfTold) {
  const auto in_log = [&](const std::string& text) {
    const auto names = files_.List("wal");
    return std::ranges::any_of(*names, [&](const std::string& name) {
      return files_.ReadAll(JoinPath("wal", name))->find(text) != std::string::npos;
    });
  };
  const TestEntry noise = Noise(1, 100);
  const std::string& secret = noise.line;
  ASSERT_THAT(Push({{kA, {noise}}, {kB, {Noise(2, 100)}}}), IsOk());
  ASSERT_THAT(ingester_->Flush(), IsOk());
  EXPECT_TRUE(in_log(secret));
  ASSERT_THAT(ingester_->FlushOffLog(), IsOk());
  EXPECT_FALSE(in_log(secret));
  ASSERT_THAT(ingester_->FlushOffLog(), IsOk()) << "with nothing in the log";
  ASSERT_THAT(Push({{kA, {Noise(3, 100)}}}), IsOk());
  CrashAndOpen();
  EXPECT_EQ(Union()[kA.ToString()].size(), 2u);
}

TEST_F(FlusherTest, TellsWhenTheLogCouldNotBeRemovedAndTriesAgain) {
  ASSERT_THAT(Push({{kA, {Noise(1, 100)}}}), IsOk());
  files_.Inject({.op = test::FaultyFileSystem::Op::kRemove, .path_contains = "wal"});
  EXPECT_THAT(ingester_->FlushOffLog(), HasCode(StatusCode::kUnavailable));
  ASSERT_THAT(ingester_->FlushOffLog(), IsOk());
  EXPECT_EQ(files_.List("wal")->size(), 1u);
}

TEST_F(FlusherTest, ForgetsStreamsThatStayEmpty) {
  ASSERT_THAT(Push({{kA, {{1, "a"}}}}), IsOk());
  ASSERT_THAT(ingester_->Flush(), IsOk());
  limits_value_.max_global_streams_per_user = 1;
  clock_.Advance(options_.chunk_idle_period);
  ASSERT_THAT(ingester_->FlushDue(), IsOk());
  ASSERT_THAT(Push({{kB, {{1, "b"}}}}), IsOk());
  ASSERT_THAT(Push({{kA, {{2, "a"}}}}), IsOk());
  EXPECT_EQ(Union()[kA.ToString()].size(), 2u);
}

TEST_F(FlusherTest, KeepsEntriesWhoseFlushFailsAndTriesAgainLater) {
  ASSERT_THAT(Push({{kA, {{1, "a"}}}}), IsOk());
  clock_.Advance(options_.chunk_idle_period);
  sink_.before_store = [] { return Unavailable("no store today"); };
  EXPECT_THAT(ingester_->FlushDue(), HasCode(StatusCode::kUnavailable));
  EXPECT_EQ(ReadAll()[kA.ToString()].size(), 1u);
  sink_.before_store = nullptr;
  ASSERT_THAT(ingester_->FlushDue(), IsOk());
  EXPECT_EQ(sink_.stores(), 0);
  clock_.Advance(options_.flush_backoff_min);
  ASSERT_THAT(ingester_->FlushDue(), IsOk());
  EXPECT_EQ(StoredOf(kA), 1u);
  EXPECT_TRUE(ReadAll().empty());
}

TEST_F(FlusherTest, FlushesOnlyWhatMatches) {
  ASSERT_THAT(Push({{kA, {{1, "a"}}}, {kB, {{1, "b"}}}}), IsOk());
  ASSERT_THAT(
      ingester_->Flush(tenant_, {*model::Matcher::Make(model::MatchOp::kEqual, "app", "b")}),
      IsOk());
  EXPECT_EQ(StoredOf(kA), 0u);
  EXPECT_EQ(StoredOf(kB), 1u);
  EXPECT_THAT(ingester_->Flush(model::TenantId("nobody"), {}), IsOk());
}

}  // namespace
}  // namespace skald::ingester
