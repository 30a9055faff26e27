#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/mutex.h"
#include "model/stale_marker.h"
#include "ruler/outputs.h"

namespace skald::test {

// Remember what they are given.
//
// Threads: any thread may call.
class FakeAlertSink final : public ruler::AlertSink {
 public:
  void Send(std::string_view, std::vector<ruler::FiredAlert> alerts) override {
    MutexLock lock(mutex_);
    for (auto& alert : alerts) alerts_.push_back(std::move(alert));
  }
  std::vector<ruler::FiredAlert> Take() {
    MutexLock lock(mutex_);
    return std::exchange(alerts_, {});
  }

 private:
  Mutex mutex_;
  std::vector<ruler::FiredAlert> alerts_ SKALD_GUARDED_BY(mutex_);
};

class FakeSampleSink final : public ruler::SampleSink {
 public:
  Status Append(std::string_view, std::vector<ruler::RecordedSample> samples) override {
    MutexLock lock(mutex_);
    ++appends_;
    if (!status_.ok()) return status_;
    for (auto& sample : samples) samples_.push_back(std::move(sample));
    return {};
  }
  int appends() {
    MutexLock lock(mutex_);
    return appends_;
  }
  void AnswerWith(Status status) {
    MutexLock lock(mutex_);
    status_ = std::move(status);
  }
  // {a="b"} 1 @5, the end of a series as `end`; times in seconds.
  std::vector<std::string> Take() {
    MutexLock lock(mutex_);
    std::vector<std::string> texts;
    for (const ruler::RecordedSample& sample : samples_) {
      const bool end = model::IsStaleMarker(sample.value);
      texts.push_back(sample.labels.ToString() + " " +
                      (end ? "end" : std::to_string(static_cast<int64_t>(sample.value))) + " @" +
                      std::to_string(sample.time_ms / 1000));
    }
    samples_.clear();
    return texts;
  }

 private:
  Mutex mutex_;
  int appends_ SKALD_GUARDED_BY(mutex_) = 0;
  Status status_ SKALD_GUARDED_BY(mutex_);
  std::vector<ruler::RecordedSample> samples_ SKALD_GUARDED_BY(mutex_);
};

}  // namespace skald::test
