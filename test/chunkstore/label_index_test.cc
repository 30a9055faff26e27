#include "chunkstore/index/label_index.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "chunkstore/index_fixture.h"
#include "chunkstore/test_entries.h"
#include "support/expiring_clock.h"
#include "support/matchers.h"
#include "support/time_units.h"

namespace skald::chunkstore {
namespace {

using model::Fingerprint;
using model::Labels;
using model::Matchers;
using model::MatchOp;
using model::TenantId;
using model::TimeRange;
using test::IsOk;
using test::kHour;
using test::kStartNs;
using testing::ElementsAre;
using testing::IsEmpty;

class LabelIndexTest : public IndexFixture {
 protected:
  LabelIndexTest() { Reopen(); }

  // A chunk of a stream, made known; its pack is named after its first time.
  CommittedChunk Chunk(Labels labels, int64_t first, int64_t last) {
    auto shared = std::make_shared<const Labels>(std::move(labels));
    const Fingerprint fingerprint = shared->Hash();
    return {.tenant = kTenant,
            .labels = std::move(shared),
            .fingerprint = fingerprint,
            .ref = {.pack = "packs/" + std::to_string(next_pack_++),
                    .offset = 8,
                    .bytes = 100,
                    .head_bytes = 50,
                    .summary = {.min_time = first, .max_time = last, .max_seq = next_pack_}}};
  }

  void Commit(std::vector<CommittedChunk> chunks) {
    ASSERT_THAT(index_->Commit({.chunks = std::move(chunks), .watermarks = {}}), IsOk());
  }

  std::vector<std::string> Find(const Matchers& matchers, TimeRange range = TimeRange::All()) {
    const auto found = index_->Find(kTenant, matchers, range);
    EXPECT_THAT(found, IsOk());
    std::vector<std::string> streams;
    for (const StreamChunks& stream : *found) {
      streams.push_back(stream.labels->ToString() + " " + std::to_string(stream.chunks.size()));
    }
    return streams;
  }

  void CommitStreams(int count) {
    std::vector<CommittedChunk> chunks;
    for (int i = 0; i < count; ++i) {
      chunks.push_back(Chunk({{"app", "a"}, {"id", std::to_string(i)}}, kStartNs, kStartNs + 10));
    }
    Commit(std::move(chunks));
  }

  // What a lookup says of a token that expires at the `looks`th look at it, and how many looks
  // there were.
  template <typename Lookup>
  std::pair<StatusCode, int> LookUpUntil(int looks, const Lookup& lookup) {
    const test::ExpiringClock clock(looks + 1);  // The first is to set the deadline.
    const CancelToken cancel = CancelToken::WithTimeout(clock, std::chrono::minutes(1));
    const StatusCode code = lookup(cancel).status().code();
    return {code, clock.asked() - 1};
  }

