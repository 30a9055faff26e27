#include "chunkstore/unreadable_packs.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "chunkstore/format/chunk_layout.h"
#include "chunkstore/store_fixture.h"
#include "chunkstore/test_entries.h"
#include "support/matchers.h"

namespace skald::chunkstore {
namespace {

using model::ScanContext;
using model::TimeRange;
using test::IsOk;
using test::kStartNs;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// A store with two packs, of which one may be damaged, and whose index may be lost.
class UnreadablePacksTest : public StoreFixture {
 protected:
  void SetUp() override {
    Put({{"app", "api"}}, {{.seq = 1, .line = "x"}});
    Put({{"app", "web"}}, {{.seq = 2, .line = "y"}});
    damaged_ = objects_->List("packs/")->at(0);
  }

  void LoseIndex() {
    store_.reset();
    std::filesystem::remove_all(IndexFolder());
  }

  // In the footer, without which the directory is not found.
  void Flip() { files_.FlipByte("/chunks/" + damaged_.key, damaged_.bytes - 20, 0x10); }

  std::vector<std::string> WarningsOf(TimeRange range) {
    ScanContext context;
    Read(Request(range), context);
    return context.warnings.Take();
  }

  ObjectEntry damaged_;
};

TEST_F(UnreadablePacksTest, AreWarnedOfAtEachStart) {
  Flip();
  LoseIndex();
  for (int start = 0; start < 2; ++start) {
    Reopen();
    ScanContext context;
    EXPECT_EQ(Read(Request(), context).size(), 1u);
    EXPECT_THAT(context.warnings.Take(),
                ElementsAre(AllOf(HasSubstr("entries may be missing"), HasSubstr(damaged_.key))));
    EXPECT_THAT(objects_->Get(damaged_.key), IsOk()) << "it may be repaired";
  }
}

TEST_F(UnreadablePacksTest, AreWarnedOfUntilTheyAreRemoved) {
  Flip();
  LoseIndex();
  Reopen();
  EXPECT_THAT(WarningsOf(TimeRange::All()), SizeIs(1));
  ASSERT_THAT(files_.Remove("/chunks/" + damaged_.key), IsOk());
  EXPECT_THAT(WarningsOf(TimeRange::All()), IsEmpty());
}

TEST_F(UnreadablePacksTest, AreTakenInOnceTheyAreRepaired) {
  Flip();
  LoseIndex();
  Reopen();
  Flip();
  Reopen();
  EXPECT_EQ(Read(Request()).size(), 2u);
}

TEST_F(UnreadablePacksTest, OfOneDayAreWarnedOfInQueriesOfThatDay) {
  ASSERT_THAT(objects_->Put("packs/local/1fffffffffffffff-2023-11-14", "damaged"), IsOk());
  Reopen();
  const int64_t day = DayOf(kStartNs) * kDayNs;
  EXPECT_THAT(WarningsOf({day + kDayNs - 1, day + kDayNs}), SizeIs(1));
  EXPECT_THAT(WarningsOf({day - kDayNs, day}), IsEmpty());
  EXPECT_THAT(WarningsOf({day + kDayNs, day + 2 * kDayNs}), IsEmpty());
}

TEST_F(UnreadablePacksTest, MayHaveAnyDayInTheirNames) {
  ASSERT_THAT(objects_->Put("packs/local/1fffffffffffffff-9999-12-31", "damaged"), IsOk());
  Reopen();
  EXPECT_THAT(WarningsOf(TimeRange::All()), SizeIs(1));
}

}  // namespace
}  // namespace skald::chunkstore
