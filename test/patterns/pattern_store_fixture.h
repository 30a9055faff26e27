#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/limits.h"
#include "model/matcher.h"
#include "patterns/pattern_store.h"
#include "support/manual_clock.h"
#include "support/time_units.h"

namespace skald::patterns {

using test::kSecond;

// What tests of the store push and ask for.
class PatternStoreFixture : public testing::Test {
 protected:
  // Adds `lines` at `time_ns`, with the level if it is not empty.
  void Add(PatternStore& store, const std::string& tenant, const model::Labels& labels,
           int64_t time_ns, const std::vector<std::string>& lines, const std::string& level = "",
           uint32_t stride = 1) {
    model::PushBatch batch;
    for (const std::string& line : lines) {
      batch.entries.push_back({.time_ns = time_ns,
                               .line = line,
                               .metadata_begin = static_cast<uint32_t>(batch.metadata.size()),
                               .metadata_count = level.empty() ? 0u : 1u});
      if (!level.empty()) batch.metadata.push_back({"detected_level", level});
    }
    batch.streams.push_back({.labels = std::make_shared<const model::Labels>(labels),
                             .fingerprint = labels.Hash(),
                             .entry_begin = 0,
                             .entry_count = static_cast<uint32_t>(lines.size())});
    store.Add(model::TenantId(tenant), batch, stride);
  }

  // Of all times, as "level pattern seconds:count ...", times from now on.
  std::vector<std::string> Patterns(const PatternStore& store, const std::string& tenant = "t",
                                    const model::Matchers& matchers = {},
                                    int64_t step_ns = 10 * kSecond) {
    return Dump(store.Select(model::TenantId(tenant), matchers, model::TimeRange::All(), step_ns));
  }

  // Equal patterns of several streams count by themselves.
  static size_t Series(const PatternStore& store) {
    return store.Select(model::TenantId("t"), {}, model::TimeRange::All(), kSecond).series.size();
  }

  std::vector<std::string> Dump(const HeldPatterns& held) const {
    std::vector<std::string> texts;
    for (const PatternSeries& series : MergePatterns(held.series, 1, 300)) {
      std::string text = series.level + " " + series.pattern;
      for (const PatternSample& sample : series.samples) {
        text += " " + std::to_string(sample.seconds - now_ / kSecond) + ":" +
                std::to_string(sample.count);
      }
      texts.push_back(std::move(text));
    }
    return texts;
  }

  static model::Matchers Match(std::string_view name, std::string_view value) {
    return {*model::Matcher::Make(model::MatchOp::kEqual, name, value)};
  }

  static Limits Persistent() {
    Limits limits;
    limits.pattern_persistence_enabled = true;
    return limits;
  }

  // What is to be written, as "pattern step:count ...", steps of ten seconds from now on.
  std::vector<std::string> Take(PatternStore& store, const std::string& tenant = "t") {
    std::vector<std::string> texts;
    const auto batch = store.TakeUnwritten(model::TenantId(tenant));
    if (batch == nullptr) return texts;
    for (const UnwrittenCounts& counts : batch->counts) {
      std::string text = counts.pattern;
      for (const StepCounts::Count& count : counts.counts) {
        text += " " + std::to_string((count.seconds() - now_ / kSecond) / 10) + ":" +
                std::to_string(count.count);
      }
      texts.push_back(std::move(text));
    }
    return texts;
  }

  test::ManualClock clock_;
  const int64_t now_ = clock_.NowNs();
  const model::Labels app_ = {{"app", "a"}};
  const model::TenantId tenant_{"t"};
  const StaticLimits limits_{Limits()};
  const StaticLimits persistent_{Persistent()};  // Of tenants whose patterns are written down.
};

}  // namespace skald::patterns
