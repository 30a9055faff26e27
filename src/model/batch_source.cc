#include "model/batch_source.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "model/merged_source.h"

namespace skald::model {
namespace {

// What of a scan lies in a range of time.
class PartScan final : public StreamScan {
 public:
  PartScan(std::shared_ptr<StreamScan> whole, TimeRange part)
      : whole_(std::move(whole)), part_(part) {}

  const std::shared_ptr<const Labels>& labels() const override { return whole_->labels(); }
  int64_t first_ns() const override { return std::max(whole_->first_ns(), part_.start); }
  int64_t last_ns() const override { return std::min(whole_->last_ns(), part_.end - 1); }
  uint64_t estimated_bytes() const override { return whole_->estimated_bytes(); }

  std::unique_ptr<BatchSource> OpenPart(TimeRange part) override {
    return whole_->OpenPart(part_.Intersect(part));
  }

 private:
  const std::shared_ptr<StreamScan> whole_;
  const TimeRange part_;
};

// The scans of one stream from several stores, shown as one.
class MergedScan final : public StreamScan {
 public:
  MergedScan(StreamScans scans, Direction direction, ScanStats& stats)
      : labels_(scans.front()->labels()), direction_(direction), stats_(stats) {
    first_ns_ = scans.front()->first_ns();
    last_ns_ = scans.front()->last_ns();
    for (auto& scan : scans) {
      first_ns_ = std::min(first_ns_, scan->first_ns());
      last_ns_ = std::max(last_ns_, scan->last_ns());
      estimated_bytes_ += scan->estimated_bytes();
      scans_.push_back(std::move(scan));
    }
  }

  const std::shared_ptr<const Labels>& labels() const override { return labels_; }
  int64_t first_ns() const override { return first_ns_; }
  int64_t last_ns() const override { return last_ns_; }
  uint64_t estimated_bytes() const override { return estimated_bytes_; }

  std::vector<ScanSpan> Spans() const override {
    std::vector<ScanSpan> spans;
    for (const auto& scan : scans_) {
      std::ranges::move(scan->Spans(), std::back_inserter(spans));
    }
    return spans;
  }

  std::unique_ptr<BatchSource> OpenPart(TimeRange part) override {
    StreamScans parts;
    for (const auto& scan : scans_) {
      if (!part.Touches(scan->first_ns(), scan->last_ns())) continue;
      parts.push_back(std::make_unique<PartScan>(scan, part));
    }
    return MergeSources(std::move(parts), direction_, stats_);
  }

 private:
  const std::shared_ptr<const Labels> labels_;
  const Direction direction_;
  ScanStats& stats_;
  std::vector<std::shared_ptr<StreamScan>> scans_;
  int64_t first_ns_ = 0;
  int64_t last_ns_ = 0;
  uint64_t estimated_bytes_ = 0;
};

bool LabelsBefore(const std::unique_ptr<StreamScan>& a, const std::unique_ptr<StreamScan>& b) {
  return *a->labels() < *b->labels();
}

}  // namespace

void Warnings::Add(std::string text) {
  MutexLock lock(mutex_);
  if (std::find(texts_.begin(), texts_.end(), text) == texts_.end()) {
    texts_.push_back(std::move(text));
  }
}

std::vector<std::string> Warnings::Take() {
  MutexLock lock(mutex_);
  return std::exchange(texts_, {});
}

std::unique_ptr<BatchSource> MergeSources(StreamScans scans, Direction direction,
                                          ScanStats& stats) {
  return std::make_unique<MergedSource>(std::move(scans), direction, stats);
}

StreamScans MergeScans(std::vector<StreamScans> parts, Direction direction, ScanStats& stats) {
  StreamScans all;
  for (StreamScans& part : parts) {
    // Stores tend to hand out their scans in order, or a whole answer is sorted once here.
    if (!std::is_sorted(part.begin(), part.end(), LabelsBefore)) {
      std::stable_sort(part.begin(), part.end(), LabelsBefore);
    }
    const auto middle = static_cast<std::ptrdiff_t>(all.size());
    std::move(part.begin(), part.end(), std::back_inserter(all));
    std::inplace_merge(all.begin(), all.begin() + middle, all.end(), LabelsBefore);
  }
  StreamScans merged;
  merged.reserve(all.size());
  for (size_t begin = 0; begin < all.size();) {
    size_t end = begin + 1;
    while (end < all.size() && *all[end]->labels() == *all[begin]->labels()) ++end;
    if (end - begin == 1) {
      merged.push_back(std::move(all[begin]));
    } else {
      StreamScans same;
      for (size_t i = begin; i < end; ++i) same.push_back(std::move(all[i]));
      merged.push_back(std::make_unique<MergedScan>(std::move(same), direction, stats));
    }
    begin = end;
  }
  return merged;
}

}  // namespace skald::model
