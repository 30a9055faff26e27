#include "ingester/ingester.h"

#include <gmock/gmock.h>

#include <random>
#include <thread>

#include "common/quote.h"
#include "ingester_fixture.h"

namespace skald::ingester {
namespace {

using test::FaultyFileSystem;
using test::HasCode;
using test::IsOk;
using testing::ElementsAre;
using testing::EndsWith;
using testing::IsEmpty;

class IngesterTest : public IngesterFixture {
 protected:
  IngesterTest() { Open(); }
};

TEST_F(IngesterTest, FindsWhatWasPushedAtOnce) {
  const std::vector<TestEntry> entries = {{1, "one", {{"id", "1"}}}, {2, "two"}};
  auto outcome = Push({{kProdA, entries}, {kProdB, {{5, "other"}}}});
  ASSERT_THAT(outcome, IsOk());
  EXPECT_TRUE(outcome->refusals.empty());
  EXPECT_EQ(ReadAll()[kProdA.ToString()], entries);
  EXPECT_EQ(ReadAll()[kProdB.ToString()], (std::vector<TestEntry>{{5, "other"}}));
}

TEST_F(IngesterTest, OrdersEntriesOfAnyTimeOverManyParts) {
  std::mt19937 random(3);
  std::vector<TestEntry> pushed;
  for (int i = 0; i < 300; ++i) {
    pushed.push_back({static_cast<int64_t>(random() % 1000), "line " + std::to_string(i)});
    ASSERT_THAT(Push({{kProdA, {pushed.back()}}}), IsOk());
  }
  std::ranges::stable_sort(pushed, {}, &TestEntry::time_ns);
  EXPECT_EQ(ReadAll()[kProdA.ToString()], pushed);

  std::vector<TestEntry> part;
  std::ranges::copy_if(pushed, std::back_inserter(part), [](const auto& entry) {
    return entry.time_ns >= 200 && entry.time_ns < 700;
  });
  std::ranges::reverse(part);
  EXPECT_EQ(Read(Request({200, 700}, model::Direction::kBackward))[kProdA.ToString()], part);
}

TEST_F(IngesterTest, DropsAnEntryThatEqualsTheLast) {
  ASSERT_THAT(Push({{kProdA, {{1, "a"}, {1, "a"}, {1, "a", {{"id", "1"}}}}}}), IsOk());
  ASSERT_THAT(Push({{kProdA, {{1, "a", {{"id", "1"}}}}}}), IsOk());
  EXPECT_EQ(ReadAll()[kProdA.ToString()],
            (std::vector<TestEntry>{{1, "a"}, {1, "a", {{"id", "1"}}}}));
}

TEST_F(IngesterTest, ShowsARepeatedEntryOnceThoughItIsNotTheLast) {
  ASSERT_THAT(Push({{kProdA, {{1, "a"}, {2, "b"}}}}), IsOk());
  ASSERT_THAT(Push({{kProdA, {{1, "a"}, {2, "b"}}}}), IsOk());
  EXPECT_EQ(ReadAll()[kProdA.ToString()], (std::vector<TestEntry>{{1, "a"}, {2, "b"}}));
}

TEST_F(IngesterTest, LogsWhatItDropsAsFarAsAskedTo) {
  const auto log_of_repeating = [this] {
    Open();
    EXPECT_THAT(Push({{kProdA, {{1, "abc"}}}}), IsOk());
    testing::internal::CaptureStderr();
    EXPECT_THAT(Push({{kProdA, {{1, "abc"}, {1, "abc"}, {2, "d"}}}}), IsOk());
    return testing::internal::GetCapturedStderr();
  };
  EXPECT_THAT(log_of_repeating(), IsEmpty());
  limits_value_.operational.log_duplicate_metrics = true;
  EXPECT_THAT(log_of_repeating(), EndsWith("msg=\"duplicate entries dropped\" org_id=" +
                                           tenant_.value() + " entries=2 bytes=6\n"));
  limits_value_.operational.log_duplicate_metrics = false;
  limits_value_.operational.log_duplicate_stream_info = true;
  EXPECT_THAT(log_of_repeating(), EndsWith("org_id=" + tenant_.value() +
                                           " stream=" + GoQuote(kProdA.ToString()) + "\n"));
}

TEST_F(IngesterTest, SelectsByLabelsAndTime) {
  ASSERT_THAT(Push({{kProdA, {{10, "a"}}}, {kProdB, {{20, "b"}}}}), IsOk());
  model::ScanRequest request = Request(model::TimeRange::All(), model::Direction::kForward);
  request.matchers = {Equal("app", "b")};
  EXPECT_EQ(Read(request).size(), 1u);
  EXPECT_TRUE(Read(Request({11, 20}, model::Direction::kForward)).empty());
  EXPECT_EQ(Read(Request({11, 21}, model::Direction::kForward)).size(), 1u);
}

TEST_F(IngesterTest, AnswersForLabels) {
  ASSERT_THAT(Push({{kProdA, {{10, "a"}}}, {kProdB, {{20, "b"}}}}), IsOk());
  const model::TimeRange all = model::TimeRange::All();
  EXPECT_THAT(*ingester_->LabelNames({tenant_, {}, all}), ElementsAre("app", "env"));
  EXPECT_THAT(*ingester_->LabelNames({tenant_, {}, {30, 40}}), ElementsAre());
  EXPECT_THAT(*ingester_->LabelNames({tenant_, {Equal("app", "b")}, all}),
              ElementsAre("app", "env"));
  EXPECT_THAT(*ingester_->LabelValues({tenant_, {}, all}, "app"), ElementsAre("a", "b"));
  EXPECT_THAT(*ingester_->LabelValues({tenant_, {Equal("app", "b")}, all}, "app"),
              ElementsAre("b"));
  EXPECT_THAT(*ingester_->LabelValues({tenant_, {}, {0, 15}}, "app"), ElementsAre("a"));
  EXPECT_THAT(*ingester_->LabelValues({tenant_, {}, all}, "nope"), ElementsAre());
  EXPECT_THAT(*ingester_->Series({tenant_, {}, all}), ElementsAre(kProdA, kProdB));
  EXPECT_THAT(*ingester_->Series({model::TenantId("other"), {}, all}), ElementsAre());
}

TEST_F(IngesterTest, CountsWhatIsInARange) {
  ASSERT_THAT(Push({{kProdA, {{10, "aaa", {{"m", "x"}}}, {20, "bb", {{"m", "yy"}}}}},
                    {kProdB, {{20, "c"}}}}),
              IsOk());
  auto stats = ingester_->Stats({tenant_, {}, {0, 100}});
  ASSERT_THAT(stats, IsOk());
  EXPECT_EQ(stats->streams, 2u);
  EXPECT_EQ(stats->entries, 3u);
  EXPECT_EQ(stats->bytes, 6u);
  EXPECT_EQ(stats->metadata_volume, 2 * 8u + 1 + 1 + 2);
  stats = ingester_->Stats({tenant_, {}, {15, 100}});
  EXPECT_EQ(stats->entries, 2u);
  EXPECT_EQ(stats->bytes, 3u);
  EXPECT_EQ(stats->metadata_volume, 8u + 1 + 2);
}

TEST_F(IngesterTest, TellsWhatEachStreamHasInARange) {
  ASSERT_THAT(Push({{kProdB, {{20, "c"}}}, {kProdA, {{10, "aaa"}, {20, "bb"}}}}), IsOk());
  const auto sizes = ingester_->Sizes({tenant_, {}, {15, 100}});
  ASSERT_THAT(sizes, IsOk());
  ASSERT_EQ(sizes->size(), 2u);
  EXPECT_EQ(*(*sizes)[0].labels, kProdA);
  EXPECT_EQ((*sizes)[0].entries, 1u);
  EXPECT_EQ((*sizes)[0].bytes, 2u);
  EXPECT_TRUE(ingester_->Sizes({tenant_, {}, {30, 100}})->empty());
}

TEST_F(IngesterTest, TakesNothingInWhenTheDiskIsFull) {
  ASSERT_THAT(Push({{kProdA, {{1, "a"}}}}), IsOk());
  files_.Inject(
      {.op = FaultyFileSystem::Op::kReserve, .code = StatusCode::kResourceExhausted, .times = 1});
  EXPECT_THAT(Push({{kProdA, {{2, std::string(2000, 'x')}}}}), HasCode(StatusCode::kUnavailable));
  EXPECT_EQ(ReadAll()[kProdA.ToString()].size(), 1u);
  EXPECT_THAT(Push({{kProdA, {{2, std::string(2000, 'x')}}}}), IsOk());
}

TEST_F(IngesterTest, LogsARepetitionOfWhatCouldNotBeLogged) {
  ASSERT_THAT(Push({{kProdA, {{1, "a"}}}}), IsOk());
  files_.Inject({.op = FaultyFileSystem::Op::kSync});
  EXPECT_THAT(Push({{kProdA, {{2, "b"}}}}), HasCode(StatusCode::kUnavailable));
  EXPECT_THAT(Push({{kProdA, {{2, "b"}}}}), IsOk());
  EXPECT_EQ(ReadAll()[kProdA.ToString()], (std::vector<TestEntry>{{1, "a"}, {2, "b"}}));
  CrashAndOpen();
  EXPECT_EQ(ReadAll()[kProdA.ToString()], (std::vector<TestEntry>{{1, "a"}, {2, "b"}}));
}

TEST_F(IngesterTest, WaitsForTheLogOfTheEntryThatItRepeats) {
  ASSERT_THAT(Push({{kProdA, {{1, "a"}}}}), IsOk());
  const int syncs = files_.calls(FaultyFileSystem::Op::kSync);
  ASSERT_THAT(Push({{kProdA, {{1, "a"}}}}), IsOk());
  EXPECT_EQ(files_.calls(FaultyFileSystem::Op::kSync), syncs);
}

TEST_F(IngesterTest, RefusesPushesWhenTheStoreDoesNotKeepUp) {
  options_.memory_bytes = 1000;
  Open();
  ASSERT_THAT(Push({{kProdA, {{1, std::string(3000, 'x')}}}}), IsOk());
  EXPECT_THAT(Push({{kProdA, {{2, "a"}}}}), HasCode(StatusCode::kUnavailable));
  ASSERT_THAT(ingester_->FlushDue(), IsOk());
  EXPECT_THAT(Push({{kProdA, {{2, "a"}}}}), IsOk());
}

TEST_F(IngesterTest, RefusesPushesAfterStop) {
  ASSERT_THAT(Push({{kProdA, {{1, "a"}}}}), IsOk());
  ASSERT_THAT(ingester_->Stop(), IsOk());
  EXPECT_THAT(Push({{kProdA, {{2, "a"}}}}), HasCode(StatusCode::kUnavailable));
  EXPECT_EQ(sink_.stores(), 0);
}

TEST_F(IngesterTest, FlushesAtTheEndIfToldTo) {
  options_.wal.flush_on_shutdown = true;
  Open();
  ASSERT_THAT(Push({{kProdA, {{1, "a"}}}}), IsOk());
  ASSERT_THAT(ingester_->Stop(), IsOk());
  EXPECT_EQ(sink_.Entries()[kProdA.ToString()].size(), 1u);
}

TEST_F(IngesterTest, FlushesAtTheEndIfThereIsNoLog) {
  options_.wal.enabled = false;
  Open();
  ASSERT_THAT(Push({{kProdA, {{1, "a"}}}}), IsOk());
  ASSERT_THAT(ingester_->Stop(), IsOk());
  EXPECT_EQ(sink_.Entries()[kProdA.ToString()].size(), 1u);
  Open();
  ASSERT_THAT(Push({{kProdA, {{2, "b"}}}}), IsOk());
  ASSERT_THAT(ingester_->Stop(), IsOk());
  EXPECT_EQ(sink_.Entries()[kProdA.ToString()].size(), 2u);
}

// To compress full blocks is none of its client's time.
TEST_F(IngesterTest, APushDoesNotWaitForCompression) {
  std::promise<void> release;
  background_.Submit([until = release.get_future().share()] { until.wait(); });
  std::vector<TestEntry> entries;
  for (int i = 0; i < 20; ++i) {
    entries.push_back({i, std::string(300, 'x')});
    ASSERT_THAT(Push({{kProdA, {entries.back()}}}), IsOk());
  }
  EXPECT_EQ(ReadAll()[kProdA.ToString()], entries) << "what waits to be compressed";
  const auto compressed_lines = [&]() -> uint64_t {
    model::ScanRequest request = Request(model::TimeRange::All(), model::Direction::kForward);
    request.tenant = tenant_;
    model::ScanContext context;
    const auto scans = ingester_->Select(request, context);
    for (const auto& scan : *scans) {
      const auto source = scan->Open();
      for (auto batch = source->Next(); batch.ok() && *batch != nullptr;) batch = source->Next();
    }
    return context.stats.decompressed_lines;
  };
  EXPECT_EQ(compressed_lines(), 0u) << "nothing is compressed yet";
  release.set_value();
  WaitForCompression();
  EXPECT_GT(compressed_lines(), 10u);
  EXPECT_EQ(ReadAll()[kProdA.ToString()], entries);
}

TEST_F(IngesterTest, TakesPushesFlushesAndQueriesAtOnce) {
  options_.memory_bytes = 20'000;
  Open();
  constexpr int kWriters = 3;
  constexpr int kPushes = 150;
  std::vector<std::thread> threads;
  for (int w = 0; w < kWriters; ++w) {
    threads.emplace_back([this, w] {
      for (int i = 0; i < kPushes; ++i) {
        const model::Labels own = {{"writer", std::to_string(w)}};
        const std::string line = std::to_string(w) + "/" + std::to_string(i) + " some text";
        while (!Push({{own, {{i, line}}}, {kProdA, {{i, line}}}}).ok()) {
          ASSERT_THAT(ingester_->FlushDue(), IsOk());
        }
      }
    });
  }
  threads.emplace_back([this] {
    for (int i = 0; i < 40; ++i) {
      ASSERT_THAT(i % 2 == 0 ? ingester_->Flush() : ingester_->FlushDue(), IsOk());
      ReadAll();
    }
  });
  for (std::thread& thread : threads) thread.join();
  const EntriesByStream all = Union();
  EXPECT_EQ(all.at(kProdA.ToString()).size(), static_cast<size_t>(kWriters * kPushes));
  for (const auto& [labels, entries] : all) {
    EXPECT_EQ(std::ranges::adjacent_find(entries), entries.end()) << labels;
  }
  CrashAndOpen();
  EXPECT_EQ(Union(), all);
}

}  // namespace
}  // namespace skald::ingester
