#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "chunkstore/compact/compaction_job.h"
#include "chunkstore/compact/erasure_search.h"
#include "chunkstore/filter_sizes.h"
#include "chunkstore/store_fixture.h"
#include "chunkstore/test_entries.h"
#include "chunkstore/word_filters.h"
#include "support/faulty_file_system.h"
#include "support/matchers.h"

namespace skald::chunkstore {
namespace {

using model::TimeRange;
using test::HasCode;
using test::IsOk;
using test::kSecond;
using test::kStartNs;
using test::TestEntry;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class ErasureTest : public StoreFixture, public model::EntryFilterSource {
 protected:
  std::shared_ptr<const model::EntryFilters> Of(const model::TenantId& tenant) const override {
    return tenant == kTenant ? filters_ : nullptr;
  }
  void Erase(std::string app, std::string word, TimeRange range = TimeRange::All()) {
    filters_ = std::make_shared<const test::WordFilters>(std::move(app), std::move(word), range);
  }

  std::vector<ObjectEntry> Packs() { return *objects_->List("packs/"); }
  CompactionOutcome Rewrite() { return Rewrite(Packs()); }
  CompactionOutcome Rewrite(const std::vector<ObjectEntry>& packs) {
    const CompactionJobOptions options{.wanted = nullptr, .erased = this};
    auto outcome = CompactPacks(store_->parts(), packs, options, CancelToken());
    EXPECT_THAT(outcome, IsOk());
    return *std::move(outcome);
  }
  ErasableFound Find(size_t max_packs = 100, TimeRange range = TimeRange::All()) {
    auto found = FindErasable(store_->parts(), Request(range), *filters_, max_packs, CancelToken());
    EXPECT_THAT(found, IsOk());
    return *std::move(found);
  }

  std::vector<std::string> LinesOf(const std::string& app) {
    model::ScanRequest request = Request();
    request.matchers = {*model::Matcher::Make(model::MatchOp::kEqual, "app", app)};
    std::vector<std::string> lines;
    for (const TestEntry& entry : Read(request)) lines.push_back(entry.line);
    return lines;
  }

  std::vector<TestEntry> Lines(const std::vector<std::string>& lines, int64_t start = kStartNs) {
    std::vector<TestEntry> entries;
    for (const std::string& line : lines) {
      entries.push_back(
          {.time = start + static_cast<int64_t>(entries.size()), .seq = ++seq_, .line = line});
    }
    return entries;
  }

  std::shared_ptr<const model::EntryFilters> filters_;
  uint64_t seq_ = 0;
};

TEST_F(ErasureTest, WritesNothingThatIsToGoAndAllElse) {
  Put({{"app", "a"}}, Lines({"keep 1", "secret 2", "keep 3"}));
  Put({{"app", "b"}}, Lines({"secret 1"}));
  Erase("a", "secret");
  const CompactionOutcome outcome = Rewrite();
  EXPECT_EQ(outcome.erased, 1u);
  EXPECT_THAT(outcome.packs_left, IsEmpty());
  EXPECT_THAT(LinesOf("a"), ElementsAre("keep 1", "keep 3"));
  EXPECT_THAT(LinesOf("b"), ElementsAre("secret 1"));
  Reopen();
  for (const ObjectEntry& pack : Packs()) {
    EXPECT_EQ(files_.ReadAll("/chunks/" + pack.key)->find("secret 2"), std::string::npos);
  }
}

// What a pack's filter tells of is more than is there then, so it tells less well.
TEST_F(ErasureTest, FiltersOfWhatStaysTakeNoMoreThanATenthOfIt) {
  test::EntryGenerator generator(3);
  std::vector<TestEntry> entries = generator.Entries(12'000);
  for (size_t i = 0; i < entries.size(); ++i) {
    entries[i].line = (i % 4 == 0 ? "secret " : "keep ") + generator.Hex(32);
    for (int noise = 0; noise < 5; ++noise) entries[i].line += " " + generator.Hex(8);
    entries[i].metadata.clear();
  }
  Put({{"app", "a"}}, entries);
  Erase("a", "nothing has it");
  (void)Rewrite();
  const test::FilterSizes before = test::SizesOfFilters(Packs().back(), *objects_);
  EXPECT_GT(before.share(), 0.085);
  Erase("a", "secret");
  EXPECT_EQ(Rewrite({Packs().back()}).erased, entries.size() / 4);
  const test::FilterSizes after = test::SizesOfFilters(Packs().back(), *objects_);
  EXPECT_EQ(after.id_keys, before.id_keys) << "it is taken over";
  EXPECT_LT(after.of_pack, before.of_pack);
  EXPECT_LE(after.share(), 0.1);
  // No id is denied.
  for (size_t i = 0; i < entries.size(); i += 101) {
    if (i % 4 == 0) continue;
    model::ScanRequest request = Request();
    request.literals = {{.any_of = {entries[i].line.substr(5, 32)}}};
    EXPECT_EQ(std::ranges::count(Read(request), entries[i]), 1) << entries[i].line;
  }
}

TEST_F(ErasureTest, CountsWhatWentSoThatNothingElseIsMissed) {
  std::vector<TestEntry> entries = Lines({"keep", "secret", "secret"});
  Put({{"app", "a"}}, entries);
  for (TestEntry& entry : entries) entry.seq += 100;
  Put({{"app", "a"}}, entries);  // Once more: a repetition of each.
  Erase("a", "secret");
  const CompactionOutcome outcome = Rewrite();
  EXPECT_EQ(outcome.erased, 2u);
  EXPECT_EQ(outcome.duplicates, 3u);
  EXPECT_EQ(outcome.entries, 1u);
  EXPECT_THAT(outcome.packs_left, IsEmpty());
  EXPECT_THAT(LinesOf("a"), ElementsAre("keep"));
}

TEST_F(ErasureTest, AStreamOfWhichNothingStaysIsNotFoundAnyMoreButItsWatermarkIs) {
  Put({{"app", "a"}}, Lines({"secret 1", "secret 2"}));
  const auto labels = model::Labels({{"app", "a"}});
  Erase("a", "secret");
  EXPECT_EQ(Rewrite().packs_written, 0u);
  EXPECT_THAT(*store_->Series({kTenant}), IsEmpty());
  EXPECT_EQ(*store_->FlushedSeq(kTenant, labels.Hash()), 2u);
  Reopen();
  EXPECT_EQ(*store_->FlushedSeq(kTenant, labels.Hash()), 2u);
}

TEST_F(ErasureTest, DropsUnreadWhatGoesWholeThoughItIsDamaged) {
  Put({{"app", "a"}}, Lines({"secret 1", "secret 2"}));
  Put({{"app", "b"}}, Lines({"keep"}));
  const ObjectEntry pack = Packs().front();
  std::string bytes = *files_.ReadAll("/chunks/" + pack.key);
  for (size_t i = 8; i < 60; ++i) bytes[i] ^= 0x5a;
  ASSERT_THAT(files_.AtomicWrite("/chunks/" + pack.key, bytes), IsOk());
  Erase("a", "secret");
  EXPECT_THAT(Rewrite().packs_left, SizeIs(1)) << "nobody knows what the damage holds";
  Erase("a", "");
  const CompactionOutcome outcome = Rewrite();
  EXPECT_THAT(outcome.packs_left, IsEmpty());
  EXPECT_EQ(outcome.erased, 2u);
  EXPECT_THAT(LinesOf("a"), IsEmpty());
}

TEST_F(ErasureTest, FindsThePacksThatHoldSomethingAndSinceWhen) {
  const int64_t later = kStartNs + 10 * kSecond;
  Put({{"app", "a"}}, Lines({"keep"}));
  Put({{"app", "a"}}, Lines({"keep", "secret"}, later));
  Put({{"app", "b"}}, Lines({"secret"}));
  Put({{"app", "a"}}, Lines({"secret"}, later + kSecond));
  const std::vector<ObjectEntry> packs = Packs();
  Erase("a", "secret");
  ErasableFound found = Find();
  EXPECT_THAT(found.packs, ElementsAre(packs[1].key, packs[3].key));
  EXPECT_EQ(found.chunks, 2u);
  EXPECT_EQ(found.none_before_ns, later);
  found = Find(1);
  EXPECT_THAT(found.packs, ElementsAre(packs[1].key));
  EXPECT_EQ(found.none_before_ns, later);
  found = Find(100, {kStartNs, later + 1});
  EXPECT_THAT(found.packs, IsEmpty());
  EXPECT_EQ(found.none_before_ns, later + 1);
  Rewrite();
  EXPECT_THAT(Find().packs, IsEmpty());
}

TEST_F(ErasureTest, TakesWhatItCannotReadForSomethingThatIsToGo) {
  Put({{"app", "a"}}, Lines({"keep"}));
  Erase("a", "secret");
  EXPECT_THAT(Find().packs, IsEmpty());
  files_.Inject({.op = test::FaultyFileSystem::Op::kRead, .path_contains = "packs", .times = 100});
  EXPECT_THAT(Find().packs, SizeIs(1));
}

TEST_F(ErasureTest, StopsWhenTold) {
  Put({{"app", "a"}}, Lines({"secret"}));
  Erase("a", "secret");
  CancelToken cancel;
  cancel.Cancel();
  EXPECT_THAT(FindErasable(store_->parts(), Request(), *filters_, 1, cancel),
              HasCode(StatusCode::kCancelled));
}

}  // namespace
}  // namespace skald::chunkstore
