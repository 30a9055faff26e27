#include "app/rule_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/matchers.h"

namespace skald::app {
namespace {

using test::HasCode;
using test::HasMessage;
using test::IsOk;
using testing::StartsWith;

using Kind = RuleStorage::Kind;

TEST(RuleConfigTest, KeepsRulesWhereTheSettingsSay) {
  struct Row {
    const char* what;
    RulerConfig config;
    RuleStorage storage;
  };
  const RuleStorage none{.kind = Kind::kNone};
  const RuleStorage own{.kind = Kind::kOwn, .folder = "/p/rules"};
  const RuleStorage folder{.kind = Kind::kFolder, .folder = "/l"};
  const RuleStorage common{.kind = Kind::kFolder, .folder = "/c"};
  const RuleStorage objects{.kind = Kind::kObjects, .folder = "/o/rules"};
  const Row rows[] = {
      {"nothing set", {}, own},
      {"nothing set, the old way", {.use_thanos_objstore = false}, own},
      {"nothing set in a file", {.kept_without_storage = false}, none},
      {"our own in a file", {.storage_type = "filesystem", .kept_without_storage = false}, own},
      {"common's folder in a file",
       {.common_rules_directory = "/c", .kept_without_storage = false},
       common},
      {"objects", {.thanos_directory = "/o"}, objects},
      {"objects, and common's folder",
       {.thanos_directory = "/o", .common_rules_directory = "/c"},
       objects},
      {"objects alone, the old way",
       {.use_thanos_objstore = false, .thanos_directory = "/o"},
       objects},
      {"local", {.storage_type = "local", .storage_local_directory = "/l"}, folder},
      {"a folder without a type", {.storage_local_directory = "/l"}, folder},
      {"local in common's folder",
       {.storage_type = "local", .common_rules_directory = "/c"},
       common},
      {"ruler_storage's folder",
       {.thanos_backend = "local", .thanos_local_directory = "/l"},
       folder},
      {"both",
       {.thanos_directory = "/o", .storage_type = "local", .storage_local_directory = "/l"},
       objects},
      {"both, the old way",
       {.use_thanos_objstore = false,
        .thanos_directory = "/o",
        .storage_type = "local",
        .storage_local_directory = "/l"},
       folder},
      {"common's folder", {.common_rules_directory = "/c"}, common},
      {"filesystem, the old way",
       {.storage_type = "filesystem", .common_rules_directory = "/c"},
       own},
      {"a storage that is not to be had", {.thanos_backend = "s3"}, own},
  };
  for (const Row& row : rows) {
    EXPECT_THAT(CheckRulerConfig(row.config), IsOk()) << row.what;
    EXPECT_EQ(ChooseRuleStorage(row.config, "/p"), row.storage) << row.what;
  }
}

TEST(RuleConfigTest, NamesTheStorageThatNobodyKnows) {
  EXPECT_THAT(CheckRulerConfig({.thanos_backend = "flesystem"}),
              HasMessage(StartsWith("ruler_storage.backend: unknown storage \"flesystem\"")));
  EXPECT_THAT(CheckRulerConfig({.storage_type = "locl"}),
              HasMessage(StartsWith("ruler.storage.type: unknown storage \"locl\"")));
}

TEST(RuleConfigTest, AsksForTheFolderOfRuleFiles) {
  EXPECT_THAT(CheckRulerConfig({.storage_type = "local"}),
              HasMessage(StartsWith("ruler.storage.local.directory must be set")));
  EXPECT_THAT(CheckRulerConfig({.thanos_backend = "local"}),
              HasMessage(StartsWith("ruler_storage.local.directory must be set")));
}

TEST(RuleConfigTest, AsksForAThread) {
  EXPECT_THAT(CheckRulerConfig({.evaluation_threads = 0}),
              HasMessage("ruler.evaluation_threads must be greater than 0"));
}

TEST(RuleConfigTest, RefusesIntervalsThatAreNone) {
  RulerConfig config;
  config.ruler.evaluation_interval = Nanoseconds(0);
  EXPECT_THAT(CheckRulerConfig(config), HasCode(StatusCode::kInvalidArgument));
  config = {};
  config.ruler.poll_interval = Nanoseconds(-1);
  EXPECT_THAT(CheckRulerConfig(config), HasCode(StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace skald::app
