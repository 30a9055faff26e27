#include "maintenance/snapshot.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "chunkstore/chunk_store.h"
#include "chunkstore/compact/compaction_job.h"
#include "chunkstore/objstore/fs_object_store.h"
#include "chunkstore/test_entries.h"
#include "maintenance/file_tree.h"
#include "maintenance/verify.h"
#include "model/labels.h"
#include "support/manual_clock.h"
#include "support/matchers.h"
#include "support/temp_folder.h"

namespace skald::maintenance {
namespace {

using test::HasCode;
using test::HasMessage;
using test::IsOk;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

// The real file system, but for what it is told to refuse.
class RefusingFiles final : public FileSystem {
 public:
  Status refuse_link;           // OK: links are made.
  Status refuse_create;         // Of files whose path contains:
  std::string create_contains;  // Empty: of all.

  Result<std::unique_ptr<AppendFile>> Create(const std::string& path) override {
    const bool refused = path.find(create_contains) != std::string::npos && !refuse_create.ok();
    if (refused) return refuse_create;
    return real_->Create(path);
  }
  Status Link(const std::string& from, const std::string& to) override {
    return refuse_link.ok() ? real_->Link(from, to) : refuse_link;
  }
  Result<std::unique_ptr<RandomReadFile>> OpenForRead(const std::string& path) override {
    return real_->OpenForRead(path);
  }
  Result<std::string> ReadAll(const std::string& path) override { return real_->ReadAll(path); }
  Status MakeDirs(const std::string& path) override { return real_->MakeDirs(path); }
  Result<std::vector<std::string>> List(const std::string& path) override {
    return real_->List(path);
  }
  Status Remove(const std::string& path) override { return real_->Remove(path); }
  Status Rename(const std::string& from, const std::string& to) override {
    return real_->Rename(from, to);
  }
  Status SyncDir(const std::string& path) override { return real_->SyncDir(path); }
  Result<bool> Exists(const std::string& path) override { return real_->Exists(path); }
  Result<Space> DiskSpace(const std::string& path) override { return real_->DiskSpace(path); }

 private:
  const std::unique_ptr<FileSystem> real_ = MakePosixFileSystem();
};

class SnapshotTest : public testing::Test {
 protected:
  SnapshotTest() {
    objects_ = *chunkstore::FsObjectStore::Open(files_, Data("chunks"));
    store_ = *chunkstore::ChunkStore::Open({.index_folder = Data("index")}, *objects_, clock_);
    wal_ = *ingester::Wal::Open({.dir = Data("wal"), .sync = false, .segment_bytes = 200}, files_,
                                clock_);
    snapshots_ = std::make_unique<Snapshotter>(
        Snapshotter::Options{.folder = folder_.path() + "/snapshots", .data = ServedFolders()},
        Snapshotter::Parts{.files = files_,
                           .clock = clock_,
                           .store = store_->parts(),
                           .log = wal_.get(),
                           .flush = [] { return Status(); }});
  }

  std::string Data(const std::string& name) const { return folder_.path() + "/data/" + name; }
  std::string RequestsFile() const { return Data("deletes/delete_requests"); }
  std::string Snapshot(const std::string& name) const {
    return folder_.path() + "/snapshots/" + name;
  }

  // Of the server whose snapshots are taken.
  DataFolders ServedFolders() const {
    return {.chunks = Data("chunks"),
            .index = Data("index"),
            .wal = Data("wal"),
            .requests = Data("deletes"),
            .rules = Data("own-rules"),
            .rule_objects = Data("rules-of-objects"),
            .rule_state = Data("state"),
            .rule_samples = Data("samples")};
  }
  void Write(const std::string& path, const std::string& text) {
    ASSERT_THAT(files_.MakeDirs(path.substr(0, path.rfind('/'))), IsOk());
    ASSERT_THAT(files_.AtomicWrite(path, text), IsOk());
  }

  // Where a server with that folder looks, unless told else.
  static DataFolders FoldersOf(const std::string& data) {
    return {.chunks = JoinPath(data, "chunks"),
            .index = JoinPath(data, "index"),
            .wal = JoinPath(data, "wal"),
            .requests = JoinPath(data, "compactor")};
  }
  Result<FileCounts> RestoreTo(const std::string& target) {
    return RestoreTo(target, Snapshot("one"));
  }
  Result<FileCounts> RestoreTo(const std::string& target, const std::string& snapshot) {
    return Restore(files_, snapshot, target, FoldersOf(target));
  }

  void Store(const std::string& app) {
    const auto labels = std::make_shared<const model::Labels>(model::Labels{{"app", app}});
    chunkstore::BlockSealer sealer({});
    std::vector<chunkstore::ChunkToStore> chunks;
    for (auto& chunk : MakeChunks(test::MakeBlock(generator_.Entries(50)), sealer)) {
      chunks.push_back({.tenant = model::TenantId("t"),
                        .labels = labels,
                        .fingerprint = labels->Hash(),
                        .chunk = std::move(chunk)});
    }
    ASSERT_THAT(store_->Put(chunks), IsOk());
  }

  void Log(const std::string& line) {
    const model::Labels labels{{"app", "x"}};
    const auto reservation = wal_->Reserve(1000);
    ASSERT_THAT(reservation, IsOk());
    ingester::WalEntriesEncoder encoder;
    encoder.Start(++seq_, 1);
    encoder.Add(1, line, {});
    const auto ticket = wal_->Enqueue(stream_, "t", labels.encoded(), encoder.body()).ticket;
    ASSERT_THAT(wal_->Commit(ticket, ticket), IsOk());
  }

  // What is in a folder with data; its faults fail the test.
  Verification Check(const std::string& folder) {
    auto verification = Verify(
        files_, {.chunks = folder + "/chunks", .index = folder + "/index", .wal = folder + "/wal"},
        {});
    EXPECT_THAT(verification, IsOk());
    EXPECT_THAT(verification->findings, IsEmpty()) << verification->ToText();
    return *std::move(verification);
  }

  std::vector<std::string> Names(const std::string& folder) { return *files_.List(folder); }

  const test::TempFolder folder_;
  RefusingFiles files_;
  test::ManualClock clock_;
  test::EntryGenerator generator_{1};
  std::unique_ptr<chunkstore::FsObjectStore> objects_;
  std::unique_ptr<chunkstore::ChunkStore> store_;
  std::unique_ptr<ingester::Wal> wal_;
  ingester::WalStream stream_;
  uint64_t seq_ = 0;
  std::unique_ptr<Snapshotter> snapshots_;
};

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
