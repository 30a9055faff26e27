#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "chunkstore/chunk_store.h"
#include "chunkstore/objstore/fs_object_store.h"
#include "chunkstore/test_entries.h"
#include "common/files.h"
#include "ingester/wal.h"
#include "maintenance/file_tree.h"
#include "maintenance/snapshot.h"
#include "maintenance/verify.h"
#include "model/labels.h"
#include "support/manual_clock.h"
#include "support/matchers.h"
#include "support/temp_folder.h"

namespace skald::maintenance {

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
  Result<FileState> Stat(const std::string& path) override { return real_->Stat(path); }
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

// A server's data, and snapshots of it.
class SnapshotFixture : public testing::Test {
 protected:
  SnapshotFixture() {
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
    ASSERT_THAT(files_.MakeDirs(path.substr(0, path.rfind('/'))), test::IsOk());
    ASSERT_THAT(files_.AtomicWrite(path, text), test::IsOk());
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

  static constexpr size_t kStoredEntries = 50;
  void Store(const std::string& app) {
    const auto labels = std::make_shared<const model::Labels>(model::Labels{{"app", app}});
    chunkstore::BlockSealer sealer({});
    std::vector<chunkstore::ChunkToStore> chunks;
    for (auto& chunk : MakeChunks(test::MakeBlock(generator_.Entries(kStoredEntries)), sealer)) {
      chunks.push_back({.tenant = model::TenantId("t"),
                        .labels = labels,
                        .fingerprint = labels->Hash(),
                        .chunk = std::move(chunk)});
    }
    ASSERT_THAT(store_->Put(chunks), test::IsOk());
  }

  void Log(const std::string& line) {
    const model::Labels labels{{"app", "x"}};
    const auto reservation = wal_->Reserve(1000);
    ASSERT_THAT(reservation, test::IsOk());
    ingester::WalEntriesEncoder encoder;
    encoder.Start(++seq_, 1);
    encoder.Add(1, line, {});
    const auto ticket = wal_->Enqueue(stream_, "t", labels.encoded(), encoder.body()).ticket;
    ASSERT_THAT(wal_->Commit(ticket, ticket), test::IsOk());
  }

  // What is in a folder with data; its faults fail the test.
  Verification Check(const std::string& folder) {
    auto verification = Verify(
        files_, {.chunks = folder + "/chunks", .index = folder + "/index", .wal = folder + "/wal"},
        {});
    EXPECT_THAT(verification, test::IsOk());
    EXPECT_THAT(verification->findings, testing::IsEmpty()) << verification->ToText();
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

}  // namespace skald::maintenance
