#include "ingester/tenant_streams.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "push_batches.h"
#include "support/expiring_clock.h"
#include "support/manual_clock.h"
#include "support/matchers.h"

namespace skald::ingester {
namespace {

using test::HasCode;
using test::IsOk;
using testing::ElementsAre;

class TenantStreamsTest : public testing::Test {
 protected:
  TenantStreamsTest() { options_.chunk_block_size = 100; }

  static model::Labels LabelsOf(const std::string& id) { return {{"app", "a"}, {"id", id}}; }

  // Gives the stream with this id an entry, and returns it.
  std::shared_ptr<Stream> Push(const std::string& id, int64_t time_ns, size_t line_bytes = 1) {
    return Push(streams_, LabelsOf(id), time_ns, line_bytes);
  }

  static std::shared_ptr<Stream> Push(TenantStreams& streams, const model::Labels& labels,
                                      int64_t time_ns, size_t line_bytes = 1) {
    const auto shared = std::make_shared<const model::Labels>(labels);
    const model::PushBatch batch = MakeBatch({{labels, {{time_ns, std::string(line_bytes, 'x')}}}});
    PushScratch scratch;
    const auto found = streams.GetOrMake(shared, labels.Hash(), {});
    EXPECT_THAT(found, IsOk());
    EXPECT_FALSE(
        found->stream->Push(batch, batch.streams[0], StreamLimits{.rate = 0}, scratch).removed);
    return found->stream;
  }

  // As a flush leaves it.
  static void Store(Stream& stream) {
    chunkstore::BlockSealer sealer{{}};
    stream.DropFlushed(stream.PartsToFlush(true, sealer).size());
  }

  std::vector<std::string> Ids(model::TimeRange range, Executor* workers = nullptr) {
    const auto ids = streams_.LabelValues("id", {}, range, CancelToken(), workers);
    EXPECT_THAT(ids, IsOk());
    return {ids->begin(), ids->end()};
  }

