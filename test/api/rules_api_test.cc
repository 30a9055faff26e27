#include "api/rules_api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "ruler/fake_evaluator.h"
#include "ruler/fake_sinks.h"
#include "ruler/local_rule_store.h"
#include "support/manual_clock.h"
#include "support/temp_folder.h"

namespace skald::api {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr char kGroup[] = "name: g\nrules:\n- {record: r, expr: vector(1), labels: {team: a}}\n";

class RulesApiTest : public testing::Test {
 protected:
  using Params = std::vector<std::pair<std::string, std::string>>;

  net::Request Ask(Params path, std::string body = "", std::string query = "") {
    net::Request request{.method = "POST", .query = std::move(query), .body = std::move(body)};
    if (!tenant_.empty()) request.headers.Add("X-Scope-OrgID", tenant_);
    request.path_params = std::move(path);
    return request;
  }
  net::Response Set(const std::string& name_space, const std::string& body) {
    net::Request request = Ask({{"namespace", name_space}}, body);
    return api_.SetGroup(request);
  }
  net::Response Get(const std::string& name_space, const std::string& group) {
    net::Request request = Ask({{"namespace", name_space}, {"group", group}});
    return api_.GetGroup(request);
  }
  net::Response List(const std::string& query = "") {
    net::Request request = Ask({}, "", query);
    request.method = "GET";
    return api_.List(request);
  }

