#include "ruler/object_rule_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "chunkstore/objstore/fs_object_store.h"
#include "support/matchers.h"
#include "support/temp_folder.h"

namespace skald::ruler {
namespace {

using test::HasCode;
using test::HasMessage;
using test::IsOk;
using testing::ElementsAre;
using testing::StartsWith;

// Another store with its calls counted, which is away when it is told so.
class CountingStore final : public chunkstore::ObjectStore {
 public:
  explicit CountingStore(chunkstore::ObjectStore& store) : store_(store) {}

  std::atomic<int> lists = 0;
  std::atomic<int> gets = 0;
  std::string away;  // Objects whose keys contain it cannot be read, unless empty.

  using ObjectStore::Put;
  Status Put(const std::string& key, std::span<const std::string_view> parts) override {
    return store_.Put(key, parts);
  }
  Result<std::string> Get(const std::string& key) override {
    ++gets;
    if (!away.empty() && key.find(away) != std::string::npos) return Unavailable("away");
    return store_.Get(key);
  }
  Status GetRange(const std::string& key, uint64_t offset, uint64_t count,
                  std::string& out) override {
    return store_.GetRange(key, offset, count, out);
  }
  Result<std::vector<chunkstore::ObjectEntry>> List(std::string_view prefix) override {
    ++lists;
    return store_.List(prefix);
  }
  Status Delete(const std::string& key) override { return store_.Delete(key); }

 private:
  chunkstore::ObjectStore& store_;
};

class ObjectRuleStoreTest : public testing::Test {
 protected:
  std::vector<std::string> Keys() {
    std::vector<std::string> keys;
    const auto objects = objects_->List("");
    for (const chunkstore::ObjectEntry& object : *objects) keys.push_back(object.key);
    return keys;
  }
  void Set(const std::string& name_space, const std::string& name) {
    ASSERT_THAT(store_.Set("t", name_space, {.name = name}), IsOk());
  }
  std::vector<TenantRules> ReadAll() {
    return *store_.ReadAll([](const std::string&) { return true; });
  }
  std::vector<std::string> Tenants() {
    std::vector<std::string> tenants;
    for (const TenantRules& of : ReadAll()) tenants.push_back(of.tenant);
    return tenants;
  }
  std::vector<std::string> Names(const std::string& name_space) {
    std::vector<std::string> names;
    auto listing = store_.List("t");
    for (const RuleGroup& group : listing->namespaces[name_space]) names.push_back(group.name);
    return names;
  }

