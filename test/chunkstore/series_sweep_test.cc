#include "chunkstore/index/series_sweep.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "chunkstore/index/index_audit.h"
#include "chunkstore/index_fixture.h"
#include "chunkstore/test_entries.h"
#include "support/matchers.h"

namespace skald::chunkstore {
namespace {

using model::Labels;
using model::TimeRange;
using test::IsOk;
using test::kStartNs;
using testing::ElementsAre;
using testing::IsEmpty;

// An index that loses chunks.
class SeriesSweepTest : public IndexFixture {
 protected:
  SeriesSweepTest() { Reopen(); }

  void Reopen() {
    IndexFixture::Reopen();
    ASSERT_THAT(index_->MarkFounded(), IsOk());
  }

  CommittedChunk Add(Labels labels, int day = 0) {
    auto shared = std::make_shared<const Labels>(std::move(labels));
    const model::Fingerprint fingerprint = shared->Hash();
    const int64_t time = kStartNs + day * kDayNs;
    CommittedChunk chunk{.tenant = kTenant,
                         .labels = std::move(shared),
                         .fingerprint = fingerprint,
                         .ref = {.pack = "packs/" + std::to_string(next_pack_++),
                                 .offset = 8,
                                 .bytes = 100,
                                 .head_bytes = 50,
                                 .summary = {.min_time = time, .max_time = time, .max_seq = 1}}};
    EXPECT_THAT(index_->Commit({.removed = {}, .chunks = {chunk}, .watermarks = {}}), IsOk());
    return chunk;
  }
  void Remove(std::vector<CommittedChunk> chunks) {
    ASSERT_THAT(index_->Commit({.removed = std::move(chunks), .chunks = {}, .watermarks = {}}),
                IsOk());
  }

  std::vector<std::string> Names() { return *index_->LabelNames(kTenant, {}, TimeRange::All()); }
  std::vector<std::string> Values(const std::string& name) {
    const auto values = index_->LabelValues(kTenant, name, {}, TimeRange::All());
    return {values->begin(), values->end()};
  }
  std::vector<std::string> Streams(const std::string& name, const std::string& value) {
    std::vector<std::string> streams;
    const auto found = index_->Find(
        kTenant, {*model::Matcher::Make(model::MatchOp::kEqual, name, value)}, TimeRange::All());
    EXPECT_THAT(found, IsOk());
    for (const StreamChunks& stream : *found) streams.push_back(stream.labels->ToString());
    return streams;
  }

  // What an audit finds wrong, and how many keys it sees of a day.
  std::vector<std::string> Faults() {
    std::vector<std::string> faults;
    const auto on_fault = [&](const std::string& what) { faults.push_back(what); };
    const auto audit = IndexAudit::Open(Folder());
    EXPECT_THAT(audit, IsOk());
    const auto days = (*audit)->Days(on_fault);
    EXPECT_THAT(days, IsOk());
    for (const IndexAudit::Day& day : *days) {
      EXPECT_THAT((*audit)->CheckDay(day, on_fault), IsOk());
    }
    EXPECT_THAT((*audit)->CheckFacts(0, on_fault), IsOk());
    return faults;
  }
  uint64_t KeysBesidesFactsAndDays() {
    uint64_t keys = 0;
    const auto audit = IndexAudit::Open(Folder());
    EXPECT_THAT(audit, IsOk());
    const auto sizes = (*audit)->Sizes();
    EXPECT_THAT(sizes, IsOk());
    for (const IndexAudit::KindSize& kind : *sizes) {
      if (kind.name != "facts" && kind.name != "days" && kind.name != "unnamed packs") {
        keys += kind.keys;
      }
    }
    return keys;
  }

  uint64_t KeysOf(std::string_view name) {
    const auto audit = IndexAudit::Open(Folder());
    EXPECT_THAT(audit, IsOk());
    const std::vector<IndexAudit::KindSize> sizes = *(*audit)->Sizes();
    const auto kind = std::ranges::find(sizes, name, &IndexAudit::KindSize::name);
    return kind == sizes.end() ? 0 : kind->keys;
  }

  // Whether any file of the index has it in its bytes.
  bool OnDisk(const std::string& text) {
    for (const auto& file : std::filesystem::directory_iterator(Folder())) {
      std::ifstream in(file.path(), std::ios::binary);
      const std::string bytes(std::istreambuf_iterator<char>(in), {});
      if (bytes.find(text) != std::string::npos) return true;
    }
    return false;
  }