  std::string tenant_ = "t";
  const test::TempFolder folder_;
  const std::unique_ptr<FileSystem> files_ = MakePosixFileSystem();
  ruler::LocalRuleStore store_{*files_, folder_.path()};
  test::FakeEvaluator evaluator_;
  test::FakeAlertSink alerts_;
  test::FakeSampleSink samples_;
  test::ManualClock clock_;
  Executor threads_{"rules", 1};
  ruler::Ruler ruler_{{},
                      {.store = store_,
                       .threads = threads_,
                       .runner = {.evaluator = evaluator_,
                                  .alerts = alerts_,
                                  .samples = samples_,
                                  .clock = clock_,
                                  .external_url = ""},
                       .owns = {}}};
  const TenantAuth auth_{{}};
  Limits limits_;
  std::unique_ptr<StaticLimits> source_ = std::make_unique<StaticLimits>(limits_);
  RulesApi api_{auth_, store_, ruler_, *source_};
};

TEST_F(RulesApiTest, WhatIsWrittenIsReadBack) {
  const net::Response written = Set("ns", kGroup);
  EXPECT_EQ(written.status, 202);
  EXPECT_EQ(written.body, R"({"status":"success","data":null,"errorType":"","error":""})");
  EXPECT_EQ(written.headers.Get("Content-Type"), "application/json");
  const net::Response group = Get("ns", "g");
  EXPECT_EQ(group.status, 200);
  EXPECT_EQ(group.headers.Get("Content-Type"), "application/yaml");
  EXPECT_THAT(group.body, StartsWith("name: g\n"));
  EXPECT_THAT(List().body, StartsWith("ns:\n"));
}

TEST_F(RulesApiTest, NamesAreUnescapedOnceMoreIfTheyAreEscapes) {
  ASSERT_EQ(Set("a%2Fb", kGroup).status, 202);  // As the router hands on a%252Fb.
  EXPECT_EQ(Get("a/b", "g").status, 200);
  ASSERT_EQ(Set("100%", kGroup).status, 202);
  EXPECT_EQ(Get("100%", "g").status, 200);
}

TEST_F(RulesApiTest, AGroupWhoseNameIsAnEscapeIsNotTakenForTheOneThatItSpells) {
  const auto group = [](const std::string& name) {
    return "name: " + name + "\nrules:\n- {record: r, expr: vector(1)}\n";
  };
  ASSERT_EQ(Set("ns", group("x%2Fy")).status, 202);
  EXPECT_THAT(Get("ns", "x%2Fy").body, StartsWith("name: x%2Fy\n"));
  ASSERT_EQ(Set("ns", group("x/y")).status, 202);
  EXPECT_THAT(Get("ns", "x%2Fy").body, StartsWith("name: x%2Fy\n"));
  EXPECT_THAT(Get("ns", "x/y").body, StartsWith("name: x/y\n"));
  net::Request request = Ask({{"namespace", "ns"}, {"group", "x%2Fy"}});
  EXPECT_EQ(api_.DeleteGroup(request).status, 202);
  EXPECT_TRUE(store_.Get("t", "ns", "x/y").ok());
  EXPECT_FALSE(store_.Get("t", "ns", "x%2Fy").ok());
}

TEST_F(RulesApiTest, ANamespaceWhoseNameIsAnEscapeIsWrittenListedAndDeletedWhereItIsThere) {
  ASSERT_EQ(Set("a%2Fb", kGroup).status, 202);
  ASSERT_EQ(Set("a%252Fb", kGroup).status, 202);
  EXPECT_TRUE(store_.Get("t", "a/b", "g").ok());
  EXPECT_TRUE(store_.Get("t", "a%2Fb", "g").ok());
  net::Request request = Ask({{"namespace", "a%2Fb"}});
  EXPECT_THAT(api_.ListNamespace(request).body, StartsWith("a%2Fb:\n"));
  ASSERT_EQ(Set("a%2Fb", "name: g2\nrules: []\n").status, 202);
  EXPECT_TRUE(store_.Get("t", "a%2Fb", "g2").ok());
  EXPECT_EQ(api_.DeleteNamespace(request).status, 202);
  EXPECT_TRUE(store_.Get("t", "a/b", "g").ok());
  EXPECT_FALSE(store_.Get("t", "a%2Fb", "g").ok());
}

TEST_F(RulesApiTest, SaysThatThereIsNothing) {
  EXPECT_EQ(List().status, 404);
  EXPECT_EQ(List().body, "no rule groups found\n");
  EXPECT_EQ(Get("ns", "g").body, "group does not exist\n");
  net::Request request = Ask({{"namespace", "ns"}});
  EXPECT_EQ(api_.DeleteNamespace(request).body, "group namespace does not exist\n");
  request = Ask({{"namespace", "ns"}, {"group", "g"}});
  EXPECT_EQ(api_.DeleteGroup(request).status, 202);
}

TEST_F(RulesApiTest, SaysWhichGroupsAreDamagedAndListsTheOthers) {
  Set("ns", kGroup);
  const std::string path = JoinPath(folder_.path(), "t/bnM/YmFk.yaml");
  ASSERT_TRUE(files_->AtomicWrite(path, "{").ok());
  EXPECT_EQ(List().status, 200);
  EXPECT_THAT(List().body, HasSubstr("- name: g\n"));
  EXPECT_THAT(List().body, HasSubstr("\n# damaged: " + path + ": "));
  EXPECT_EQ(Get("ns", "bad").status, 500);
  ASSERT_TRUE(store_.DeleteGroup("t", "ns", "g").ok());
  EXPECT_EQ(List().status, 500);
  EXPECT_THAT(List().body, HasSubstr(path));
}

TEST_F(RulesApiTest, ListsWhatHasTheLabels) {
  ASSERT_EQ(Set("ns", kGroup).status, 202);
  EXPECT_EQ(List("labels=team:a").status, 200);
  EXPECT_EQ(List("labels=team:b").status, 404);
  EXPECT_EQ(List("labels=team").status, 400);
}

TEST_F(RulesApiTest, RefusesWhatIsNoGroup) {
  EXPECT_EQ(Set("ns", "{").body, "unable to decoded rule group\n");
  const net::Response several =
      Set("ns", "name: g\nrules:\n- {record: 1, expr: vector(1)}\n- {alert: A}\n");
  EXPECT_EQ(several.status, 400);
  EXPECT_EQ(several.body, "invalid recording rule name: 1, field 'expr' must be set in rule\n");
}

TEST_F(RulesApiTest, HoldsTheLimitsOfTheTenant) {
  limits_.ruler_max_rules_per_rule_group = 1;
  limits_.ruler_max_rule_groups_per_tenant = 1;
  const StaticLimits tight(limits_);
  RulesApi api(auth_, store_, ruler_, tight);
  net::Request request = Ask({{"namespace", "ns"}},
                             "name: g\nrules:\n- {record: a, expr: vector(1)}\n"
                             "- {record: b, expr: vector(1)}\n");
  EXPECT_EQ(api.SetGroup(request).body,
            "per-user rules per rule group limit (limit: 1 actual: 2) exceeded\n");
  request = Ask({{"namespace", "ns"}}, kGroup);
  EXPECT_EQ(api.SetGroup(request).status, 202);
  EXPECT_EQ(api.SetGroup(request).status, 202);  // In the place of the first.
  request = Ask({{"namespace", "ns2"}}, kGroup);
  EXPECT_EQ(api.SetGroup(request).body,
            "per-user rule groups limit (limit: 1 actual: 2) exceeded\n");
}

// A store that counts writers between their look at what there is and their write. A look waits a
// while for another writer, so that there is one if there can be.
class WatchedStore final : public ruler::RuleStore {
 public:
  explicit WatchedStore(ruler::RuleStore& store) : store_(store) {}