  IngesterOptions options_;
  test::ManualClock clock_;
  StreamContext context_{options_, clock_, nullptr};
  TenantStreams streams_{"tenant_streams_test", 4, context_};
};

TEST_F(TenantStreamsTest, ListsValuesOfStreamsWithEntriesInTheRange) {
  for (int i = 9; i >= 0; --i) Push(std::to_string(i / 2), i);
  const auto list = [&](std::string_view name, const model::Matchers& matchers,
                        model::TimeRange range) {
    const auto values = streams_.LabelValues(name, matchers, range, CancelToken());
    EXPECT_THAT(values, IsOk());
    return std::vector<std::string>(values->begin(), values->end());
  };
  const model::Matchers matchers = {*model::Matcher::Make(model::MatchOp::kRegex, "app", "a|b")};
  for (const auto& narrowed : {model::Matchers(), matchers}) {
    EXPECT_THAT(list("id", narrowed, model::TimeRange::All()),
                ElementsAre("0", "1", "2", "3", "4"));
    EXPECT_THAT(list("id", narrowed, {0, 2}), ElementsAre("0"));
    EXPECT_THAT(list("id", narrowed, {3, 6}), ElementsAre("1", "2"));
    EXPECT_THAT(list("app", narrowed, {9, 10}), ElementsAre("a"));
    EXPECT_THAT(list("app", narrowed, {10, 20}), ElementsAre());
    EXPECT_THAT(list("none", narrowed, model::TimeRange::All()), ElementsAre());
  }
}

TEST_F(TenantStreamsTest, KeepsAValueOnceThatManyMatchedStreamsHave) {
  for (int i = 0; i < 100; ++i) Push(std::to_string(i), i);
  const model::Matchers matchers = {*model::Matcher::Make(model::MatchOp::kEqual, "app", "a")};
  const auto values = streams_.LabelValues("app", matchers, model::TimeRange::All(), CancelToken());
  ASSERT_THAT(values, IsOk());
  EXPECT_THAT(*values, ElementsAre("a"));
  EXPECT_LE(values->text_bytes(), 4u);  // Once for each shard at most.
}

// The times of a stream that was removed are those of the stream that got its place.
TEST_F(TenantStreamsTest, ForgetsValuesOfStreamsThatAreGone) {
  const auto gone = Push("gone", 100);
  Store(*gone);
  EXPECT_THAT(Ids(model::TimeRange::All()), ElementsAre());
  streams_.RemoveIdle(clock_.MonotonicNs());
  for (int i = 0; i < 8; ++i) Push("new-" + std::to_string(i), 10);
  EXPECT_EQ(Ids({10, 11}).size(), 8u);
  EXPECT_THAT(Ids({100, 101}), ElementsAre());
}

TEST_F(TenantStreamsTest, FindsAndForgetsIdleStreamsHoweverManyThereAre) {
  // By shard: those that end early come before one that does not, and after it.
  std::vector<int> missing = {10, 2500, 0, 1300};
  for (int id = 0; std::ranges::any_of(missing, [](int count) { return count > 0; }); ++id) {
    int& of_shard = missing[LabelsOf(std::to_string(id)).Hash().value() % missing.size()];
    if (of_shard == 0) continue;
    const auto stream = Push(std::to_string(id), of_shard);
    // Only the largest shard has so many.
    if (of_shard-- != 1400) Store(*stream);
  }
  const StreamList all = streams_.All();
  EXPECT_EQ(std::set(all.begin(), all.end()).size(), 3810u);
  EXPECT_EQ(all.size(), 3810u);
  streams_.RemoveIdle(clock_.MonotonicNs());
  EXPECT_EQ(streams_.size(), 1u);
  EXPECT_EQ(streams_.Select({}, {1400, 1401}).size(), 1u);
  EXPECT_EQ(streams_.All().size(), 1u);
}

TEST_F(TenantStreamsTest, AStreamThatIsGoneLeavesItsTimesToAnother) {
  TenantStreams one_shard("tenant_streams_test", 1, context_);
  const auto gone = Push(one_shard, LabelsOf("gone"), 100);
  Store(*gone);
  one_shard.RemoveIdle(clock_.MonotonicNs());
  const auto next = Push(one_shard, LabelsOf("next"), 10);
  EXPECT_FALSE(gone->HasEntriesIn({10, 11}));
  gone->DropFlushedUpTo(1000);
  gone->DropFlushed(0);
  EXPECT_THAT(one_shard.Select({}, {10, 11}), ElementsAre(next));
  EXPECT_THAT(one_shard.Select({}, {100, 101}), ElementsAre());
}

// Parts at 1 to 3 and at 7 to 9.
TEST_F(TenantStreamsTest, SelectsStreamsWithEntriesInTheRange) {
  const auto stream = Push("a", 1, 40);
  for (const int64_t time_ns : {3, 7, 9}) Push("a", time_ns, 40);
  ASSERT_EQ(stream->Parts(model::TimeRange::All()).size(), 2u);
  const model::Matchers app = {*model::Matcher::Make(model::MatchOp::kEqual, "app", "a")};
  for (const auto& matchers : {model::Matchers(), app}) {
    EXPECT_THAT(streams_.Select(matchers, {4, 7}), ElementsAre());
    EXPECT_THAT(streams_.Select(matchers, {2, 3}), ElementsAre(stream));
    EXPECT_THAT(streams_.Select(matchers, {9, 20}), ElementsAre(stream));
    EXPECT_THAT(streams_.Select(matchers, {10, 20}), ElementsAre());
  }
  const model::Matchers none = {*model::Matcher::Make(model::MatchOp::kNotEqual, "app", "a")};
  EXPECT_THAT(streams_.Select(none, model::TimeRange::All()), ElementsAre());
}

// So many that other threads help.
TEST_F(TenantStreamsTest, ListsManyValuesInOrderWithTheHelpOfOtherThreads) {
  constexpr int kStreams = 60'000;
  Executor workers("work", 2);
  std::vector<std::string> all, late;
  for (int i = 0; i < kStreams; ++i) {
    all.push_back("pod-" + std::to_string(i % 977) + "-" + std::to_string(i));
    if (i % 3 == 0) late.push_back(all.back());
    Push(all.back(), i % 3 == 0 ? 20 : 10);
  }
  std::ranges::sort(all);
  std::ranges::sort(late);
  EXPECT_EQ(Ids(model::TimeRange::All(), &workers), all);
  EXPECT_EQ(Ids(model::TimeRange::All()), all);
  EXPECT_EQ(Ids({15, 25}, &workers), late);
  CancelToken cancelled;
  cancelled.Cancel();
  EXPECT_THAT(streams_.LabelValues("id", {}, model::TimeRange::All(), cancelled, &workers),
              HasCode(StatusCode::kCancelled));
}

// The order that is kept of values is of those that were there: others come, some are flushed, some
// go for good, and the same are in several shards.
TEST_F(TenantStreamsTest, ListsAgainWhatHasChangedSince) {
  constexpr int kStreams = 60'000;
  Executor workers("work", 2);
  std::set<std::string> ids;
  std::vector<std::shared_ptr<Stream>> streams;
  const auto add = [&](int begin, int end) {
    for (int i = begin; i < end; ++i) {
      const std::string id = std::to_string(i % 977) + "-" + std::to_string(i);
      ids.insert(id);
      streams.push_back(Push(id, 10));
      streams.push_back(Push(streams_, {{"app", "b"}, {"id", id}}, 10));
    }
  };
  const auto flush = [&](int every) {
    for (size_t i = 0; i < streams.size(); ++i) {
      if (streams[i] == nullptr || static_cast<int>(i / 2) % every != 0) continue;
      Store(*streams[i]);
      ids.erase(std::string(streams[i]->labels()->Get("id")));
      streams[i] = nullptr;
    }
  };
  const auto expect_all = [&] {
    const std::vector<std::string> expected(ids.begin(), ids.end());
    EXPECT_EQ(Ids(model::TimeRange::All(), &workers), expected);
    EXPECT_EQ(Ids(model::TimeRange::All()), expected);
  };
  add(0, kStreams);
  expect_all();
  EXPECT_TRUE(Ids({15, 25}).empty());
  add(kStreams, kStreams + 100);  // Few: they are sorted each time.
  expect_all();
  add(kStreams + 100, kStreams + 5'000);  // So many that the order is made anew.
  expect_all();
  Store(*streams[0]);  // Another has its id.
  expect_all();
  flush(3);
  expect_all();
  streams_.RemoveIdle(clock_.MonotonicNs());
  add(2 * kStreams, 2 * kStreams + 100);
  expect_all();
  flush(2);
  flush(5);
  streams_.RemoveIdle(clock_.MonotonicNs());  // Tables are packed: numbers are others,
  add(3 * kStreams, 3 * kStreams + 33'500);   // about as many as before.
  expect_all();
}

// Its texts are not copied, and the tables that they lie in are packed or gone by then.
TEST_F(TenantStreamsTest, AListOutlivesTheStreamsThatItIsOf) {
  constexpr int kStreams = 50'000;
  std::vector<std::shared_ptr<Stream>> streams;
  const auto push = [&](int i) { streams.push_back(Push(std::to_string(i), 10)); };
  for (int i = 0; i < kStreams; ++i) push(i);
  for (int i = 0; i < 3; ++i) Ids(model::TimeRange::All());  // In order from now on.
  for (int i = 0; i < 3; ++i) push(kStreams + i);  // Not in every shard is one that is not.
  const auto list = streams_.LabelValues("id", {}, model::TimeRange::All(), CancelToken());
  ASSERT_THAT(list, IsOk());
  for (const auto& stream : streams) Store(*stream);
  streams.clear();
  streams_.RemoveIdle(clock_.MonotonicNs());
  EXPECT_EQ(streams_.size(), 0u);
  EXPECT_EQ(list->size(), kStreams + 3u);
  EXPECT_TRUE(std::ranges::is_sorted(*list));
}

TEST_F(TenantStreamsTest, ForgetsTheOrderOfWhatIsNotListedAnyMore) {
  constexpr int kStreams = 50'000;
  for (int i = 0; i < kStreams; ++i) Push(std::to_string(i), 10);
  const int64_t before = context_.stream_bytes;
  Ids(model::TimeRange::All());
  EXPECT_EQ(context_.stream_bytes, before) << "for a single list none is made";
  for (int round = 0; round < 3; ++round) {
    EXPECT_EQ(Ids(model::TimeRange::All()).size(), static_cast<size_t>(kStreams));
    EXPECT_EQ(context_.stream_bytes, before + 12 * kStreams);
    streams_.RemoveIdle(clock_.MonotonicNs());
    EXPECT_EQ(context_.stream_bytes, before + 12 * kStreams);
  }
  streams_.RemoveIdle(clock_.MonotonicNs());
  EXPECT_EQ(context_.stream_bytes, before);
  EXPECT_EQ(Ids(model::TimeRange::All()).size(), static_cast<size_t>(kStreams));
}

TEST_F(TenantStreamsTest, MakesNoOrderOfValuesWhileManyCome) {
  int id = 0;
  const auto list_with = [&](int more) {
    for (int i = 0; i < more; ++i) Push(std::to_string(id++), 10);
    const int64_t before = context_.stream_bytes;
    EXPECT_EQ(Ids(model::TimeRange::All()).size(), static_cast<size_t>(id));
    return context_.stream_bytes - before;
  };
  EXPECT_EQ(list_with(50'000), 0);
  EXPECT_EQ(list_with(5'000), 0);
  EXPECT_EQ(list_with(5'000), 0);
  EXPECT_EQ(list_with(0), 12 * 60'000);
}

// Of so many streams that other threads help: by the value alone, by labels, and label sets.
TEST_F(TenantStreamsTest, ListsWhatMatchesOfManyStreams) {
  constexpr int kStreams = 60'000;
  Executor workers("work", 2);
  std::vector<std::string> odd;
  std::vector<model::Labels> odd_series;
  for (int i = 0; i < kStreams; ++i) {
    const std::string id = std::to_string(i);
    Push(id, i % 5 == 0 ? 20 : 10);
    if (i % 2 == 0 || i % 5 == 0) continue;
    odd.push_back(id);
    odd_series.push_back({{"app", "a"}, {"id", id}});
  }
  std::ranges::sort(odd);
  std::ranges::sort(odd_series);
  const auto by_id = *model::Matcher::Make(model::MatchOp::kRegex, "id", ".*[13579]");
  const auto by_app = *model::Matcher::Make(model::MatchOp::kEqual, "app", "a");
  const model::TimeRange range{5, 15};
  const auto not_even = *model::Matcher::Make(model::MatchOp::kNotRegex, "id", ".*[02468]");
  for (const model::Matchers& matchers :
       {model::Matchers{by_id}, model::Matchers{by_app, by_id}, model::Matchers{not_even},
        model::Matchers{by_app, not_even}}) {
    for (Executor* const helpers : {static_cast<Executor*>(nullptr), &workers}) {
      const auto values = streams_.LabelValues("id", matchers, range, CancelToken(), helpers);
      ASSERT_THAT(values, IsOk());
      EXPECT_EQ(std::vector<std::string>(values->begin(), values->end()), odd);
      const auto series = streams_.Series(matchers, range, CancelToken(), helpers);
      ASSERT_THAT(series, IsOk());
      EXPECT_EQ(std::vector<model::Labels>(series->begin(), series->end()), odd_series);
    }
  }
  const auto none = *model::Matcher::Make(model::MatchOp::kNotRegex, "id", ".*");
  EXPECT_THAT(*streams_.LabelValues("id", {none}, range, CancelToken()), ElementsAre());
  EXPECT_THAT(*streams_.Series({none}, range, CancelToken()), ElementsAre());
}

TEST_F(TenantStreamsTest, SeriesEndSoonAfterTheyAreCancelled) {
  TenantStreams one_shard("tenant_streams_test", 1, context_);
  for (int i = 0; i < 20'000; ++i) Push(one_shard, LabelsOf(std::to_string(i)), 10);
  const auto by_app = *model::Matcher::Make(model::MatchOp::kRegex, "app", "a+");
  for (const model::Matchers& matchers : {model::Matchers(), model::Matchers{by_app}}) {
    const auto list_until = [&](int looks) {
      const test::ExpiringClock clock(looks + 1);  // The first is to set the deadline.
      const CancelToken cancel = CancelToken::WithTimeout(clock, std::chrono::minutes(1));
      const auto series = one_shard.Series(matchers, model::TimeRange::All(), cancel);
      return std::pair(series.status().code(), clock.asked() - 1);
    };
    const auto [code, looks] = list_until(1'000'000);
    EXPECT_EQ(code, StatusCode::kOk);
    EXPECT_GE(looks, 20'000 / 4096 + 2);
    for (int look = 1; look <= looks; ++look) {
      EXPECT_EQ(list_until(look), std::pair(StatusCode::kDeadlineExceeded, look));
    }
  }
}

TEST_F(TenantStreamsTest, ListsAllThatWasPushedBefore) {
  constexpr int kStreams = 2000;
  std::atomic<int> pushed = 0;
  std::thread pusher([&] {
    for (int i = 0; i < kStreams; ++i) {
      Push(std::to_string(i), i);
      pushed = i + 1;
    }
  });
  for (int before = 0; before < kStreams;) {
    before = pushed;
    const std::vector<std::string> ids = Ids(model::TimeRange::All());
    EXPECT_EQ(std::ranges::adjacent_find(ids, std::ranges::greater_equal()), ids.end());
    for (int i = 0; i < before; ++i) {
      ASSERT_TRUE(std::ranges::binary_search(ids, std::to_string(i))) << i << " of " << before;
    }
  }
  pusher.join();
}

// Lists borrow texts of the index, which are copied together as others go.
TEST_F(TenantStreamsTest, ListsBesideStreamsThatGo) {
  const std::string name(100, 'n');
  for (int i = 0; i < 50; ++i) Push("stays " + std::to_string(i), i);
  std::atomic<bool> done = false;
  std::thread pusher([&] {
    for (int round = 0; round < 20; ++round) {
      for (int i = 0; i < 100; ++i) {
        const auto stream = Push(name + std::to_string(100 * round + i), i);
        Store(*stream);
      }
      streams_.RemoveIdle(clock_.MonotonicNs());
    }
    done = true;
  });
  while (!done) {
    const std::vector<std::string> ids = Ids(model::TimeRange::All());
    for (const std::string& id : ids) {
      ASSERT_TRUE(id.starts_with("stays ") || id.starts_with(name)) << id;
    }
    ASSERT_EQ(std::ranges::count_if(ids, [](const auto& id) { return id.starts_with("stays "); }),
              50);
  }
  pusher.join();
  EXPECT_EQ(streams_.size(), 50u);
}

// Entries come and older ones go, but never all of them.
TEST_F(TenantStreamsTest, ListsStreamsThatAreFlushedInPart) {
  const auto stream = Push("a", 1, 90);
  std::atomic<bool> done = false;
  std::atomic<int64_t> last = 1;
  std::thread flusher([&] {
    chunkstore::BlockSealer sealer{{}};
    for (int64_t time_ns = 2; time_ns < 3000; ++time_ns) {
      Push("a", time_ns, 90);
      last = time_ns;
      stream->DropFlushed(stream->PartsToFlush(false, sealer).size());
    }
    done = true;
  });
  while (!done) {
    ASSERT_THAT(Ids({1, 3000}), ElementsAre("a"));
    ASSERT_THAT(Ids({0, 1}), ElementsAre());
    ASSERT_THAT(Ids({last, 3000}), ElementsAre("a"));  // From above the first entry on.
  }
  flusher.join();
}

}  // namespace
}  // namespace skald::ingester