  int next_pack_ = 1;
};

TEST_F(SeriesSweepTest, ASeriesWithoutChunksTakesItsNamesAndValuesAlong) {
  Add({{"app", "a"}, {"env", "p"}});
  const CommittedChunk gone = Add({{"app", "b"}, {"env", "p"}, {"only", "here"}});
  Remove({gone});
  EXPECT_THAT(Values("app"), ElementsAre("a", "b")) << "until it is swept";
  ASSERT_THAT(index_->ForgetEmptySeries(), IsOk());
  EXPECT_THAT(Names(), ElementsAre("app", "env"));
  EXPECT_THAT(Values("app"), ElementsAre("a"));
  EXPECT_THAT(Values("env"), ElementsAre("p"));
  EXPECT_THAT(Values("only"), IsEmpty());
  EXPECT_THAT(Faults(), IsEmpty());
}

TEST_F(SeriesSweepTest, ASeriesWithAnotherChunkStays) {
  const CommittedChunk first = Add({{"app", "a"}});
  Add({{"app", "a"}});
  Remove({first});
  ASSERT_THAT(index_->ForgetEmptySeries(), IsOk());
  EXPECT_THAT(Streams("app", "a"), ElementsAre("{app=\"a\"}"));
  EXPECT_THAT(Faults(), IsEmpty());
}

TEST_F(SeriesSweepTest, ADayWithNothingLeftIsForgottenWhole) {
  std::vector<CommittedChunk> chunks;
  for (int i = 0; i < 20; ++i) chunks.push_back(Add({{"app", std::to_string(i)}}));
  Add({{"app", "next"}}, 1);
  const uint64_t keys = KeysBesidesFactsAndDays();
  Remove(chunks);
  ASSERT_THAT(index_->ForgetEmptySeries(), IsOk());
  EXPECT_THAT(Values("app"), ElementsAre("next"));
  EXPECT_LT(KeysBesidesFactsAndDays(), keys / 10);
  EXPECT_THAT(Faults(), IsEmpty());
}

TEST_F(SeriesSweepTest, WhoComesBackFindsNothingOfThoseBefore) {
  for (const bool whole_day : {false, true}) {
    const std::string other = whole_day ? "y" : "x";
    const CommittedChunk gone = Add({{"app", "a"}, {"was", other}});
    if (!whole_day) Add({{"app", "stays"}}, 2);
    ASSERT_THAT(index_->Find(kTenant, {}, TimeRange::All()), IsOk());  // Fills the cache of labels.
    ASSERT_THAT(index_->LabelValues(kTenant, "app",
                                    {*model::Matcher::Make(model::MatchOp::kRegex, "app", "a|b")},
                                    TimeRange::All()),
                IsOk());
    Remove({gone});
    ASSERT_THAT(index_->ForgetEmptySeries(), IsOk());
    const CommittedChunk back = Add({{"app", "b"}});
    EXPECT_THAT(Streams("was", other), IsEmpty());
    EXPECT_THAT(Streams("app", "a"), IsEmpty());
    EXPECT_THAT(Streams("app", "b"), ElementsAre("{app=\"b\"}"));
    const CommittedChunk again = Add({{"app", "a"}, {"was", other}});
    EXPECT_THAT(Streams("app", "a"), testing::SizeIs(1));
    EXPECT_THAT(*index_->LabelValues(kTenant, "app",
                                     {*model::Matcher::Make(model::MatchOp::kRegex, "app", "a|b")},
                                     TimeRange::All()),
                ElementsAre("a", "b"));
    EXPECT_THAT(Faults(), IsEmpty());
    Remove({back, again});
    ASSERT_THAT(index_->ForgetEmptySeries(), IsOk());
  }
}

TEST_F(SeriesSweepTest, WhatACrashLeftOfADayIsFoundAtTheNextStart) {
  const CommittedChunk whole_day = Add({{"app", "a"}});
  Add({{"app", "b"}}, 1);
  const CommittedChunk last_of_a_day = Add({{"app", "c"}}, 1);
  Remove({whole_day, last_of_a_day});
  Reopen();
  ASSERT_THAT(index_->ForgetEmptySeries(), IsOk());
  EXPECT_THAT(Values("app"), ElementsAre("b"));
  EXPECT_THAT(Faults(), IsEmpty());
}

TEST_F(SeriesSweepTest, ADayIsMarkedForTheSweepFromTheCommitOnUntilItIsThrough) {
  const uint64_t keys = KeysOf("thinned days");
  const CommittedChunk gone = Add({{"app", "a"}});
  Add({{"app", "b"}});
  EXPECT_EQ(KeysOf("thinned days"), keys);
  Remove({gone});
  EXPECT_EQ(KeysOf("thinned days"), keys + 1);
  ASSERT_THAT(index_->ForgetEmptySeries(), IsOk());
  EXPECT_EQ(KeysOf("thinned days"), keys);
  Remove({gone});  // It is not named any more.
  EXPECT_EQ(KeysOf("thinned days"), keys);
}

TEST_F(SeriesSweepTest, TheTextOfForgottenSeriesIsPurgedFromTheDisk) {
  for (const bool whole_day : {false, true}) {
    SCOPED_TRACE(whole_day);
    const int day = whole_day ? 5 : 0;
    if (!whole_day) Add({{"app", "stays"}}, day);
    const CommittedChunk gone = Add({{"app", "Xq7-gone"}, {"Zk3_name", "Pw9-only"}}, day);
    Reopen();  // Makes a table of it.
    for (const char* text : {"Xq7-gone", "Zk3_name", "Pw9-only"}) EXPECT_TRUE(OnDisk(text)) << text;
    Remove({gone});
    ASSERT_THAT(index_->ForgetEmptySeries(), IsOk());
    EXPECT_TRUE(OnDisk("Xq7-gone")) << "until it is purged";
    Reopen();  // As after a crash.
    EXPECT_EQ(KeysOf("unpurged days"), 1u);
    ASSERT_THAT(index_->PurgeForgotten(CancelToken()), IsOk());
    for (const char* text : {"Xq7-gone", "Zk3_name", "Pw9-only"})
      EXPECT_FALSE(OnDisk(text)) << text;
    EXPECT_EQ(KeysOf("unpurged days"), 0u);
    EXPECT_THAT(Values("app"), ElementsAre("stays"));
    EXPECT_THAT(Faults(), IsEmpty());
  }
}

TEST_F(SeriesSweepTest, NothingIsPurgedWhereNoSeriesHasGone) {
  const CommittedChunk first = Add({{"app", "a"}});
  Add({{"app", "a"}});
  Remove({first});
  ASSERT_THAT(index_->ForgetEmptySeries(), IsOk());
  EXPECT_EQ(KeysOf("unpurged days"), 0u);
  EXPECT_THAT(index_->PurgeForgotten(CancelToken()), IsOk());
}

TEST_F(SeriesSweepTest, TheFloorIsKeptUntilItIsTakenAway) {
  EXPECT_EQ(*index_->RetentionFloor(), std::nullopt);
  ASSERT_THAT(index_->SetRetentionFloor(-5), IsOk());
  Reopen();
  EXPECT_EQ(*index_->RetentionFloor(), std::optional<int64_t>(-5));
  ASSERT_THAT(index_->SetRetentionFloor(std::nullopt), IsOk());
  EXPECT_EQ(*index_->RetentionFloor(), std::nullopt);
}

// Whatever comes and goes, the index is as one that never knew what has gone.
TEST_F(SeriesSweepTest, AgreesWithASetOfStreamsThatComeAndGo) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  std::vector<CommittedChunk> there;
  for (int round = 0; round < 60; ++round) {
    for (int i = 0; i < 5; ++i) {
      there.push_back(
          Add({{"app", std::to_string(random() % 6)}, {"pod", std::to_string(random() % 9)}},
              static_cast<int>(random() % 2)));
    }
    std::shuffle(there.begin(), there.end(), random);
    const size_t going = random() % (there.size() + 1);
    Remove({there.end() - static_cast<ptrdiff_t>(going), there.end()});
    there.resize(there.size() - going);
    ASSERT_THAT(index_->ForgetEmptySeries(), IsOk());
    if (round % 3 == 0) {
      ASSERT_THAT(index_->PurgeForgotten(CancelToken()), IsOk());
    }
    std::set<std::string> apps;
    std::set<std::string> streams;
    for (const CommittedChunk& chunk : there) {
      apps.emplace(chunk.labels->Get("app"));
      streams.insert(chunk.labels->ToString());
    }
    ASSERT_EQ(Values("app"), std::vector<std::string>(apps.begin(), apps.end()));
    std::set<std::string> found;
    for (const std::string& app : apps) {
      for (std::string& stream : Streams("app", app)) found.insert(std::move(stream));
    }
    ASSERT_EQ(found, streams);
  }
  EXPECT_THAT(Faults(), IsEmpty());
}

}  // namespace
}  // namespace skald::chunkstore