  const test::TempFolder folder_;
  const std::unique_ptr<FileSystem> files_ = MakePosixFileSystem();
  const std::unique_ptr<chunkstore::ObjectStore> objects_ =
      *chunkstore::FsObjectStore::Open(*files_, folder_.path());
  CountingStore counted_{*objects_};
  ObjectRuleStore store_{counted_, "rules/"};
};

TEST_F(ObjectRuleStoreTest, AGroupIsAnObjectUnderTheKeyThatLokiGivesIt) {
  Set("name/space", "g?>");
  EXPECT_THAT(Keys(), ElementsAre("rules/t/bmFtZS9zcGFjZQ==/Zz8-"));
}

TEST_F(ObjectRuleStoreTest, KeepsGroupsUnderAnyName) {
  for (const char* name : {"a b", "a/b", "..", ".hidden", "ü", "\"", "%2F", "_", "="}) {
    Set(name, name);
    const auto found = store_.Get("t", name, name);
    ASSERT_THAT(found, IsOk()) << name;
    EXPECT_EQ(found->name, name);
  }
  EXPECT_EQ(store_.List("t")->namespaces.size(), 9u);
}

TEST_F(ObjectRuleStoreTest, KeepsLongNamesThatBeginAlikeApart) {
  const std::string alike(360, 'n');  // Two pieces and a half, of 180 bytes each.
  const std::vector<std::string> names = {"n", alike.substr(0, 180), alike, alike + "a",
                                          std::string(1024, 'n')};
  for (const std::string& name_space : names) {
    for (const std::string& name : names) Set(name_space, name);
  }
  for (const std::string& name_space : names) {
    EXPECT_THAT(Names(name_space), testing::ElementsAreArray(names));
    for (const std::string& name : names) {
      EXPECT_EQ(store_.Get("t", name_space, name)->name, name);
    }
  }
  EXPECT_THAT(store_.DeleteGroup("t", alike, alike), IsOk());
  EXPECT_THAT(store_.Get("t", alike, alike), HasCode(StatusCode::kNotFound));
  EXPECT_THAT(store_.DeleteNamespace("t", alike), IsOk());
  const auto listing = store_.List("t");
  EXPECT_EQ(listing->namespaces.size(), names.size() - 1);
  EXPECT_FALSE(listing->namespaces.contains(alike));
}

TEST_F(ObjectRuleStoreTest, KeepsTenantsOfAnyIdApart) {
  for (const char* tenant : {"a", "a-b", "a.b", ".a", "(a)*'!_"}) {
    ASSERT_THAT(store_.Set(tenant, "n", {.name = tenant}), IsOk()) << tenant;
  }
  EXPECT_THAT(Tenants(), ElementsAre("(a)*'!_", ".a", "a", "a-b", "a.b"));
  EXPECT_EQ(store_.List("a")->namespaces.at("n")[0].name, "a");
  EXPECT_EQ(store_.List("a")->namespaces.at("n").size(), 1u);
}

TEST_F(ObjectRuleStoreTest, ListsGroupsByTheirNames) {
  // Not the order of their keys.
  for (const char* name : {"a", "?", "ab", "abc"}) Set("n", name);
  EXPECT_THAT(Names("n"), ElementsAre("?", "a", "ab", "abc"));
}

TEST_F(ObjectRuleStoreTest, ReplacesAGroupWhole) {
  Set("n", "g");
  ASSERT_THAT(store_.Set("t", "n", {.name = "g", .limit = 3}), IsOk());
  EXPECT_EQ(store_.Get("t", "n", "g")->limit, 3);
  EXPECT_EQ(Keys().size(), 1u);
}

TEST_F(ObjectRuleStoreTest, DeletesGroupsAndNamespaces) {
  for (const char* name : {"a", "b", "c"}) Set("n", name);
  Set("nn", "a");
  EXPECT_THAT(store_.DeleteGroup("t", "n", "a"), IsOk());
  EXPECT_THAT(store_.DeleteGroup("t", "n", "a"), HasMessage("group does not exist"));
  EXPECT_THAT(store_.Get("t", "n", "a"), HasMessage("group does not exist"));
  EXPECT_THAT(store_.DeleteNamespace("t", "n"), IsOk());
  EXPECT_THAT(store_.DeleteNamespace("t", "n"), HasMessage("group namespace does not exist"));
  EXPECT_THAT(Names("n"), ElementsAre());
  EXPECT_THAT(Names("nn"), ElementsAre("a"));
}

TEST_F(ObjectRuleStoreTest, RefusesNamesThatNoKeyHas) {
  EXPECT_THAT(store_.Set("t", "", {.name = "g"}), HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(store_.Set("t", std::string(1025, 'n'), {.name = "g"}),
              HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(store_.Get("t", "", "g"), HasCode(StatusCode::kNotFound));
  EXPECT_THAT(store_.DeleteNamespace("t", ""), HasCode(StatusCode::kNotFound));
}

TEST_F(ObjectRuleStoreTest, ADamagedObjectIsNamedAndHidesNoOther) {
  Set("n", "bad");
  Set("n", "good");
  Set("n", "moved");
  ASSERT_THAT(objects_->Put("rules/t/bg==/YmFk", "\x0a\xff"), IsOk());
  ASSERT_THAT(objects_->Put("rules/t/bg==/bW92ZWQ=", *objects_->Get("rules/t/bg==/Z29vZA==")),
              IsOk());
  const auto listing = store_.List("t");
  ASSERT_THAT(listing, IsOk());
  EXPECT_THAT(Names("n"), ElementsAre("good"));
  ASSERT_EQ(listing->damaged.size(), 2u);
  EXPECT_EQ(listing->damaged[0].group, "bad");
  EXPECT_THAT(listing->damaged[0].status, HasMessage("rules/t/bg==/YmFk: no rule group"));
  EXPECT_THAT(listing->damaged[1].status,
              HasMessage("rules/t/bg==/bW92ZWQ=: group \"good\" stands where \"moved\" should"));
  EXPECT_THAT(store_.Get("t", "n", "bad"), HasMessage(StartsWith("rules/t/bg==/YmFk:")));
  Set("n", "bad");
  EXPECT_THAT(store_.Get("t", "n", "bad"), IsOk());
  EXPECT_THAT(store_.DeleteGroup("t", "n", "moved"), IsOk());
  EXPECT_TRUE(store_.List("t")->damaged.empty());
}

TEST_F(ObjectRuleStoreTest, PassesOverObjectsOfOthers) {
  for (const char* key : {"rules/x", "rules/t/x", "rules/t/bg==/bh==", "rules/t/bg==/Zw==/Zw==",
                          "rules/t/bg==/Zw==.yaml", "rules/t/bg==./Zw==", "packs/1"}) {
    ASSERT_THAT(objects_->Put(key, "bytes"), IsOk());
  }
  EXPECT_TRUE(Tenants().empty());
  EXPECT_TRUE(store_.List("t")->namespaces.empty());
  EXPECT_TRUE(store_.List("t")->damaged.empty());
}

TEST_F(ObjectRuleStoreTest, AskedForAllItListsOnceAndReadsWhatIsNew) {
  for (const char* tenant : {"a", "b", "c"}) {
    for (const char* name : {"g", "h"}) {
      ASSERT_THAT(store_.Set(tenant, "n", {.name = name}), IsOk());
    }
  }
  EXPECT_EQ(ReadAll().size(), 3u);
  EXPECT_EQ(counted_.lists, 1);
  EXPECT_EQ(counted_.gets, 6);
  EXPECT_EQ(ReadAll().size(), 3u);
  EXPECT_EQ(counted_.lists, 2);
  EXPECT_EQ(counted_.gets, 6);
  // By another process, the second with as many bytes as before.
  ObjectRuleStore other(*objects_, "rules/");
  ASSERT_THAT(other.Set("b", "n", {.name = "h", .limit = 1}), IsOk());
  ASSERT_THAT(other.Set("b", "n", {.name = "h", .limit = 2}), IsOk());
  ASSERT_THAT(other.DeleteGroup("c", "n", "g"), IsOk());
  const auto all = ReadAll();
  EXPECT_EQ(all[1].listing->namespaces.at("n")[1].limit, 2);
  EXPECT_EQ(all[2].listing->namespaces.at("n").size(), 1u);
  EXPECT_EQ(counted_.gets, 7);
  ASSERT_THAT(other.Set("b", "n", {.name = "h", .limit = 3}), IsOk());
  EXPECT_EQ(ReadAll()[1].listing->namespaces.at("n")[1].limit, 3);
  EXPECT_EQ(counted_.gets, 8);
  EXPECT_EQ(store_.List("b")->namespaces.at("n")[1].limit, 3);
  EXPECT_EQ(counted_.gets, 8);
}

TEST_F(ObjectRuleStoreTest, ReadsAgainWhatWasAwayOrDamaged) {
  Set("n", "g");
  ASSERT_THAT(store_.Set("u", "n", {.name = "g"}), IsOk());
  counted_.away = "rules/t/";
  const auto away = ReadAll();
  EXPECT_THAT(away[0].listing, HasCode(StatusCode::kUnavailable));
  EXPECT_EQ(away[1].listing->namespaces.size(), 1u);
  counted_.away.clear();
  EXPECT_EQ(ReadAll()[0].listing->namespaces.size(), 1u);
  ASSERT_THAT(objects_->Put("rules/t/bg==/Zw==", "\x0a\xff"), IsOk());
  EXPECT_EQ(ReadAll()[0].listing->damaged.size(), 1u);
  const int gets = counted_.gets;
  EXPECT_EQ(ReadAll()[0].listing->damaged.size(), 1u);
  EXPECT_EQ(counted_.gets, gets + 1);
}

TEST_F(ObjectRuleStoreTest, DoesNotReadWhatIsNotWanted) {
  Set("n", "g");
  ASSERT_THAT(store_.Set("u", "n", {.name = "g"}), IsOk());
  const auto wanted = store_.ReadAll([](const std::string& tenant) { return tenant == "u"; });
  ASSERT_THAT(wanted, IsOk());
  ASSERT_EQ(wanted->size(), 1u);
  EXPECT_EQ((*wanted)[0].tenant, "u");
  EXPECT_EQ(counted_.gets, 1);
}

TEST_F(ObjectRuleStoreTest, OfSeveralWritersOneCountsWhole) {
  std::vector<std::thread> writers;
  for (int64_t limit = 1; limit <= 4; ++limit) {
    writers.emplace_back([this, limit] {
      const RuleGroup group{.name = "g", .interval = std::chrono::minutes(limit), .limit = limit};
      for (int i = 0; i < 20; ++i) EXPECT_THAT(store_.Set("t", "n", group), IsOk());
    });
  }
  for (int i = 0; i < 20; ++i) {
    auto listing = store_.List("t");
    for (const RuleGroup& group : listing->namespaces["n"]) {
      EXPECT_EQ(group.interval, std::chrono::minutes(group.limit));
    }
  }
  for (std::thread& writer : writers) writer.join();
  EXPECT_TRUE(store_.List("t")->damaged.empty());
}

}  // namespace
}  // namespace skald::ruler
