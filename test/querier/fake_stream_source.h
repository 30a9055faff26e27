#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "common/mutex.h"
#include "common/text_list.h"
#include "model/entry_block.h"
#include "model/matcher.h"
#include "querier/cardinality.h"
#include "querier/stream_source.h"
#include "support/fake_scan.h"

namespace skald::test {

// Streams in memory, by tenant; each has one entry a time given. The last ScanRequest is kept.
//
// Threads: any thread may read once all is added.
class FakeStreamSource final : public querier::StreamSource {
 public:
  void Add(const std::string& tenant, const model::Labels& labels, std::vector<int64_t> times_ns) {
    streams_[tenant].emplace_back(std::make_shared<const model::Labels>(labels),
                                  std::move(times_ns));
  }
  void FailWith(Status error) { error_ = std::move(error); }
  // Says of each scan that something is missing from it.
  void WarnOf(std::string missing) { warning_ = std::move(missing); }
  // Called at the begin of each scan.
  void OnSelect(std::function<void()> hook) { hook_ = std::move(hook); }
  model::ScanRequest last_request() const {
    MutexLock lock(mutex_);
    return last_request_;
  }

  Result<model::StreamScans> Select(const model::ScanRequest& request,
                                    model::ScanContext& context) override {
    SKALD_RETURN_IF_ERROR(error_);
    if (!warning_.empty()) context.warnings.Add(warning_);
    if (hook_) hook_();
    {
      MutexLock lock(mutex_);
      last_request_ = request;
    }
    model::StreamScans scans;
    for (const auto& [labels, times] : Find({request.tenant, request.matchers, request.range})) {
      model::EntryBlockBuilder builder;
      for (const int64_t time : times) {
        builder.Append(time, 0, "line", {});
      }
      scans.push_back(std::make_unique<FakeScan>(
          labels, request.direction,
          std::vector{std::make_shared<const model::EntryBlock>(builder.Finish())}));
    }
    return scans;
  }

  Result<std::vector<std::string>> LabelNames(const model::StreamLookup& of) override {
    SKALD_RETURN_IF_ERROR(Check(of));
    std::set<std::string> names;
    for (const auto& [labels, times] : Find(of)) {
      for (const model::LabelView label : *labels) {
        names.emplace(label.name);
      }
    }
    return std::vector<std::string>(names.begin(), names.end());
  }

  Result<TextList> LabelValues(const model::StreamLookup& of, const std::string& name) override {
    SKALD_RETURN_IF_ERROR(Check(of));
    TextList values;
    for (const auto& [labels, times] : Find(of)) {
      if (labels->Has(name)) {
        values.Add(labels->Get(name));
      }
    }
    SKALD_RETURN_IF_ERROR(values.SortUnique());
    return values;
  }

  Result<model::SeriesList> Series(const model::StreamLookup& of) override {
    SKALD_RETURN_IF_ERROR(Check(of));
    std::set<model::Labels> series;
    for (const auto& [labels, times] : Find(of)) {
      series.insert(*labels);
    }
    model::SeriesList list;
    for (const model::Labels& labels : series) list.Add(labels);
    return list;
  }

  Result<rpc::StreamStats> Stats(const model::StreamLookup& of) override {
    SKALD_RETURN_IF_ERROR(Check(of));
    rpc::StreamStats stats;
    for (const auto& [labels, times] : Find(of)) {
      ++stats.streams;
      ++stats.chunks;
      stats.entries += times.size();
      stats.bytes += 4 * times.size();
    }
    return stats;
  }

  Result<std::vector<rpc::StreamSize>> Sizes(const model::StreamLookup& of) override {
    SKALD_RETURN_IF_ERROR(Check(of));
    std::vector<rpc::StreamSize> sizes;
    for (const auto& [labels, times] : Find(of)) {
      sizes.push_back({.labels = labels, .entries = times.size(), .bytes = 4 * times.size()});
    }
    querier::SortSizes(sizes);
    return sizes;
  }

  Result<std::vector<querier::StreamVolume>> Volumes(
      const model::StreamLookup& of, std::span<const model::TimeRange> ranges) override {
    SKALD_RETURN_IF_ERROR(Check(of));
    std::map<model::Labels, querier::StreamVolume> volumes;
    for (uint32_t i = 0; i < ranges.size(); ++i) {
      for (const auto& [labels, times] : Find({of.tenant, of.matchers, ranges[i]})) {
        querier::StreamVolume& volume = volumes[*labels];
        volume.labels = *labels;
        volume.parts.push_back({.range = i, .bytes = 4 * times.size()});
      }
    }
    std::vector<querier::StreamVolume> all;
    for (auto& [labels, volume] : volumes) {
      all.push_back(std::move(volume));
    }
    return all;
  }

 private:
  using Stream = std::pair<std::shared_ptr<const model::Labels>, std::vector<int64_t>>;

  Status Check(const model::StreamLookup& of) const {
    return error_.ok() ? of.cancel.Check() : error_;
  }

  std::vector<Stream> Find(const model::StreamLookup& of) const {
    std::vector<Stream> found;
    const auto streams = streams_.find(of.tenant.value());
    if (streams == streams_.end()) {
      return found;
    }
    for (auto [labels, times] : streams->second) {
      std::erase_if(times, [&of](int64_t time) { return !of.range.Contains(time); });
      if (!times.empty() && model::MatchesAll(of.matchers, *labels)) {
        found.emplace_back(labels, times);
      }
    }
    return found;
  }

  std::map<std::string, std::vector<Stream>> streams_;
  Status error_;
  std::string warning_;
  std::function<void()> hook_;
  mutable Mutex mutex_;
  model::ScanRequest last_request_ SKALD_GUARDED_BY(mutex_);
};

}  // namespace skald::test