  Result<ruler::RuleListing> List(std::string_view tenant) override {
    most_ = std::max<int>(most_, ++writers_);
    for (int i = 0; i < 1000 && writers_ < 2; ++i) std::this_thread::yield();
    return store_.List(tenant);
  }
  Status Set(std::string_view tenant, std::string_view name_space,
             const ruler::RuleGroup& group) override {
    --writers_;
    return store_.Set(tenant, name_space, group);
  }
  Result<std::vector<ruler::TenantRules>> ReadAll(const Wants& wants) override {
    return store_.ReadAll(wants);
  }
  Result<ruler::RuleGroup> Get(std::string_view tenant, std::string_view name_space,
                               std::string_view group) override {
    return store_.Get(tenant, name_space, group);
  }
  Status DeleteGroup(std::string_view tenant, std::string_view name_space,
                     std::string_view group) override {
    return store_.DeleteGroup(tenant, name_space, group);
  }
  Status DeleteNamespace(std::string_view tenant, std::string_view name_space) override {
    return store_.DeleteNamespace(tenant, name_space);
  }
  int most() const { return most_; }

 private:
  ruler::RuleStore& store_;
  std::atomic<int> writers_ = 0;
  std::atomic<int> most_ = 0;
};

TEST_F(RulesApiTest, WritersAtOnceDoNotGetPastALimitTogether) {
  limits_.ruler_max_rule_groups_per_tenant = 1000;
  const StaticLimits limits(limits_);
  WatchedStore store(store_);
  RulesApi api(auth_, store, ruler_, limits);
  std::vector<std::thread> writers;
  for (const char* name_space : {"a", "b", "c"}) {
    writers.emplace_back([this, &api, name_space] {
      for (int i = 0; i < 20; ++i) {
        net::Request request = Ask({{"namespace", name_space + std::to_string(i)}}, kGroup);
        EXPECT_EQ(api.SetGroup(request).status, 202);
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(store.most(), 1);
}

TEST_F(RulesApiTest, WantsATenant) {
  tenant_ = "";
  EXPECT_EQ(List().status, 401);
  EXPECT_EQ(List().body, "no org id\n");
  tenant_ = "a|b";
  net::Request request = Ask({});
  EXPECT_THAT(api_.States(request).body, HasSubstr("too many org ids found"));
}

TEST_F(RulesApiTest, SaysWhatOfAQuestionAboutStatesIsWrong) {
  net::Request request = Ask({}, "", "type=x");
  request.method = "GET";
  const net::Response response = api_.States(request);
  EXPECT_EQ(response.status, 400);
  EXPECT_THAT(response.body, HasSubstr(R"("errorType":"bad_data")"));
}

}  // namespace
}  // namespace skald::api