  size_t next_pack_ = 1;
};

TEST_F(LabelIndexTest, FindsStreamsByMatchersAndTime) {
  Commit({Chunk({{"app", "api"}, {"env", "prod"}}, kStartNs, kStartNs + 10),
          Chunk({{"app", "api"}, {"env", "dev"}}, kStartNs + 20, kStartNs + 30),
          Chunk({{"app", "web"}}, kStartNs, kStartNs + 5)});
  EXPECT_THAT(Find({Match(MatchOp::kEqual, "app", "api")}),
              ElementsAre(R"({app="api", env="dev"} 1)", R"({app="api", env="prod"} 1)"));
  EXPECT_THAT(Find({Match(MatchOp::kEqual, "app", "api"), Match(MatchOp::kNotEqual, "env", "dev")}),
              ElementsAre(R"({app="api", env="prod"} 1)"));
  EXPECT_THAT(Find({Match(MatchOp::kEqual, "env", "")}), ElementsAre(R"({app="web"} 1)"));
  EXPECT_THAT(Find({Match(MatchOp::kEqual, "app", "api")}, {kStartNs + 11, kStartNs + 20}),
              IsEmpty());
  EXPECT_THAT(Find({Match(MatchOp::kEqual, "app", "api")}, {kStartNs + 10, kStartNs + 20}),
              ElementsAre(R"({app="api", env="prod"} 1)"));
  EXPECT_THAT(Find({Match(MatchOp::kEqual, "app", "no")}), IsEmpty());
}

TEST_F(LabelIndexTest, CollectsAStreamsChunksOfAllDays) {
  const Labels labels({{"app", "api"}});
  Commit({Chunk(labels, kStartNs, kStartNs + kHour)});
  Commit({Chunk(labels, kStartNs + 48 * kHour, kStartNs + 49 * kHour),
          Chunk(labels, kStartNs + kHour, kStartNs + 30 * kHour)});
  EXPECT_THAT(Find({}), ElementsAre(R"({app="api"} 3)"));
  EXPECT_THAT(Find({}, {kStartNs + 29 * kHour, kStartNs + 31 * kHour}),
              ElementsAre(R"({app="api"} 1)"));
  const auto found = index_->Find(kTenant, {}, TimeRange::All());
  EXPECT_EQ(found->at(0).chunks[0].summary.min_time, kStartNs);
}

TEST_F(LabelIndexTest, OtherTenantsSeeNothing) {
  Commit({Chunk({{"app", "api"}}, kStartNs, kStartNs)});
  EXPECT_THAT(*index_->Find(TenantId("other"), {}, TimeRange::All()), IsEmpty());
  EXPECT_THAT(*index_->LabelNames(TenantId("other"), {}, TimeRange::All()), IsEmpty());
}

TEST_F(LabelIndexTest, TellsApartStreamsThatShareAFingerprint) {
  CommittedChunk a = Chunk({{"app", "a"}}, kStartNs, kStartNs);
  CommittedChunk b = Chunk({{"app", "b"}}, kStartNs, kStartNs);
  a.fingerprint = b.fingerprint = Fingerprint(1);
  Commit({a, b});
  Commit({b});
  EXPECT_THAT(Find({Match(MatchOp::kEqual, "app", "a")}), ElementsAre(R"({app="a"} 1)"));
  EXPECT_THAT(Find({}), ElementsAre(R"({app="a"} 1)", R"({app="b"} 1)"));

  ASSERT_THAT(
      index_->Commit({.chunks = {}, .watermarks = {{kTenant, a.labels, Fingerprint(1), 5}}}),
      IsOk());
  EXPECT_EQ(*index_->FlushedSeq(kTenant, Fingerprint(1)), 5u);
  ASSERT_THAT(
      index_->Commit({.chunks = {}, .watermarks = {{kTenant, b.labels, Fingerprint(1), 9}}}),
      IsOk());
  EXPECT_EQ(*index_->FlushedSeq(kTenant, Fingerprint(1)), 0u);
  ASSERT_THAT(
      index_->Commit({.chunks = {}, .watermarks = {{kTenant, b.labels, Fingerprint(1), 9}}}),
      IsOk());
  EXPECT_EQ(*index_->FlushedSeq(kTenant, Fingerprint(1)), 0u);
}

TEST_F(LabelIndexTest, ListsNamesAndValues) {
  Commit({Chunk({{"app", "api"}, {"env", "prod"}}, kStartNs, kStartNs),
          Chunk({{"app", "web"}, {"zone", "x"}}, kStartNs + 48 * kHour, kStartNs + 48 * kHour)});
  const TimeRange all = TimeRange::All();
  EXPECT_THAT(*index_->LabelNames(kTenant, {}, all), ElementsAre("app", "env", "zone"));
  EXPECT_THAT(*index_->LabelValues(kTenant, "app", {}, all), ElementsAre("api", "web"));
  EXPECT_THAT(*index_->LabelValues(kTenant, "nope", {}, all), IsEmpty());
  EXPECT_THAT(*index_->LabelNames(kTenant, {}, {kStartNs, kStartNs + kHour}),
              ElementsAre("app", "env"));
  const Matchers web = {Match(MatchOp::kEqual, "app", "web")};
  EXPECT_THAT(*index_->LabelNames(kTenant, web, all), ElementsAre("app", "zone"));
  EXPECT_THAT(*index_->LabelValues(kTenant, "app", web, all), ElementsAre("web"));
  EXPECT_THAT(*index_->LabelValues(kTenant, "env", web, all), IsEmpty());
}

// So many, and in files, that they are read in pieces: none is lost between two, or there twice.
TEST_F(LabelIndexTest, ListsManyValuesWithTheHelpOfOtherThreads) {
  std::mt19937_64 random(5);
  std::vector<std::string> ids;
  std::vector<CommittedChunk> chunks;
  for (int i = 0; i < 20'000; ++i) {
    ids.push_back(std::to_string(random()) + std::to_string(random()));
    chunks.push_back(Chunk({{"id", ids.back()}}, kStartNs, kStartNs + 1));
  }
  std::ranges::sort(ids);
  Commit(std::move(chunks));
  Executor workers("lookups", 2);
  Reopen({.lookups = &workers});
  const auto values = [&](const CancelToken& cancel) {
    return index_->LabelValues(kTenant, "id", {}, TimeRange::All(), cancel);
  };
  const auto found = values(CancelToken());
  ASSERT_THAT(found, IsOk());
  EXPECT_EQ(std::vector<std::string>(found->begin(), found->end()), ids);
  // The search for where to cut looks at the token; what follows it hardly does.
  const auto [code, looks] = LookUpUntil(1'000'000, values);
  EXPECT_EQ(code, StatusCode::kOk);
  EXPECT_GT(looks, 40);
  for (const int look : {1, 20, looks}) {
    EXPECT_EQ(LookUpUntil(look, values).first, StatusCode::kDeadlineExceeded) << look;
  }
}

TEST_F(LabelIndexTest, WhatIsCommittedIsThereAfterReopening) {
  const auto labels = std::make_shared<const Labels>(Labels({{"app", "api"}}));
  ASSERT_THAT(index_->Commit({.chunks = {Chunk({{"app", "api"}}, kStartNs, kStartNs)},
                              .watermarks = {{kTenant, labels, labels->Hash(), 41}}}),
              IsOk());
  Reopen();
  Commit({Chunk({{"app", "api"}}, kStartNs + 1, kStartNs + 1)});
  EXPECT_THAT(Find({}), ElementsAre(R"({app="api"} 2)"));
  EXPECT_EQ(*index_->FlushedSeq(kTenant, labels->Hash()), 41u);
  EXPECT_EQ(index_->HighestSeq(), 41u);
  EXPECT_THAT(*index_->Packs(), ElementsAre("packs/1", "packs/2"));
}

TEST_F(LabelIndexTest, WatermarksOnlyRise) {
  const auto labels = std::make_shared<const Labels>(Labels({{"app", "api"}}));
  EXPECT_EQ(*index_->FlushedSeq(kTenant, labels->Hash()), 0u);
  for (const uint64_t seq : {7, 3, 0}) {
    ASSERT_THAT(
        index_->Commit({.chunks = {}, .watermarks = {{kTenant, labels, labels->Hash(), seq}}}),
        IsOk());
    EXPECT_EQ(*index_->FlushedSeq(kTenant, labels->Hash()), 7u);
  }
}

// Every lookup is compared with a look at each stream's labels.
TEST_F(LabelIndexTest, AgreesWithMatchingEachStream) {
  const uint64_t seed = 99;
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  std::vector<Labels> streams;
  std::vector<CommittedChunk> chunks;
  for (int i = 0; i < 5000; ++i) {
    std::string pod = "pod-" + std::to_string(i);
    std::string app = "app-" + std::to_string(random() % 20);
    std::string env = random() % 3 == 0 ? "" : (random() % 2 == 0 ? "prod" : "dev");
    model::LabelsBuilder builder;
    builder.Set("pod", pod).Set("app", app).Set("env", env);
    streams.push_back(builder.Build());
    chunks.push_back(Chunk(streams.back(), kStartNs, kStartNs));
  }
  Commit(std::move(chunks));

  const std::vector<std::string> values = {
      "",      "app-1",  "app-1|app-7", "app-.*",   ".*",      ".+",       "prod",
      "prod|", "pod-4.", "pod-.*7",     "dev|prod", "nothing", "(?i)PROD", ".*v"};
  const std::vector<std::string> names = {"app", "env", "pod", "absent"};
  for (int round = 0; round < 300; ++round) {
    Matchers matchers;
    for (uint64_t i = 0; i < 1 + random() % 3; ++i) {
      matchers.push_back(Match(static_cast<MatchOp>(random() % 4), names[random() % names.size()],
                               values[random() % values.size()]));
    }
    std::vector<std::string> expected;
    for (const Labels& labels : streams) {
      if (MatchesAll(matchers, labels)) expected.push_back(labels.ToString() + " 1");
    }
    std::ranges::sort(expected);
    std::vector<std::string> found = Find(matchers);
    std::ranges::sort(found);
    ASSERT_EQ(found, expected) << ToString(matchers);
  }
}

TEST_F(LabelIndexTest, AStreamOfTwoDaysIsOneOfTheSeries) {
  constexpr int64_t kDayNs = 86'400'000'000'000;
  Commit({Chunk({{"app", "a"}}, kStartNs, kStartNs + 10),
          Chunk({{"app", "a"}}, kStartNs + kDayNs, kStartNs + kDayNs + 10),
          Chunk({{"app", "b"}}, kStartNs + kDayNs, kStartNs + kDayNs + 10)});
  EXPECT_THAT(*index_->Series(kTenant, {}, TimeRange::All()),
              ElementsAre(Labels{{"app", "a"}}, Labels{{"app", "b"}}));
}

TEST_F(LabelIndexTest, LookupsEndSoonAfterTheyAreCancelled) {
  CommitStreams(20'000);
  const auto find = [&](const CancelToken& cancel) {
    return index_->Find(kTenant, {Match(MatchOp::kEqual, "app", "a")}, TimeRange::All(), nullptr,
                        cancel);
  };
  const auto by_regex = [&](const CancelToken& cancel) {
    return index_->Find(kTenant, {Match(MatchOp::kRegex, "id", ".*7.*")}, TimeRange::All(), nullptr,
                        cancel);
  };
  const auto values = [&](const CancelToken& cancel) {
    return index_->LabelValues(kTenant, "id", {}, TimeRange::All(), cancel);
  };
  const auto values_of_some = [&](const CancelToken& cancel) {
    return index_->LabelValues(kTenant, "id", {Match(MatchOp::kEqual, "app", "a")},
                               TimeRange::All(), cancel);
  };
  const auto series = [&](const CancelToken& cancel) {
    return index_->Series(kTenant, {}, TimeRange::All(), cancel);
  };
  const auto values_by_regex = [&](const CancelToken& cancel) {
    return index_->LabelValues(kTenant, "id", {Match(MatchOp::kRegex, "id", ".*7.*")},
                               TimeRange::All(), cancel);
  };
  // The token is looked at every few thousand steps, and what it says is heeded at once.
  for (int looks = 1; looks <= 3; ++looks) {
    const std::pair expired(StatusCode::kDeadlineExceeded, looks);
    EXPECT_EQ(LookUpUntil(looks, find), expired);
    EXPECT_EQ(LookUpUntil(looks, by_regex), expired);
    EXPECT_EQ(LookUpUntil(looks, values), expired);
    EXPECT_EQ(LookUpUntil(looks, values_of_some), expired);
    EXPECT_EQ(LookUpUntil(looks, series), expired);
    EXPECT_EQ(LookUpUntil(looks, values_by_regex), expired);
  }
  const auto [code, looks] = LookUpUntil(1'000'000, find);
  EXPECT_EQ(code, StatusCode::kOk);
  EXPECT_GE(looks, 20'000 / 5'000);
  EXPECT_LE(looks, 40'000 / 1'000);

  CancelToken cancelled;
  cancelled.Cancel();
  for (const StatusCode status :
       {find(cancelled).status().code(), by_regex(cancelled).status().code(),
        values(cancelled).status().code(), values_of_some(cancelled).status().code(),
        index_->LabelNames(kTenant, {}, TimeRange::All(), cancelled).status().code()}) {
    EXPECT_EQ(status, StatusCode::kCancelled);
  }
}

}  // namespace
}  // namespace skald::chunkstore
