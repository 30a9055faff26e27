#include <gtest/gtest.h>

#include "ruler/folder_rule_store.h"
#include "ruler/local_rule_store.h"
#include "support/faulty_file_system.h"
#include "support/temp_folder.h"

namespace skald::ruler {
namespace {

class RuleStoreTest : public testing::Test {
 protected:
  const test::TempFolder folder_;
  const std::unique_ptr<FileSystem> files_ = MakePosixFileSystem();
};

TEST_F(RuleStoreTest, KeepsGroupsUnderAnyName) {
  LocalRuleStore store(*files_, folder_.path());
  for (const char* name : {"a b", "a/b", "..", ".hidden", "ü", "\"", "%2F", ""}) {
    const RuleGroup group{.name = name};
    ASSERT_TRUE(store.Set("t", name, group).ok()) << name;
    const auto found = store.Get("t", name, name);
    ASSERT_TRUE(found.ok()) << name;
    EXPECT_EQ(found->name, name);
  }
  EXPECT_EQ(store.List("t")->namespaces.size(), 8u);
  const auto all = store.ReadAll([](const std::string&) { return true; });
  ASSERT_EQ(all->size(), 1u);
  EXPECT_EQ((*all)[0].tenant, "t");
  EXPECT_EQ((*all)[0].listing->namespaces.size(), 8u);
}

TEST_F(RuleStoreTest, KeepsLongNamesThatBeginAlikeApart) {
  LocalRuleStore store(*files_, folder_.path());
  const std::string alike(360, 'n');  // Two pieces of 180 bytes.
  const std::vector<std::string> names = {"n", alike.substr(0, 180), alike, alike + "a",
                                          std::string(1024, 'n')};
  for (const std::string& name_space : names) {
    for (const std::string& name : names) {
      ASSERT_TRUE(store.Set("t", name_space, {.name = name}).ok());
    }
  }
  auto listing = store.List("t");
  EXPECT_TRUE(listing->damaged.empty());
  for (const std::string& name_space : names) {
    const std::vector<RuleGroup>& groups = listing->namespaces[name_space];
    ASSERT_EQ(groups.size(), names.size());
    for (size_t i = 0; i < names.size(); ++i) {
      EXPECT_EQ(groups[i].name, names[i]);
      EXPECT_EQ(store.Get("t", name_space, names[i])->name, names[i]);
    }
  }
  EXPECT_TRUE(store.DeleteGroup("t", alike, alike).ok());
  EXPECT_EQ(store.Get("t", alike, alike).status().code(), StatusCode::kNotFound);
  EXPECT_TRUE(store.DeleteNamespace("t", alike).ok());
  EXPECT_EQ(store.DeleteNamespace("t", alike).code(), StatusCode::kNotFound);
  listing = store.List("t");
  EXPECT_EQ(listing->namespaces.size(), names.size() - 1);
  EXPECT_FALSE(listing->namespaces.contains(alike));
}

TEST_F(RuleStoreTest, KeepsAllThatAGroupHas) {
  LocalRuleStore store(*files_, folder_.path());
  const RuleGroup group{.name = "g",
                        .interval = std::chrono::seconds(90),
                        .limit = 3,
                        .rules = {{.alert = "A",
                                   .expr = "vector(1)",
                                   .for_duration = std::chrono::minutes(1),
                                   .keep_firing_for = std::chrono::minutes(5),
                                   .labels = {{"a", "b"}},
                                   .annotations = {{"c", "d"}}}}};
  ASSERT_TRUE(store.Set("t", "n", group).ok());
  const auto read = store.Get("t", "n", "g");
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(*read, group);
}

TEST_F(RuleStoreTest, DeletesGroupsAndNamespaces) {
  LocalRuleStore store(*files_, folder_.path());
  ASSERT_TRUE(store.Set("t", "n", {.name = "g"}).ok());
  EXPECT_TRUE(store.DeleteGroup("t", "n", "g").ok());
  EXPECT_EQ(store.DeleteGroup("t", "n", "g").code(), StatusCode::kNotFound);
  EXPECT_EQ(store.DeleteNamespace("t", "n").message(), "group namespace does not exist");
  EXPECT_TRUE(store.List("t")->namespaces.empty());
}

TEST(LocalRuleStoreTest, SyncsTheFoldersOfAGroup) {
  test::FaultyFileSystem files;
  LocalRuleStore store(files, "/data/rules");
  using Op = test::FaultyFileSystem::Op;
  for (const char* folder : {"/data/rules", "/rules/t", "/t/bg"}) {
    files.ClearFaults();
    files.Inject({.op = Op::kSyncDir, .path_contains = folder});
    EXPECT_EQ(store.Set("t", "n", {.name = "g"}).code(), StatusCode::kUnavailable) << folder;
  }
  const int before = files.calls(Op::kSyncDir);
  EXPECT_TRUE(store.Set("t", "n", {.name = "g"}).ok());
  EXPECT_EQ(files.calls(Op::kSyncDir) - before, 4);  // Those, and /data.
  // A name of two pieces makes one folder more.
  EXPECT_TRUE(store.Set("t", "n", {.name = std::string(300, 'g')}).ok());
  EXPECT_EQ(files.calls(Op::kSyncDir) - before, 4 + 5);
}

TEST_F(RuleStoreTest, ADamagedFileHidesNoOther) {
  LocalRuleStore store(*files_, folder_.path());
  ASSERT_TRUE(store.Set("t", "n", {.name = "bad"}).ok());
  ASSERT_TRUE(store.Set("t", "n", {.name = "good"}).ok());
  const std::string path = JoinPath(folder_.path(), "t/bg/YmFk.yaml");
  ASSERT_TRUE(files_->AtomicWrite(path, "rules: {").ok());
  const auto listing = store.List("t");
  ASSERT_TRUE(listing.ok());
  ASSERT_EQ(listing->namespaces.at("n").size(), 1u);
  EXPECT_EQ(listing->namespaces.at("n")[0].name, "good");
  ASSERT_EQ(listing->damaged.size(), 1u);
  EXPECT_EQ(listing->damaged[0].group, "bad");
  EXPECT_TRUE(listing->damaged[0].status.message().starts_with(path));
}

TEST(FolderRuleStoreTest, AFileThatCannotBeReadHidesNoOther) {
  test::FaultyFileSystem files;
  const auto write = [&](const std::string& name, const std::string& text) {
    ASSERT_TRUE(files.AtomicWrite("/rules/t/" + name, text).ok());
  };
  ASSERT_TRUE(files.MakeDirs("/rules/t").ok());
  const std::string good = "groups: [{name: g, rules: [{record: r, expr: vector(1)}]}]";
  write("good.yaml", good);
  write("gone.yaml", good);
  write("no_yaml.yaml", "groups: {");
  write("wrong.yaml", "groups: [{name: g, rules: [{record: r, expr: '{'}]}]");
  // As if it were removed while the folder is read.
  files.Inject({.op = test::FaultyFileSystem::Op::kReadAll,
                .code = StatusCode::kNotFound,
                .path_contains = "gone.yaml"});
  FolderRuleStore store(files, "/rules");
  const auto listing = store.List("t");
  ASSERT_TRUE(listing.ok());
  EXPECT_EQ(listing->namespaces.size(), 1u);
  EXPECT_TRUE(listing->namespaces.contains("good.yaml"));
  ASSERT_EQ(listing->damaged.size(), 2u);
  for (const DamagedGroup& damaged : listing->damaged) {
    EXPECT_FALSE(damaged.group.has_value());
    EXPECT_TRUE(damaged.status.message().starts_with("/rules/t/" + damaged.name_space + ": "))
        << damaged.status.message();
  }
}

TEST_F(RuleStoreTest, ReadsTheFilesOfAFolder) {
  const std::string tenant = JoinPath(folder_.path(), "t");
  ASSERT_TRUE(files_->MakeDirs(JoinPath(tenant, "sub")).ok());
  ASSERT_TRUE(
      files_->AtomicWrite(JoinPath(tenant, "r.yaml"), "groups: [{name: g, rules: []}]").ok());
  ASSERT_TRUE(files_->AtomicWrite(JoinPath(tenant, ".x"), "no yaml {").ok());
  FolderRuleStore store(*files_, folder_.path());
  const auto listing = store.List("t");
  ASSERT_TRUE(listing.ok());
  ASSERT_TRUE(listing->namespaces.contains("r.yaml"));
  EXPECT_EQ(listing->namespaces.at("r.yaml")[0].name, "g");
  EXPECT_EQ(store.Set("t", "n", {.name = "g"}).message(),
            "SetRuleGroup unsupported in rule local store");
}

}  // namespace
}  // namespace skald::ruler
