#include "ruler/rule_test.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <set>
#include <utility>

#include "logql/template/go_float.h"
#include "model/stale_marker.h"
#include "ruler/group_runner.h"

namespace skald::ruler {
namespace {

constexpr char kTenant[] = "test";
constexpr int64_t kMaxEvaluations = 1'000'000;  // Of all groups, for one test.

// The time of a test; how long things take is the machine's matter.
class TestClock final : public Clock {
 public:
  int64_t NowNs() const override { return now_ns_; }
  int64_t MonotonicNs() const override { return SystemClock().MonotonicNs(); }
  void Set(int64_t now_ns) { now_ns_ = now_ns; }

 private:
  std::atomic<int64_t> now_ns_ = kTestStartNs;
};

class NoAlerts final : public AlertSink {
 public:
  void Send(std::string_view, std::vector<FiredAlert>) override {}
};

// Keeps what a group has recorded in its last evaluation.
class KeptSamples final : public SampleSink {
 public:
  Status Append(std::string_view, std::vector<RecordedSample> samples) override {
    std::move(samples.begin(), samples.end(), std::back_inserter(samples_));
    return {};
  }
  void Clear() { samples_.clear(); }
  const std::vector<RecordedSample>& samples() const { return samples_; }

 private:
  std::vector<RecordedSample> samples_;
};

std::string FloatText(double value) {
  std::string text;
  logql::AppendGoFloat(text, value, 'g', -1);
  return text;
}

model::Labels LabelsOf(const TextMap& texts) {
  model::LabelsBuilder labels;
  for (const auto& [name, text] : texts) labels.Set(name, text);
  return labels.Build();
}

std::string TextsText(const TextMap& texts) { return LabelsOf(texts).ToString(); }

// One thing that is expected, or has come.
struct Item {
  std::string text;  // As it is shown, and but for numbers compared.
  double value = 0;
};

bool Same(const Item& a, const Item& b) {
  if (a.text != b.text) return false;
  if (std::isnan(a.value) || std::isnan(b.value)) return std::isnan(a.value) == std::isnan(b.value);
  // Sums of floats depend on their order.
  return a.value == b.value || std::fabs(a.value - b.value) <= 1e-9 * std::fabs(a.value);
}

// Lines for what only one of the two has; empty if there are none.
std::string Difference(const std::vector<Item>& expected, std::vector<Item> actual,
                       bool with_values) {
  std::string lines;
  const auto add = [&](char sign, const Item& item) {
    lines += "\n    " + std::string(1, sign) + " " + item.text +
             (with_values ? " " + FloatText(item.value) : "");
  };
  for (const Item& item : expected) {
    const auto found = std::find_if(actual.begin(), actual.end(),
                                    [&](const Item& other) { return Same(item, other); });
    if (found == actual.end()) {
      add('-', item);
    } else {
      actual.erase(found);
    }
  }
  for (const Item& item : actual) add('+', item);
  return lines;
}

std::string At(Nanoseconds at) { return FormatPrometheusDuration(at); }

class TestRun {
 public:
  TestRun(const RuleTest& test, const RuleNamespaces& groups, Nanoseconds interval,
          const MakeTestEvaluator& make)
      : test_(test), evaluator_(make(test.streams, clock_)) {
    for (const auto& [name_space, of] : groups) {
      for (const RuleGroup& group : of) Add(name_space, group, interval);
    }
  }

