#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "ruler/fake_evaluator.h"
#include "ruler/fake_sinks.h"
#include "ruler/local_rule_store.h"
#include "ruler/ruler.h"
#include "support/manual_clock.h"
#include "support/matchers.h"
#include "support/temp_folder.h"

namespace skald::ruler {

// Whether `holds` comes true; what it waits for is done by other threads.
template <typename F>
bool Eventually(const F& holds) {
  for (int i = 0; i < 5000; ++i) {
    if (holds()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return false;
}

// A ruler over a folder, with fakes for what it asks and tells.
class RulerFixture : public testing::Test {
 protected:
  // Its store is read at once when it is told to, and at no other time.
  std::unique_ptr<Ruler> Start(Ruler::Options options = {}, Ruler::Owns owns = {},
                               AlertSink* sink = nullptr) {
    return StartOn(store_, std::move(options), std::move(owns), sink);
  }
  std::unique_ptr<Ruler> StartOn(RuleStore& store, Ruler::Options options = {},
                                 Ruler::Owns owns = {}, AlertSink* sink = nullptr,
                                 Executor* threads = nullptr) {
    options.poll_interval = std::chrono::hours(24);
    states_.push_back(std::make_unique<StateFile>(*files_, folder_.path()));
    auto ruler = std::make_unique<Ruler>(
        options, Ruler::Deps{.store = store,
                             .threads = threads != nullptr ? *threads : threads_,
                             .state = states_.back().get(),
                             .runner = {.evaluator = evaluator_,
                                        .alerts = sink != nullptr ? *sink : alerts_,
                                        .samples = samples_,
                                        .clock = clock_,
                                        .external_url = ""},
                             .owns = std::move(owns)});
    ruler->Start();
    return ruler;
  }

  void Put(const std::string& name, Rule rule, Nanoseconds interval = std::chrono::minutes(1)) {
    RuleGroup group{.name = name, .interval = interval};
    group.rules = {std::move(rule)};
    ASSERT_TRUE(store_.Set("t", "n", group).ok());
  }

  std::vector<std::string> Names(const Ruler& ruler) const {
    std::vector<std::string> names;
    for (const GroupStatus& group : ruler.Groups("t")) names.push_back(group.name);
    return names;
  }

  // The groups whose alerts are stored.
  std::vector<SavedGroup> Saved() const {
    auto loaded = StateFile(*files_, folder_.path()).Load();
    EXPECT_THAT(loaded, test::IsOk());
    return loaded.ok() ? std::move(loaded->groups) : std::vector<SavedGroup>();
  }

  const test::TempFolder folder_;
  const std::unique_ptr<FileSystem> files_ = MakePosixFileSystem();
  LocalRuleStore store_{*files_, JoinPath(folder_.path(), "rules")};
  std::vector<std::unique_ptr<StateFile>> states_;  // One a ruler.
  test::FakeEvaluator evaluator_;
  test::FakeAlertSink alerts_;
  test::FakeSampleSink samples_;
  test::ManualClock clock_;
  Executor threads_{"rules", 2};
  const Rule record_{.record = "r", .expr = "x"};
  const Rule alert_{.alert = "A", .expr = "x", .for_duration = std::chrono::minutes(5)};
};

}  // namespace skald::ruler
