#include "chunkstore/index/kv_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "support/expiring_clock.h"
#include "support/matchers.h"
#include "support/temp_folder.h"

namespace skald::chunkstore {
namespace {

using test::HasCode;
using test::IsOk;
using testing::ElementsAre;
using testing::Not;
using testing::Pair;

class KvStoreTest : public testing::Test {
 protected:
  KvStoreTest() { Reopen(); }

  void Reopen(size_t write_buffer_bytes = 8 << 20) {
    store_.reset();
    auto store =
        KvStore::Open({.folder = folder_.path() + "/kv", .write_buffer_bytes = write_buffer_bytes});
    ASSERT_THAT(store, IsOk());
    store_ = *std::move(store);
  }

  void Put(const std::string& key, const std::string& value) {
    KvBatch batch;
    batch.Put(key, value);
    ASSERT_THAT(store_->Write(batch), IsOk());
  }
  void Append(const std::string& key, const std::string& bytes) {
    KvBatch batch;
    batch.Append(key, bytes);
    ASSERT_THAT(store_->Write(batch), IsOk());
  }

  void Delete(const std::string& key) {
    KvBatch batch;
    batch.Delete(key);
    ASSERT_THAT(store_->Write(batch), IsOk());
  }
  Status Purge(const std::vector<std::string>& prefixes, const CancelToken& cancel = {}) {
    KvBatch done;
    done.Put("done", "");
    return store_->Purge(prefixes, done, cancel);
  }

  // All bytes of all files.
  std::string Bytes() {
    std::string bytes;
    for (const auto& file : std::filesystem::directory_iterator(folder_.path() + "/kv")) {
      std::ifstream in(file.path(), std::ios::binary);
      bytes.append(std::istreambuf_iterator<char>(in), {});
    }
    return bytes;
  }

  std::vector<std::pair<std::string, std::string>> Scan(const std::string& prefix) {
    std::vector<std::pair<std::string, std::string>> found;
    const KvSnapshot snapshot = store_->Snapshot();
    KvCursor cursor = snapshot.Scan(prefix);
    for (; cursor.Valid(); cursor.Next()) found.emplace_back(cursor.key(), cursor.value());
    EXPECT_THAT(cursor.status(), IsOk());
    return found;
  }

