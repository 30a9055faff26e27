#include "querier/filtered_scan.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace skald::querier {
namespace {

// Batches of which the filter has left something.
class FilteredBatches final : public model::BatchSource {
 public:
  FilteredBatches(std::unique_ptr<model::BatchSource> inner,
                  std::unique_ptr<model::EntryFilter> filter)
      : inner_(std::move(inner)), filter_(std::move(filter)) {}

  Result<std::unique_ptr<model::LogBatch>> Next() override {
    for (;;) {
      auto batch = inner_->Next();
      if (!batch.ok() || *batch == nullptr) return batch;
      SKALD_RETURN_IF_ERROR(filter_->Apply(**batch));
      if (!(*batch)->selection.empty()) return batch;
    }
  }

 private:
  const std::unique_ptr<model::BatchSource> inner_;
  const std::unique_ptr<model::EntryFilter> filter_;
};

class FilteredScan final : public model::StreamScan {
 public:
  FilteredScan(std::unique_ptr<model::StreamScan> inner,
               std::shared_ptr<const model::EntryFilters> filters)
      : inner_(std::move(inner)), filters_(std::move(filters)) {}

  const std::shared_ptr<const model::Labels>& labels() const override { return inner_->labels(); }
  int64_t first_ns() const override { return inner_->first_ns(); }
  int64_t last_ns() const override { return inner_->last_ns(); }
  uint64_t estimated_bytes() const override { return inner_->estimated_bytes(); }

  std::vector<model::ScanSpan> Spans() const override { return inner_->Spans(); }

  std::unique_ptr<model::BatchSource> OpenPart(model::TimeRange part) override {
    std::unique_ptr<model::EntryFilter> filter = filters_->For(
        *labels(), std::max(first_ns(), part.start), std::min(last_ns(), part.end - 1));
    std::unique_ptr<model::BatchSource> batches = inner_->OpenPart(part);
    if (filter == nullptr) return batches;
    return std::make_unique<FilteredBatches>(std::move(batches), std::move(filter));
  }

 private:
  const std::unique_ptr<model::StreamScan> inner_;
  const std::shared_ptr<const model::EntryFilters> filters_;
};

}  // namespace

model::StreamScans FilterScans(model::StreamScans scans,
                               std::shared_ptr<const model::EntryFilters> filters) {
  if (filters == nullptr) return scans;
  for (auto& scan : scans) {
    if (filters->For(*scan->labels(), scan->first_ns(), scan->last_ns()) != nullptr) {
      scan = std::make_unique<FilteredScan>(std::move(scan), filters);
    }
  }
  return scans;
}

}  // namespace skald::querier
