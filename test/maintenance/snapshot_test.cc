#include "maintenance/snapshot.h"

#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "chunkstore/compact/compaction_job.h"
#include "chunkstore/compact/compactor.h"
#include "chunkstore/compact/pack_remover.h"
#include "chunkstore/compact/retention.h"
#include "common/limits.h"
#include "maintenance/snapshot_fixture.h"
#include "maintenance/snapshot_manifest.h"

namespace skald::maintenance {
namespace {

using test::HasCode;
using test::HasMessage;
using test::IsOk;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

using SnapshotTest = SnapshotFixture;

TEST_F(SnapshotTest, HoldsWhatWasThereAndNothingThatCameLater) {
  Store("x");
  Store("y");
  for (int i = 0; i < 5; ++i) Log("a line of some length, to fill segments");
  const auto made = snapshots_->Take("one");
  ASSERT_THAT(made, IsOk());
  Store("z");
  Log("later");
  EXPECT_EQ(made->path, Snapshot("one"));
  EXPECT_EQ(made->packs, 2u);
  EXPECT_GT(made->wal_segments, 1u);
  EXPECT_GT(made->files.linked, 2u);
  EXPECT_EQ(made->files.copied, 1u);  // The segment that is being written.
  const Verification verification = Check(Snapshot("one"));
  EXPECT_EQ(verification.packs, 2u);
  EXPECT_EQ(verification.entries, 100u);
  EXPECT_EQ(verification.wal_entries, 5u);
}

TEST_F(SnapshotTest, KeepsPacksThatAreCompactedAwayMeanwhileAndLater) {
  Store("x");
  Store("x");
  ASSERT_THAT(snapshots_->Take("one"), IsOk());
  const auto packs = objects_->List("packs/");
  ASSERT_THAT(CompactPacks(store_->parts(), *packs, {}, CancelToken()), IsOk());
  std::vector<std::string> replaced = {(*packs)[0].key, (*packs)[1].key};
  ASSERT_THAT(RetirePacks(store_->parts(), replaced), IsOk());
  for (const std::string& pack : store_->parts().leases.TakeUnread()) {
    ASSERT_THAT(objects_->Delete(pack), IsOk());
  }
  EXPECT_EQ(objects_->List("packs/")->size(), 1u);
  EXPECT_EQ(Check(Snapshot("one")).packs, 2u);
}

TEST_F(SnapshotTest, IsWholeThoughOthersStoreCompactAndLogMeanwhile) {
  std::atomic<bool> done = false;
  std::atomic<uint64_t> stored = 0;
  std::atomic<uint64_t> logged = 0;
  std::vector<std::thread> others;
  others.emplace_back([&] {
    for (; !done; stored += kStoredEntries) Store("x");
  });
  others.emplace_back([&] {
    for (; !done; ++logged) Log("a line of some length, to fill segments");
  });
  others.emplace_back([&] {
    const StaticLimits limits{Limits()};
    const chunkstore::Retention retention{{}, limits};
    chunkstore::PackRemover remover(store_->parts(), clock_);
    chunkstore::Compactor compactor({.interval = std::chrono::nanoseconds(0)}, store_->parts(),
                                    retention, remover, clock_);
    while (!done) EXPECT_THAT(compactor.RunRound(), IsOk());
  });
  for (const char* name : {"one", "two", "three", "four"}) {
    // Something of each is between two snapshots.
    const uint64_t stored_before = stored;
    const uint64_t logged_before = logged;
    while (stored == stored_before || logged == logged_before) std::this_thread::yield();
    const uint64_t entries = stored;
    const uint64_t wal_entries = logged;
    EXPECT_THAT(snapshots_->Take(name), IsOk());
    const Verification verification = Check(Snapshot(name));
    EXPECT_GE(verification.entries, entries);
    EXPECT_GE(verification.wal_entries, wal_entries);
  }
  done = true;
  for (std::thread& other : others) other.join();
}

TEST_F(SnapshotTest, CopiesWhatCannotBeLinked) {
  Store("x");
  for (int i = 0; i < 5; ++i) Log("a line of some length, to fill segments");
  files_.refuse_link = Status(StatusCode::kFailedPrecondition, "other file system");
  const auto made = snapshots_->Take("one");
  ASSERT_THAT(made, IsOk());
  EXPECT_EQ(made->files.linked, 0u);
  EXPECT_EQ(Check(Snapshot("one")).entries, 50u);
}

TEST_F(SnapshotTest, LeavesNothingBehindWhenTheDiskIsFull) {
  Store("x");
  Log("line");
  files_.refuse_link = Status(StatusCode::kFailedPrecondition, "other file system");
  files_.refuse_create = ResourceExhausted("disk full");
  files_.create_contains = "/chunks/";  // After log and index.
  EXPECT_THAT(snapshots_->Take("one"), HasCode(StatusCode::kResourceExhausted));
  EXPECT_THAT(Names(folder_.path() + "/snapshots"), IsEmpty());
  files_.refuse_create = Status();
  EXPECT_THAT(snapshots_->Take("one"), IsOk());
}

TEST_F(SnapshotTest, RemovesWhatACrashHasLeft) {
  ASSERT_THAT(files_.MakeDirs(Snapshot("old.partial/chunks")), IsOk());
  ASSERT_THAT(snapshots_->Take("one"), IsOk());
  EXPECT_THAT(Names(folder_.path() + "/snapshots"), ElementsAre("one"));
}

TEST_F(SnapshotTest, RefusesANameThatIsTakenOrNoName) {
  ASSERT_THAT(snapshots_->Take("one"), IsOk());
  EXPECT_THAT(snapshots_->Take("one"), HasCode(StatusCode::kAlreadyExists));
  for (const char* name : {"../up", ".", "a/b", "a.partial", "a b"}) {
    EXPECT_THAT(snapshots_->Take(name), HasCode(StatusCode::kInvalidArgument)) << name;
  }
  EXPECT_THAT(Names(folder_.path() + "/snapshots"), ElementsAre("one"));
}

TEST_F(SnapshotTest, IsNamedByTheTimeIfByNothingElse) {
  const auto made = snapshots_->Take("");
  ASSERT_THAT(made, IsOk());
  EXPECT_THAT(made->path, testing::MatchesRegex(".*/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9-]*Z"));
}

TEST_F(SnapshotTest, NamesAPackThatTheStoreHasLost) {
  Store("x");
  const std::string pack = (*objects_->List("packs/"))[0].key;
  ASSERT_THAT(objects_->Delete(pack), IsOk());
  const auto made = snapshots_->Take("one");
  ASSERT_THAT(made, IsOk());
  EXPECT_THAT(made->missing_packs, ElementsAre(pack));
  EXPECT_THAT(made->ToJson(), HasSubstr("\"missing_packs\":[\"" + pack + "\"]"));
}

TEST_F(SnapshotTest, IsRestoredWithoutBeingUsedUp) {
  Store("x");
  for (int i = 0; i < 5; ++i) Log("a line of some length, to fill segments");
  ASSERT_THAT(snapshots_->Take("one"), IsOk());
  const std::string target = folder_.path() + "/restored";
  ASSERT_THAT(RestoreTo(target + "/"), IsOk());
  Check(target);
  {
    // A store that works on what was restored changes nothing of the snapshot.
    const auto objects = chunkstore::FsObjectStore::Open(files_, target + "/chunks");
    const auto store =
        chunkstore::ChunkStore::Open({.index_folder = target + "/index"}, **objects, clock_);
    ASSERT_THAT(store, IsOk());
    const auto packs = (*objects)->List("packs/");
    ASSERT_THAT(CompactPacks((*store)->parts(), *packs, {}, CancelToken()), IsOk());
    ASSERT_THAT((*objects)->Delete((*packs)[0].key), IsOk());
  }
  EXPECT_EQ(Check(Snapshot("one")).entries, 50u);
}

TEST_F(SnapshotTest, HasTheDeleteRequestsOfItsTime) {
  ASSERT_THAT(snapshots_->Take("before"), IsOk()) << "nobody has asked for anything";
  ASSERT_THAT(files_.MakeDirs(Data("deletes")), IsOk());
  ASSERT_THAT(files_.AtomicWrite(RequestsFile(), "pending"), IsOk());
  ASSERT_THAT(snapshots_->Take("one"), IsOk());
  ASSERT_THAT(files_.AtomicWrite(RequestsFile(), "processed"), IsOk());
  const std::string target = folder_.path() + "/restored";
  ASSERT_THAT(RestoreTo(target), IsOk());
  for (const std::string& folder : {Snapshot("one"), target}) {
    EXPECT_EQ(*files_.ReadAll(folder + "/compactor/delete_requests"), "pending");
  }
  EXPECT_THAT(RestoreTo(folder_.path() + "/early", Snapshot("before")), IsOk());
}

TEST_F(SnapshotTest, IsRestoredThoughItWasMadeBeforeThereWereDeletes) {
  ASSERT_THAT(snapshots_->Take("old"), IsOk());
  ASSERT_THAT(RemoveTree(files_, Snapshot("old") + "/compactor"), IsOk());
  EXPECT_THAT(RestoreTo(folder_.path() + "/restored", Snapshot("old")), IsOk());
}

TEST_F(SnapshotTest, HasRulesAlertsAndSamplesOfItsTime) {
  const std::pair<const char*, const char*> parts[] = {
      {"own-rules/t/ns/group.yaml", "rules/t/ns/group.yaml"},
      {"own-rules/t.tmp/ns/group.yaml", "rules/t.tmp/ns/group.yaml"},
      {"rules-of-objects/rules/t/bnM=/Z3I=", "rule-objects/rules/t/bnM=/Z3I="},
      {"samples/tenant-t/000000000001.samples", "ruler-wal/tenant-t/000000000001.samples"},
      {"samples/tenant-t/places", "ruler-wal/tenant-t/places"},
      {"state.json", "ruler-state.json"},
      {"state", "ruler-state"}};
  for (const auto& [from, to] : parts) Write(Data(from), from);
  Write(Data("own-rules/t/ns/other.yaml.7.tmp"), "half");
  ASSERT_THAT(snapshots_->Take("one"), IsOk());
  for (const auto& [from, to] : parts) Write(Data(from), "later");
  const std::string target = folder_.path() + "/restored";
  DataFolders folders = FoldersOf(target);
  folders.rule_objects = folder_.path() + "/objects/rules";
  folders.rule_samples = target + "/elsewhere/samples";
  ASSERT_THAT(Restore(files_, Snapshot("one"), target, folders), IsOk());
  for (const auto& [from, to] : parts) {
    EXPECT_EQ(*files_.ReadAll(Snapshot("one") + "/" + to), from);
  }
  EXPECT_THAT(Names(Snapshot("one") + "/rules/t/ns"), ElementsAre("group.yaml"));
  EXPECT_THAT(Names(target + "/rules"), ElementsAre("t", "t.tmp"));
  EXPECT_EQ(*files_.ReadAll(target + "/rules/t/ns/group.yaml"), "own-rules/t/ns/group.yaml");
  EXPECT_EQ(*files_.ReadAll(folders.rule_objects + "/rules/t/bnM=/Z3I="),
            "rules-of-objects/rules/t/bnM=/Z3I=");
  EXPECT_THAT(Names(folders.rule_samples + "/tenant-t"),
              ElementsAre("000000000001.samples", "places"));
  EXPECT_EQ(*files_.ReadAll(target + "/ruler-state"), "state");
  EXPECT_EQ(*files_.ReadAll(target + "/ruler-state.json"), "state.json");
}

TEST_F(SnapshotTest, PutsAFolderIntoTheOneThatItLiesIn) {
  Store("x");
  Write(Data("rules-of-objects/rules/t/bnM=/Z3I="), "group");
  ASSERT_THAT(snapshots_->Take("one"), IsOk());
  DataFolders folders = FoldersOf(folder_.path() + "/restored");
  folders.chunks = folder_.path() + "/shared";
  folders.rule_objects = folders.chunks + "/rules";
  ASSERT_THAT(Restore(files_, Snapshot("one"), folder_.path() + "/restored", folders), IsOk());
  EXPECT_THAT(Names(folders.chunks), UnorderedElementsAre("packs", "rules"));
  EXPECT_EQ(*files_.ReadAll(folders.rule_objects + "/rules/t/bnM=/Z3I="), "group");
}

TEST_F(SnapshotTest, PutsWhatBelongsElsewhereThere) {
  Store("x");
  ASSERT_THAT(files_.MakeDirs(Data("deletes")), IsOk());
  ASSERT_THAT(files_.AtomicWrite(RequestsFile(), "pending"), IsOk());
  ASSERT_THAT(snapshots_->Take("one"), IsOk());
  const std::string target = folder_.path() + "/restored";
  DataFolders folders = FoldersOf(target);
  folders.requests = folder_.path() + "/state/requests/";
  ASSERT_THAT(Restore(files_, Snapshot("one"), target, folders), IsOk());
  EXPECT_EQ(*files_.ReadAll(folder_.path() + "/state/requests/delete_requests"), "pending");
  EXPECT_THAT(Names(target), UnorderedElementsAre("chunks", "index", "wal"));
  EXPECT_THAT(Names(folder_.path() + "/state"), ElementsAre("requests"));
}

TEST_F(SnapshotTest, NothingIsRestoredWhereAPartOfItExists) {
  ASSERT_THAT(files_.MakeDirs(Data("deletes")), IsOk());
  ASSERT_THAT(files_.AtomicWrite(RequestsFile(), "pending"), IsOk());
  ASSERT_THAT(snapshots_->Take("one"), IsOk());
  DataFolders folders = FoldersOf(folder_.path() + "/new");
  folders.requests = Data("deletes");
  EXPECT_THAT(Restore(files_, Snapshot("one"), folder_.path() + "/new", folders),
              HasCode(StatusCode::kAlreadyExists));
  EXPECT_EQ(*files_.ReadAll(RequestsFile()), "pending");
  EXPECT_THAT(Names(folder_.path()), testing::Not(testing::Contains(testing::StartsWith("new"))));
}

TEST_F(SnapshotTest, IsNotRestoredWithoutAFileThatItHad) {
  Store("x");
  for (int i = 0; i < 5; ++i) Log("a line of some length, to fill segments");
  Write(Data("own-rules/t/ns/group.yaml"), "group");
  ASSERT_THAT(snapshots_->Take("one"), IsOk());
  const auto listed = ListFiles(files_, Snapshot("one"));
  ASSERT_THAT(listed, IsOk());
  ASSERT_GT(listed->size(), 6u);
  for (const SnapshotManifest::File& file : *listed) {
    if (file.path == kSnapshotManifest) continue;
    const std::string path = Snapshot("one") + "/" + file.path;
    ASSERT_THAT(files_.Rename(path, folder_.path() + "/away"), IsOk());
    const auto refused = RestoreTo(folder_.path() + "/new");
    EXPECT_THAT(refused, HasCode(StatusCode::kDataLoss)) << file.path;
    EXPECT_THAT(refused, HasMessage(HasSubstr(file.path + " is missing")));
    EXPECT_THAT(Names(folder_.path()), testing::Not(testing::Contains(testing::StartsWith("new"))));
    ASSERT_THAT(files_.Rename(folder_.path() + "/away", path), IsOk());
  }
  EXPECT_THAT(RestoreTo(folder_.path() + "/new"), IsOk());
}

TEST_F(SnapshotTest, IsNotRestoredWithAFileThatWasCut) {
  Store("x");
  ASSERT_THAT(snapshots_->Take("one"), IsOk());
  const std::string pack = "chunks/" + (*objects_->List("packs/"))[0].key;
  std::filesystem::resize_file(Snapshot("one") + "/" + pack, 100);
  EXPECT_THAT(RestoreTo(folder_.path() + "/new"),
              HasMessage(HasSubstr(pack + " has 100 bytes instead of ")));
}

// As they were before their manifests named files.
TEST_F(SnapshotTest, OneThatOnlyCountsIsCheckedByThat) {
  Store("x");
  Store("y");
  for (int i = 0; i < 12; ++i) Log("a line of some length, to fill segments");
  const auto made = snapshots_->Take("one");
  ASSERT_THAT(made, IsOk());
  Write(Snapshot("one") + "/snapshot.json",
        R"({"format":1,"time":"2026-11-30T00:00:00Z","packs":2,"wal_segments":)" +
            std::to_string(made->wal_segments) + "}\n");
  ASSERT_GT(made->wal_segments, 2u);
  EXPECT_THAT(RestoreTo(folder_.path() + "/whole"), IsOk());
  const std::string pack = "chunks/" + (*objects_->List("packs/"))[0].key;
  const std::string wal = Snapshot("one") + "/wal/";
  const std::string segment = *(Names(wal).begin() + 1);
  for (const std::string& lost : {pack, "wal/" + segment}) {
    const std::string path = Snapshot("one") + "/" + lost;
    ASSERT_THAT(files_.Rename(path, folder_.path() + "/away"), IsOk());
    EXPECT_THAT(RestoreTo(folder_.path() + "/new"), HasMessage(HasSubstr(lost + " is missing")));
    ASSERT_THAT(files_.Rename(folder_.path() + "/away", path), IsOk());
  }
  Write(Snapshot("one") + "/snapshot.json", "nothing");
  EXPECT_THAT(RestoreTo(folder_.path() + "/new"),
              HasMessage(HasSubstr("snapshot.json: malformed")));
}

TEST_F(SnapshotTest, IsNotRestoredOverAnythingNorFromAPart) {
  ASSERT_THAT(snapshots_->Take("one"), IsOk());
  EXPECT_THAT(RestoreTo(folder_.path() + "/data"), HasCode(StatusCode::kAlreadyExists));
  EXPECT_THAT(RestoreTo(folder_.path() + "/new", folder_.path() + "/data"),
              HasMessage(HasSubstr("is no whole snapshot")));
  files_.refuse_create = ResourceExhausted("disk full");
  EXPECT_THAT(RestoreTo(folder_.path() + "/new"), HasCode(StatusCode::kResourceExhausted));
  EXPECT_THAT(Names(folder_.path()), testing::Not(testing::Contains("new.partial")));
}

}  // namespace
}  // namespace skald::maintenance