  std::vector<std::string> Run() {
    if (const Status status = CheckLength(); !status.ok()) {
      return {std::string(status.message())};
    }
    std::vector<std::pair<Nanoseconds, std::function<void()>>> checks;
    for (const AlertCheck& check : test_.alerts) {
      checks.emplace_back(check.at, [&] { CheckAlerts(check); });
    }
    for (const SampleCheck& check : test_.expressions) {
      checks.emplace_back(check.at, [&] { CheckExpression(check); });
    }
    for (const SampleCheck& check : test_.recordings) {
      checks.emplace_back(check.at, [&] { CheckRecording(check); });
    }
    std::stable_sort(checks.begin(), checks.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    for (const auto& [at, check] : checks) {
      AdvanceTo(at);
      check();
    }
    return std::move(failures_);
  }

 private:
  struct Group {
    std::unique_ptr<KeptSamples> samples;
    std::unique_ptr<GroupRunner> runner;
    Nanoseconds next{0};
  };

  void Add(const std::string& name_space, RuleGroup group, Nanoseconds interval) {
    if (group.interval.count() == 0) group.interval = interval;
    Group& added = groups_.emplace_back();
    added.samples = std::make_unique<KeptSamples>();
    const GroupRunner::Deps deps{.evaluator = *evaluator_,
                                 .alerts = alerts_,
                                 .samples = *added.samples,
                                 .clock = clock_,
                                 .external_url = test_.external_url,
                                 .external_labels = LabelsOf(test_.external_labels)};
    added.runner =
        std::make_unique<GroupRunner>(deps, model::TenantId(kTenant), name_space, std::move(group));
  }

  Status CheckLength() const {
    Nanoseconds last{0};
    SourceLine line;
    const auto look = [&](const auto& check) {
      if (check.at <= last) return;
      last = check.at;
      line = check.line;
    };
    std::ranges::for_each(test_.alerts, look);
    std::ranges::for_each(test_.expressions, look);
    std::ranges::for_each(test_.recordings, look);
    int64_t evaluations = 0;
    for (const Group& group : groups_) {
      evaluations += last / group.runner->group().interval + 1;
      if (evaluations <= kMaxEvaluations) continue;
      return InvalidArgument(AtLine(
          line, "the test would evaluate groups more than " + std::to_string(kMaxEvaluations) +
                    " times; ask for earlier times, or set a longer evaluation_interval"));
    }
    return {};
  }

  void AdvanceTo(Nanoseconds at) {
    for (Group& group : groups_) {
      for (; group.next <= at; group.next += group.runner->group().interval) {
        clock_.Set(kTestStartNs + group.next.count());
        group.samples->Clear();
        group.runner->Evaluate(clock_.NowNs(), CancelToken());
        NoteErrors(group);
      }
    }
    clock_.Set(kTestStartNs + at.count());
  }

  // A rule that cannot be evaluated is said once.
  void NoteErrors(const Group& group) {
    const GroupStatus status = group.runner->Snapshot();
    for (const RuleStatus& rule : status.rules) {
      if (rule.health != RuleHealth::kFailed) continue;
      const std::string who =
          status.name_space + ": " +
          AtLine(rule.rule.line, "rule " + rule.rule.name() + " of group " + status.name);
      if (!failed_.insert(who).second) continue;
      failures_.push_back(who + " fails at " + At(group.next) + ": " + rule.last_error);
    }
  }

  void CheckAlerts(const AlertCheck& check) {
    std::vector<Item> expected;
    for (const ExpectedAlert& alert : check.expected) {
      TextMap labels = alert.labels;
      labels["alertname"] = check.alert;
      expected.push_back({TextsText(labels) + " " + TextsText(alert.annotations)});
    }
    std::vector<Item> actual;
    for (const Group& group : groups_) {
      for (const RuleStatus& rule : group.runner->Snapshot().rules) {
        if (!rule.rule.is_alert() || rule.rule.alert != check.alert) continue;
        for (const Alert& alert : rule.alerts) {
          if (alert.state != AlertState::kFiring) continue;
          actual.push_back({alert.labels.ToString() + " " + TextsText(alert.annotations)});
        }
      }
    }
    Report(check.line, "alert " + check.alert, check.at,
           Difference(expected, std::move(actual), false));
  }

  void CheckExpression(const SampleCheck& check) {
    const auto answer =
        evaluator_->Evaluate(model::TenantId(kTenant), check.what, clock_.NowNs(), CancelToken());
    if (!answer.ok()) {
      Report(check.line, check.what, check.at, "\n    " + std::string(answer.status().message()));
      return;
    }
    std::vector<Item> actual;
    for (const EvaluatedSample& sample : answer->samples) {
      actual.push_back({sample.labels.ToString(), sample.value});
    }
    CompareSamples(check, check.what, std::move(actual));
  }

  void CheckRecording(const SampleCheck& check) {
    std::vector<Item> actual;
    for (const Group& group : groups_) {
      for (const RecordedSample& sample : group.samples->samples()) {
        if (sample.labels.Get("__name__") != check.what) continue;
        if (model::IsStaleMarker(sample.value)) continue;
        model::LabelsBuilder labels(sample.labels);
        actual.push_back({labels.Del("__name__").Build().ToString(), sample.value});
      }
    }
    CompareSamples(check, "record " + check.what, std::move(actual));
  }

  void CompareSamples(const SampleCheck& check, const std::string& what, std::vector<Item> actual) {
    std::vector<Item> expected;
    for (const ExpectedSample& sample : check.expected) {
      expected.push_back({sample.labels.ToString(), sample.value});
    }
    Report(check.line, what, check.at, Difference(expected, std::move(actual), true));
  }

  void Report(SourceLine line, const std::string& what, Nanoseconds at,
              const std::string& difference) {
    if (difference.empty()) return;
    failures_.push_back(AtLine(line, what + " at " + At(at) + ":" + difference));
  }

  const RuleTest& test_;
  TestClock clock_;
  NoAlerts alerts_;
  const std::unique_ptr<Evaluator> evaluator_;
  std::vector<Group> groups_;
  std::set<std::string> failed_;
  std::vector<std::string> failures_;
};

}  // namespace

std::vector<std::string> RunRuleTest(const RuleTest& test, const RuleNamespaces& groups,
                                     Nanoseconds interval, const MakeTestEvaluator& make) {
  return TestRun(test, groups, interval, make).Run();
}

}  // namespace skald::ruler
