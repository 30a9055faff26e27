#include "chunkstore/store_recovery.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "chunkstore/store_fixture.h"
#include "chunkstore/stored_pack.h"
#include "chunkstore/test_entries.h"
#include "support/matchers.h"

namespace skald::chunkstore {
namespace {

using model::ScanContext;
using test::HasCode;
using test::IsOk;
using test::TestEntry;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using StoreRecoveryTest = StoreFixture;

TEST_F(StoreRecoveryTest, APackThatTheIndexDoesNotKnowIsTakenInWhenItOpens) {
  Put({{"app", "api"}}, {{.seq = 1, .line = "x"}});
  const std::string pack = *objects_->Get(objects_->List("packs/")->at(0).key);
  const std::vector<std::string> named = *store_->parts().index.Packs();
  ASSERT_THAT(objects_->Put("packs/local/0000000000000001", pack), IsOk());
  ASSERT_THAT(objects_->Put("packs/other/0000000000000001", pack), IsOk());
  Reopen();
  EXPECT_THAT(*store_->parts().index.Packs(),
              ElementsAre("packs/local/0000000000000001", named.at(0)));
  EXPECT_THAT(objects_->Get("packs/other/0000000000000001"), IsOk());
  EXPECT_EQ(Read(Request()).size(), 1u) << "an entry that two packs have";
}

TEST_F(StoreRecoveryTest, APlannedPackIsRemovedIfItsInputsAreThere) {
  Put({{"app", "api"}}, {{.seq = 1, .line = "x"}});
  const std::string input = objects_->List("packs/")->at(0).key;
  const std::string output = "packs/local/1fffffffffffffff-2023-11-14";
  ASSERT_THAT(store_->parts().index.PlanPack(output), IsOk());
  ASSERT_THAT(objects_->Put(output, *objects_->Get(input)), IsOk());
  Reopen();
  EXPECT_THAT(objects_->Get(output), HasCode(StatusCode::kNotFound));
  EXPECT_THAT(*store_->parts().index.UnnamedPacks(), IsEmpty());
  EXPECT_EQ(Read(Request()).size(), 1u);
}

TEST_F(StoreRecoveryTest, APlannedPackIsTakenInIfAPackIsMissing) {
  Put({{"app", "api"}}, {{.seq = 1, .line = "x"}});
  const std::string input = objects_->List("packs/")->at(0).key;
  const std::string output = "packs/local/1fffffffffffffff-2023-11-14";
  ASSERT_THAT(store_->parts().index.PlanPack(output), IsOk());
  ASSERT_THAT(objects_->Put(output, *objects_->Get(input)), IsOk());
  ASSERT_THAT(objects_->Delete(input), IsOk());
  Reopen();
  EXPECT_THAT(objects_->Get(output), IsOk());
  ScanContext context;
  EXPECT_EQ(Read(Request(), context).size(), 1u);
  EXPECT_THAT(context.warnings.Take(), ElementsAre(HasSubstr(input)));
}

TEST_F(StoreRecoveryTest, APlannedPackIsTakenInIfAPackHasLostItsEnd) {
  Put({{"app", "api"}}, {{.seq = 1, .line = "x"}});
  const std::string input = objects_->List("packs/")->at(0).key;
  const std::string bytes = *objects_->Get(input);
  const std::string output = "packs/local/1fffffffffffffff-2023-11-14";
  ASSERT_THAT(store_->parts().index.PlanPack(output), IsOk());
  ASSERT_THAT(objects_->Put(output, bytes), IsOk());
  ASSERT_THAT(objects_->Put(input, bytes.substr(0, bytes.size() / 2)), IsOk());
  Reopen();
  ScanContext context;
  EXPECT_EQ(Read(Request(), context).size(), 1u);
  EXPECT_THAT(context.warnings.Take(), ElementsAre(HasSubstr(input)));
}

TEST_F(StoreRecoveryTest, APackThatCannotBeOpenedIsNamedAndTheOthersAreRead) {
  Put({{"app", "api"}}, {{.seq = 1, .line = "x"}});
  Put({{"app", "web"}}, {{.seq = 2, .line = "y"}});
  const std::string shut = objects_->List("packs/")->at(0).key;
  files_.Inject({.op = test::FaultyFileSystem::Op::kOpenForRead,
                 .code = StatusCode::kPermissionDenied,
                 .path_contains = shut,
                 .times = 1000});
  Reopen();
  ScanContext context;
  EXPECT_EQ(Read(Request(), context).size(), 1u);
  EXPECT_THAT(context.warnings.Take(), ElementsAre(HasSubstr(shut)));
  // Nor does the index have to know it.
  store_.reset();
  std::filesystem::remove_all(IndexFolder());
  Reopen();
  EXPECT_EQ(Read(Request(), context).size(), 1u);
  EXPECT_THAT(context.warnings.Take(), ElementsAre(HasSubstr(shut + " is unreadable")));
}

TEST_F(StoreRecoveryTest, APackThatTheIndexHasForgottenIsRemovedWhenItOpens) {
  Put({{"app", "api"}}, {{.seq = 1, .line = "x"}});
  const auto pack = objects_->List("packs/")->at(0);
  const auto chunks = ChunksOfPack(pack.key, *ReadStoredDirectory(pack, *objects_));
  ASSERT_THAT(store_->parts().index.Commit({.removed = chunks, .chunks = {}, .watermarks = {}}),
              IsOk());
  Reopen();
  EXPECT_THAT(objects_->Get(pack.key), HasCode(StatusCode::kNotFound));
  EXPECT_THAT(*store_->parts().index.UnnamedPacks(), IsEmpty());
  EXPECT_THAT(Read(Request()), IsEmpty());
}

// It may be what the other was made of.
TEST_F(StoreRecoveryTest, AForgottenPackStaysWhileAPackCannotBeRead) {
  Put({{"app", "api"}}, {{.seq = 1, .line = "x"}});
  const auto pack = objects_->List("packs/")->at(0);
  const auto chunks = ChunksOfPack(pack.key, *ReadStoredDirectory(pack, *objects_));
  ASSERT_THAT(store_->parts().index.Commit({.removed = chunks, .chunks = {}, .watermarks = {}}),
              IsOk());
  Put({{"app", "web"}}, {{.seq = 2, .line = "y"}});
  const std::string other = objects_->List("packs/")->back().key;
  const std::string bytes = *objects_->Get(other);
  ASSERT_THAT(objects_->Put(other, bytes.substr(0, bytes.size() / 2)), IsOk());
  Reopen();
  EXPECT_THAT(objects_->Get(pack.key), IsOk());
  EXPECT_THAT(*store_->parts().index.Packs(), ElementsAre(other)) << "nor is it taken in";
  ASSERT_THAT(objects_->Put(other, bytes), IsOk());
  Reopen();
  EXPECT_THAT(objects_->Get(pack.key), HasCode(StatusCode::kNotFound));
  EXPECT_THAT(*store_->parts().index.UnnamedPacks(), IsEmpty());
}

TEST_F(StoreRecoveryTest, ALostIndexIsMadeAnewFromPacks) {
  const std::vector<TestEntry> entries = test::EntryGenerator(9).Entries(100);
  Put({{"app", "api"}}, entries);
  store_.reset();
  std::filesystem::remove_all(IndexFolder());
  Reopen();
  EXPECT_EQ(Read(Request()), entries);
  EXPECT_EQ(store_->HighestSeq(), 100u);
}

TEST_F(StoreRecoveryTest, ADamagedIndexIsSetAsideAndMadeAnew) {
  const std::vector<TestEntry> entries = test::EntryGenerator(10).Entries(100);
  Put({{"app", "api"}}, entries);
  store_.reset();
  std::filesystem::resize_file(IndexFolder() + "/CURRENT", 3);
  Reopen();
  EXPECT_EQ(Read(Request()), entries);
}

}  // namespace
}  // namespace skald::chunkstore
