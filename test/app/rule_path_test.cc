#include "app/rule_path.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "app/notify_config.h"
#include "notify/fake_receiver.h"
#include "querier/held_streams.h"
#include "ring/in_memory_member_store.h"
#include "support/matchers.h"
#include "support/temp_folder.h"

namespace skald::app {
namespace {

using test::HasCode;
using test::IsOk;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::UnorderedElementsAreArray;

class RulePathTest : public testing::Test {
 protected:
  RulePathTest() {
    EXPECT_THAT(ring_.Put({.id = "me", .tokens = {1}}), IsOk());
    querier::HeldStreams::Entry entry;
    entry.time_ns = clock_.NowNs();
    entry.line = "x";
    streams_.Add(model::Labels{{"app", "a"}}, std::vector{entry});
  }

  std::unique_ptr<RulePath> Open(const RulerConfig& config) {
    config_ = config;
    return OpenAs("me", prefix_);
  }

  // One of the processes that run rules, with what it keeps for itself below `prefix`.
  std::unique_ptr<RulePath> OpenAs(const std::string& member, const std::string& prefix) {
    notify_.remote_write.folder = JoinPath(prefix, "wal");
    auto path = RulePath::Open({.config = config_,
                                .notify = notify_,
                                .path_prefix = prefix,
                                .limits = limits_,
                                .clock = clock_,
                                .querier = querier_,
                                .ring = ring_,
                                .member_id = member});
    EXPECT_THAT(path, IsOk());
    return *std::move(path);
  }
  // The groups of the tenant that a member runs.
  std::vector<std::string> RunBy(const std::string& member) {
    std::vector<std::string> names;
    for (const auto& group : OpenAs(member, Path(member))->ruler().Groups("t")) {
      names.push_back(group.name);
    }
    return names;
  }
  std::string Path(const std::string& name) const { return JoinPath(prefix_, name); }

  const test::TempFolder folder_;
  const std::string prefix_ = folder_.path();
  const std::unique_ptr<FileSystem> files_ = MakePosixFileSystem();
  const SystemClock clock_{};
  const StaticLimits limits_{Limits()};
  Executor workers_{"work", 1};
  querier::HeldStreams streams_;
  querier::Querier querier_{streams_, limits_, workers_, clock_};
  ring::InMemoryMemberStore ring_;
  NotifyConfig notify_;
  RulerConfig config_;
};

TEST_F(RulePathTest, OpensTheStoreThatTheSettingsName) {
  EXPECT_THAT(Open({})->store().Set("t", "n", {.name = "g"}), IsOk());
  EXPECT_EQ(files_->List(Path("rules/t"))->size(), 1u);
  const auto folder = Open({.storage_type = "local", .storage_local_directory = Path("l")});
  EXPECT_THAT(folder->store().Set("t", "n", {.name = "g"}), HasCode(StatusCode::kUnimplemented));
}

TEST_F(RulePathTest, ThereIsNoneWithoutAStorageInAConfigurationFile) {
  EXPECT_EQ(Open({.kept_without_storage = false}), nullptr);
}

TEST_F(RulePathTest, ObjectsAreThereAfterARestart) {
  const RulerConfig config{.thanos_directory = Path("o")};
  EXPECT_THAT(Open(config)->store().Set("t", "n", {.name = "g"}), IsOk());
  EXPECT_TRUE(files_->Exists(Path("o/rules/t/bg==/Zw==")).value());
  const auto again = Open(config);
  EXPECT_EQ(again->ruler().Groups("t").size(), 1u);
  EXPECT_THAT(again->store().Get("t", "n", "g"), IsOk());
}

TEST_F(RulePathTest, EachGroupIsRunByOneOfTheMembersOfTheRing) {
  config_ = {.thanos_directory = Path("o")};
  std::vector<std::string> all;
  {
    const auto writer = OpenAs("me", Path("writer"));
    for (int i = 0; i < 40; ++i) {
      all.push_back("group " + std::to_string(i));
      ASSERT_THAT(writer->store().Set("t", "n", {.name = all.back()}), IsOk());
    }
  }
  ASSERT_THAT(ring_.Put({.id = "me", .tokens = ring::MakeTokens(64, 1)}), IsOk());
  ASSERT_THAT(ring_.Put({.id = "other", .tokens = ring::MakeTokens(64, 2)}), IsOk());
  const auto of_me = RunBy("me");
  const auto of_other = RunBy("other");
  EXPECT_THAT(of_me, Not(IsEmpty()));
  EXPECT_THAT(of_other, Not(IsEmpty()));
  std::vector<std::string> together = of_me;
  together.insert(together.end(), of_other.begin(), of_other.end());
  EXPECT_THAT(together, UnorderedElementsAreArray(all));
}

TEST_F(RulePathTest, AlertsHaveTheExternalLabelsOfTheSettingsAndShowThem) {
  notify::FakeReceiver receiver;
  notify_.alertmanagers.url = receiver.url();
  notify_.external_labels = ParseYaml("{cluster: c1}").value();
  RulerConfig config;
  config.ruler.evaluation_interval = std::chrono::milliseconds(50);
  const auto path = Open(config);
  ruler::RuleGroup group{.name = "g"};
  group.rules = {{.alert = "A",
                  .expr = R"(sum(count_over_time({app="a"}[1h])) > 0)",
                  .annotations = {{"where", "in {{ $externalLabels.cluster }}"}}}};
  ASSERT_THAT(path->store().Set("t", "n", group), IsOk());
  path->ruler().Reload();
  ASSERT_TRUE(notify::Eventually([&] { return !receiver.requests().empty(); }));
  const std::string body = receiver.requests()[0].body;
  EXPECT_THAT(body, HasSubstr(R"("labels":{"alertname":"A","cluster":"c1"})"));
  EXPECT_THAT(body, HasSubstr(R"("annotations":{"where":"in c1"})"));
}

TEST_F(RulePathTest, RunsRulesOnTheQuerier) {
  RulerConfig config;
  config.ruler.evaluation_interval = std::chrono::milliseconds(50);
  const auto path = Open(config);
  ruler::RuleGroup group{.name = "g"};
  group.rules = {{.alert = "A", .expr = R"(sum(count_over_time({app="a"}[1h])) > 0)"},
                 {.alert = "B", .expr = R"({app="a"})"}};
  ASSERT_THAT(path->store().Set("t", "n", group), IsOk());
  path->ruler().Reload();
  std::vector<ruler::GroupStatus> groups;
  for (int i = 0; i < 5000; ++i) {
    groups = path->ruler().Groups("t");
    if (groups.size() == 1 && groups[0].last_evaluation_ns > 0) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  ASSERT_EQ(groups.size(), 1u);
  EXPECT_EQ(groups[0].rules[0].state, ruler::AlertState::kFiring);
  EXPECT_EQ(groups[0].rules[1].last_error, "rule result is not a vector or scalar");
}

}  // namespace
}  // namespace skald::app
