#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "ruler/fake_evaluator.h"
#include "ruler/fake_sinks.h"
#include "ruler/group_runner.h"
#include "support/manual_clock.h"
#include "support/time_units.h"

namespace skald::ruler {

using test::kSecond;

using Samples = std::vector<EvaluatedSample>;

// Runners of groups whose queries are answered, and whose alerts and samples are taken, by fakes.
class GroupRunnerFixture : public testing::Test {
 protected:
  std::unique_ptr<GroupRunner> Make(std::vector<Rule> rules, int64_t limit = 0,
                                    std::function<void()> keep_alerts = {}) {
    RuleGroup group{.name = "g", .interval = std::chrono::seconds(10), .limit = limit};
    group.rules = std::move(rules);
    const GroupRunner::Deps deps{.evaluator = evaluator_,
                                 .alerts = alerts_,
                                 .samples = samples_,
                                 .clock = clock_,
                                 .external_url = "http://g",
                                 .resend_delay = std::chrono::seconds(60),
                                 .keep_alerts = std::move(keep_alerts)};
    return std::make_unique<GroupRunner>(deps, model::TenantId("t"), "n", std::move(group));
  }

  void Run(GroupRunner& runner, int64_t second) {
    runner.Evaluate(second * kSecond, CancelToken());
  }

  test::FakeEvaluator evaluator_;
  test::FakeAlertSink alerts_;
  test::FakeSampleSink samples_;
  test::ManualClock clock_;
  const Rule record_{.record = "r", .expr = "x", .labels = {{"team", "a"}}};
  const Rule alert_{.alert = "A",
                    .expr = "x",
                    .for_duration = std::chrono::seconds(10),
                    .labels = {{"sev", "{{ $labels.app }}!"}},
                    .annotations = {{"s", "{{ $value }} {{ query \"x\" | len }}"}}};
  const Samples web_ = {{.labels = {{"app", "web"}}, .value = 5}};
};

}  // namespace skald::ruler
