#include "querier/volume_query.h"

#include <algorithm>
#include <map>
#include <set>
#include <span>
#include <utility>

#include "querier/internal_streams.h"
#include "querier/tenant_source.h"

namespace skald::querier {
namespace {

constexpr int64_t kMillisecond = 1'000'000;

int64_t FloorTo(int64_t value, int64_t unit) {
  const int64_t rest = value % unit;
  return value - (rest < 0 ? rest + unit : rest);
}

// The range cut at multiples of the step, but for the one that would cut off its last nanosecond.
std::vector<model::TimeRange> BucketsOf(model::TimeRange range, int64_t step_ns) {
  std::vector<model::TimeRange> buckets;
  while (!range.empty()) {
    int64_t next = range.end;
    if (step_ns > 0 && range.end - 1 - FloorTo(range.start, step_ns) > step_ns) {
      next = FloorTo(range.start, step_ns) + step_ns;
    }
    buckets.push_back({range.start, next});
    range.start = next;
  }
  return buckets;
}

// The matchers, and that streams have the target labels.
Result<model::Matchers> WithTargets(const VolumeQuestion& question) {
  model::Matchers matchers = question.matchers;
  for (const std::string& target : question.target_labels) {
    const bool named =
        std::any_of(question.matchers.begin(), question.matchers.end(),
                    [&](const model::Matcher& matcher) { return matcher.name() == target; });
    if (!named) {
      SKALD_ASSIGN_OR_RETURN(model::Matcher present,
                             model::Matcher::Make(model::MatchOp::kRegex, target, ".+"));
      matchers.push_back(std::move(present));
    }
  }
  return matchers;
}

// Adds up streams by the labels that the question tells series apart by.
//
// Threads: not synchronised.
class VolumeGroups {
 public:
  explicit VolumeGroups(const VolumeQuestion& question) : by_label_name_(question.by_label_name) {
    names_.insert(question.target_labels.begin(), question.target_labels.end());
    if (names_.empty() && !by_label_name_) {
      for (const model::Matcher& matcher : question.matchers) {
        names_.insert(matcher.name());
      }
    }
  }

  void Add(const StreamVolume& stream) {
    std::vector<model::LabelView> labels;
    for (const model::LabelView label : stream.labels) {
      if (!names_.empty() && names_.find(label.name) == names_.end()) {
        continue;
      }
      if (by_label_name_) {
        Add(model::Labels({model::LabelView{label.name, ""}}), stream.parts);
      } else {
        labels.push_back(label);
      }
    }
    if (!by_label_name_) {
      Add(model::Labels(std::move(labels)), stream.parts);
    }
  }

  size_t size() const { return groups_.size(); }

  // With the most bytes first; of equals, in the order of their labels.
  std::vector<StreamVolume> Largest(size_t limit) {
    std::vector<std::pair<uint64_t, StreamVolume>> ranked;
    for (auto& [labels, parts] : groups_) {
      StreamVolume volume{.labels = labels, .parts = {}};
      uint64_t bytes = 0;
      for (const auto& [range, part] : parts) {
        volume.parts.push_back({.range = range, .bytes = part});
        bytes += part;
      }
      ranked.emplace_back(bytes, std::move(volume));
    }
    std::stable_sort(ranked.begin(), ranked.end(),
                     [](const auto& a, const auto& b) { return a.first > b.first; });
    ranked.resize(std::min(ranked.size(), limit));
    std::vector<StreamVolume> largest;
    for (auto& [bytes, volume] : ranked) {
      largest.push_back(std::move(volume));
    }
    return largest;
  }

 private:
  void Add(const model::Labels& labels, const std::vector<VolumePart>& parts) {
    std::map<uint32_t, uint64_t>& sums = groups_[labels];
    for (const VolumePart& part : parts) {
      sums[part.range] += part.bytes;
    }
  }

  const bool by_label_name_;
  std::set<std::string, std::less<>> names_;
  std::map<model::Labels, std::map<uint32_t, uint64_t>> groups_;
};

// Compat: a bucket's point is a millisecond before its end, that of the last one at the query's.
int64_t PointMs(std::span<const model::TimeRange> buckets, size_t bucket, int64_t end_ns) {
  return bucket + 1 == buckets.size() ? end_ns / kMillisecond
                                      : buckets[bucket].end / kMillisecond - 1;
}

}  // namespace

Status VolumeQuery::CheckEnabled(const MetadataRequest& request) const {
  for (const model::TenantId& tenant : request.tenants) {
    if (!limits_.For(tenant.value())->volume_enabled) {
      return NotFound("not found");
    }
  }
  return {};
}

Result<std::vector<model::Series>> VolumeQuery::Volumes(const MetadataRequest& request,
                                                        const VolumeQuestion& question) const {
  // Compat: max_query_length does not hold for volumes.
  const AdmittedMetadata admitted = AdmitAnyLength(request, limits_, clock_);
  const std::vector<std::string>& targets = question.target_labels;
  if (std::find(targets.begin(), targets.end(), "") != targets.end()) {
    return std::vector<model::Series>();  // No stream has a label without a name.
  }
  // Compat: streams of several tenants do not have it here.
  if (request.tenants.size() > 1 &&
      std::find(targets.begin(), targets.end(), kTenantLabel) != targets.end()) {
    return std::vector<model::Series>();
  }
  SKALD_ASSIGN_OR_RETURN(const model::Matchers matchers, WithTargets(question));
  if (!request.internal_streams && AsksForInternalStreams(matchers)) {
    return std::vector<model::Series>();
  }
  const auto [tenants, rest] = request.tenants.size() > 1 ? ChooseTenants(request.tenants, matchers)
                                                          : std::pair(request.tenants, matchers);
  const std::vector<model::TimeRange> buckets = BucketsOf(admitted.range, question.step_ns);
  VolumeGroups groups(question);
  const auto max_series = static_cast<size_t>(std::max(admitted.limits->volume_max_series, 0));
  for (const model::TenantId& tenant : tenants) {
    SKALD_ASSIGN_OR_RETURN(
        const auto streams,
        source_.Volumes({tenant, rest, admitted.range, admitted.cancel}, buckets));
    for (const StreamVolume& stream : streams) {
      if (!request.internal_streams && IsInternalStream(stream.labels)) continue;
      groups.Add(stream);
      if (max_series > 0 && groups.size() > max_series) {
        return ResourceExhausted("the query hit the max number of series limit (limit: " +
                                 std::to_string(max_series) + " series)");
      }
    }
  }
  std::vector<model::Series> all;
  for (StreamVolume& volume : groups.Largest(question.limit)) {
    model::Series& series = all.emplace_back();
    series.labels = std::move(volume.labels);
    for (const VolumePart& part : volume.parts) {
      series.points.push_back({.time_ms = PointMs(buckets, part.range, request.end_ns),
                               .value = static_cast<double>(part.bytes)});
    }
  }
  return all;
}

}  // namespace skald::querier