  const test::TempFolder folder_;
  std::unique_ptr<KvStore> store_;
};

TEST_F(KvStoreTest, ScanSeesItsPrefixOnly) {
  for (const char* key : {"a", "b1", "b2", "b\xff", "c"}) Put(key, key);
  EXPECT_THAT(Scan("b"), ElementsAre(Pair("1", "b1"), Pair("2", "b2"), Pair("\xff", "b\xff")));
}

TEST_F(KvStoreTest, SeekGoesToTheNextKeyOfThePrefix) {
  for (const char* key : {"b1", "b5", "c1"}) Put(key, key);
  const KvSnapshot snapshot = store_->Snapshot();
  KvCursor cursor = snapshot.Scan("b");
  cursor.Seek("2");
  ASSERT_TRUE(cursor.Valid());
  EXPECT_EQ(cursor.key(), "5");
  cursor.Seek("6");
  EXPECT_FALSE(cursor.Valid());
}

TEST_F(KvStoreTest, AppendedValuesOfNeighboursStayApart) {
  for (const char* key : {"p1", "p2", "p3"}) {
    Append(key, std::string(key) + ";");
    Append(key, std::string(key) + ".");
  }
  const auto expected = ElementsAre(Pair("1", "p1;p1."), Pair("2", "p2;p2."), Pair("3", "p3;p3."));
  EXPECT_THAT(Scan("p"), expected);
  Reopen();
  EXPECT_THAT(Scan("p"), expected);
  Append("p2", "+");
  EXPECT_THAT(Scan("p2"), ElementsAre(Pair("", "p2;p2.+")));
}

TEST_F(KvStoreTest, ASnapshotDoesNotChange) {
  Put("k", "old");
  const KvSnapshot snapshot = store_->Snapshot();
  Put("k", "new");
  EXPECT_EQ(**snapshot.Get("k"), "old");
  EXPECT_EQ(**store_->Snapshot().Get("k"), "new");
  EXPECT_FALSE(snapshot.Get("absent")->has_value());
}

TEST_F(KvStoreTest, ABatchIsThereAfterReopening) {
  KvBatch batch;
  batch.Put("a", "1");
  batch.Append("b", "2");
  ASSERT_THAT(store_->Write(batch), IsOk());
  KvBatch removal;
  removal.Delete("a");
  ASSERT_THAT(store_->Write(removal), IsOk());
  Reopen();
  EXPECT_THAT(Scan(""), ElementsAre(Pair("b", "2")));
}

TEST_F(KvStoreTest, DamageIsDataLossAndCanBeSetAside) {
  Put("a", "1");
  store_.reset();
  const std::string folder = folder_.path() + "/kv";
  std::filesystem::resize_file(folder + "/CURRENT", 3);
  EXPECT_THAT(KvStore::Open({.folder = folder}), HasCode(StatusCode::kDataLoss));
  ASSERT_THAT(KvStore::SetAside({.folder = folder}), IsOk());
  Reopen();
  EXPECT_TRUE(Scan("").empty());
}

TEST_F(KvStoreTest, AMissingFileIsDataLoss) {
  Put("a", "1");
  Reopen();  // Makes a table of it.
  store_.reset();
  const std::string sound = folder_.path() + "/kv";
  std::set<std::string> kinds;
  for (const auto& file : std::filesystem::directory_iterator(sound)) {
    const std::string name = file.path().filename();
    if (name != "CURRENT" && !name.starts_with("MANIFEST") && !name.ends_with(".sst")) continue;
    const std::string damaged = folder_.path() + "/without-" + name;
    std::filesystem::copy(sound, damaged);
    std::filesystem::remove(damaged + "/" + name);
    EXPECT_THAT(KvStore::Open({.folder = damaged}), HasCode(StatusCode::kDataLoss)) << name;
    kinds.insert(name.substr(0, 1));
  }
  EXPECT_EQ(kinds.size(), 3u);
}

TEST_F(KvStoreTest, IsNotOpenedOnceItIsMarkedAsDamaged) {
  Put("a", "1");
  store_->MarkDamaged();
  EXPECT_FALSE(Scan("").empty());
  store_.reset();
  const std::string folder = folder_.path() + "/kv";
  EXPECT_THAT(KvStore::Open({.folder = folder}), HasCode(StatusCode::kDataLoss));
  ASSERT_THAT(KvStore::SetAside({.folder = folder}), IsOk());
  Reopen();
  EXPECT_TRUE(Scan("").empty());
}

TEST_F(KvStoreTest, IsReadBesideItsWriterWithoutChangingAnything) {
  Put("a", "1");
  Append("list", "x");
  Append("list", "y");
  const auto files = [&] {
    std::vector<std::string> names;
    for (const auto& file : std::filesystem::directory_iterator(folder_.path() + "/kv")) {
      names.push_back(file.path().filename());
    }
    std::ranges::sort(names);
    return names;
  };
  const std::vector<std::string> before = files();
  const auto reader = KvStore::OpenReadOnly({.folder = folder_.path() + "/kv"});
  ASSERT_THAT(reader, IsOk());
  EXPECT_EQ(**(*reader)->Snapshot().Get("a"), "1");
  EXPECT_EQ(**(*reader)->Snapshot().Get("list"), "xy");
  KvBatch batch;
  batch.Put("b", "2");
  EXPECT_FALSE((*reader)->Write(batch).ok());
  EXPECT_EQ(files(), before);
  Put("c", "3");  // The writer goes on.
}

TEST_F(KvStoreTest, ThereIsNothingToReadWhereThereIsNoStore) {
  EXPECT_THAT(KvStore::OpenReadOnly({.folder = folder_.path() + "/none"}),
              HasCode(StatusCode::kNotFound));
  EXPECT_FALSE(std::filesystem::exists(folder_.path() + "/none"));
}

TEST_F(KvStoreTest, ACheckpointIsAStoreOfItsOwn) {
  Put("a", "1");
  const std::string copy = folder_.path() + "/copy";
  ASSERT_THAT(store_->Checkpoint(copy), IsOk());
  EXPECT_FALSE(store_->Checkpoint(copy).ok());  // It is there.
  Put("a", "2");
  const auto opened = KvStore::Open({.folder = copy});
  ASSERT_THAT(opened, IsOk());
  EXPECT_EQ(**(*opened)->Snapshot().Get("a"), "1");
}

// What tables hold as it is, however neighbours share their beginnings: letters that are nowhere
// else.
std::string RandomText(std::mt19937& random) {
  std::string text(18, ' ');
  for (char& c : text) c = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"[random() % 52];
  return text;
}
std::string EndOf(const std::string& text) { return text.substr(text.size() - 12); }

TEST_F(KvStoreTest, PurgedKeysAreInNoFileAnyMore) {
  Put("v/gone-value-12345", "gone-content-67890");
  Put("v/stays", "kept");
  Reopen();  // Makes a table of it.
  Delete("v/gone-value-12345");
  Reopen();  // And another of the mark.
  EXPECT_THAT(Bytes(), testing::HasSubstr("gone-value-12345"));
  EXPECT_THAT(Bytes(), testing::HasSubstr("gone-content-67890"));
  ASSERT_THAT(Purge({"v/"}), IsOk());
  EXPECT_THAT(Bytes(), Not(testing::HasSubstr("gone-value-12345")));
  EXPECT_THAT(Bytes(), Not(testing::HasSubstr("gone-content-67890")));
  EXPECT_THAT(Scan(""), ElementsAre(Pair("done", ""), Pair("v/stays", "kept")));
  Reopen();
  EXPECT_THAT(Scan(""), ElementsAre(Pair("done", ""), Pair("v/stays", "kept")));
}

// Whatever tables there are, on however many levels.
TEST_F(KvStoreTest, PurgesKeysThatComeAndGoInRangesOfTheirOwn) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  Reopen(/*write_buffer_bytes=*/64 << 10);
  std::map<std::string, std::string> there;
  for (int round = 0; round < 4; ++round) {
    for (int i = 0; i < 3000; ++i) {
      const std::string key = std::string(1, "prv"[random() % 3]) + RandomText(random);
      const std::string value = RandomText(random);
      KvBatch batch;
      batch.Put(key, value);
      ASSERT_THAT(store_->Write(batch), IsOk());
      there[key] = value;
    }
    std::vector<std::string> gone;
    KvBatch removal;
    for (auto at = there.begin(); at != there.end();) {
      const bool purged = at->first[0] != 'r' && random() % 3 == 0;
      if (!purged) {
        ++at;
        continue;
      }
      removal.Delete(at->first);
      gone.push_back(EndOf(at->first));
      gone.push_back(EndOf(at->second));
      at = there.erase(at);
    }
    const auto found = [&] {
      const std::string bytes = Bytes();
      return std::ranges::count_if(
          gone, [&](const std::string& text) { return bytes.find(text) != std::string::npos; });
    };
    EXPECT_GT(found(), static_cast<ptrdiff_t>(gone.size() / 2));
    ASSERT_THAT(store_->Write(removal), IsOk());
    ASSERT_THAT(Purge({"p", "v"}), IsOk());
    EXPECT_EQ(found(), 0);
    std::map<std::string, std::string> left;
    for (auto& [key, value] : Scan("")) left.emplace(std::move(key), std::move(value));
    left.erase("done");
    ASSERT_EQ(left, there);
  }
}

TEST_F(KvStoreTest, WhatALookupOfBeforeStillSeesIsNotPurged) {
  Put("v/gone-value-12345", "1");
  {
    const KvSnapshot snapshot = store_->Snapshot();
    Delete("v/gone-value-12345");
    EXPECT_THAT(Purge({"v/"}), HasCode(StatusCode::kUnavailable));
    EXPECT_EQ(**snapshot.Get("v/gone-value-12345"), "1");
    EXPECT_THAT(Scan("done"), testing::IsEmpty());
  }
  const KvSnapshot later = store_->Snapshot();
  ASSERT_THAT(Purge({"v/"}), IsOk());
  EXPECT_THAT(Bytes(), Not(testing::HasSubstr("gone-value-12345")));
}

TEST_F(KvStoreTest, APurgeThatIsCancelledIsNotDone) {
  Put("v/gone-value-12345", "1");
  Delete("v/gone-value-12345");
  CancelToken cancel;
  cancel.Cancel();
  EXPECT_THAT(Purge({"v/"}, cancel), HasCode(StatusCode::kCancelled));
  EXPECT_THAT(Scan("done"), testing::IsEmpty());
  ASSERT_THAT(Purge({"v/"}), IsOk());
  EXPECT_THAT(Bytes(), Not(testing::HasSubstr("gone-value-12345")));
}

// Whatever the keys are like: numbers in order, of any length, with bytes that end a range.
TEST_F(KvStoreTest, CutsAWalkIntoPieces) {
  std::mt19937_64 random(7);
  std::vector<std::string> prefixes = {"a/", "b/", std::string("c\xff")};
  std::map<std::string, std::vector<std::string>> keys;
  KvBatch batch;
  for (int i = 0; i < 20'000; ++i) {
    const std::string number = std::to_string(random());
    keys["a/"].push_back("app-" + std::to_string(i % 100) + "-" + number);
    keys["b/"].push_back(std::string(random() % 12, '\xff') + number);
    keys["c\xff"].push_back(number.substr(0, 1 + random() % 19));
  }
  for (auto& [prefix, texts] : keys) {
    std::ranges::sort(texts);
    texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
    for (const std::string& text : texts) batch.Put(prefix + text, "");
  }
  ASSERT_THAT(store_->Write(batch), IsOk());
  Reopen();  // In files from now on.
  for (const auto& [prefix, texts] : keys) {
    const KvSnapshot snapshot = store_->Snapshot();
    std::vector<std::string> cuts = *snapshot.Cuts(prefix, 30'000, 100);
    EXPECT_THAT(cuts, testing::SizeIs(testing::Ge(2u))) << prefix;
    EXPECT_EQ(std::ranges::adjacent_find(cuts, std::ranges::greater_equal()), cuts.end());
    cuts.insert(cuts.begin(), "");
    cuts.push_back("");
    std::vector<std::string> walked;
    size_t longest = 0;
    for (size_t i = 0; i + 1 < cuts.size(); ++i) {
      const size_t before = walked.size();
      KvCursor cursor = snapshot.Scan(prefix, cuts[i], cuts[i + 1]);
      for (; cursor.Valid(); cursor.Next()) walked.emplace_back(cursor.key());
      EXPECT_THAT(cursor.status(), IsOk());
      longest = std::max(longest, walked.size() - before);
    }
    EXPECT_EQ(walked, texts) << prefix;
    EXPECT_LT(longest, texts.size() * 2 / 3) << prefix;
  }
  EXPECT_THAT(*store_->Snapshot().Cuts("a/", 10 << 20, 100), ElementsAre());
  EXPECT_THAT(*store_->Snapshot().Cuts("none/", 1, 100), ElementsAre());
  EXPECT_THAT(*store_->Snapshot().Cuts("a/", 1, 3), testing::SizeIs(testing::Le(3u)));
  const test::ExpiringClock clock(8);  // Amidst the search.
  const CancelToken cancel = CancelToken::WithTimeout(clock, std::chrono::minutes(1));
  EXPECT_THAT(store_->Snapshot(cancel).Cuts("a/", 30'000, 100),
              HasCode(StatusCode::kDeadlineExceeded));
}

}  // namespace
}  // namespace skald::chunkstore
