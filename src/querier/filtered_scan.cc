#include "querier/filtered_scan.h"

#include <cstdint>
#include <utility>

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
  FilteredScan(std::unique_ptr<model::StreamScan> inner, std::unique_ptr<model::EntryFilter> filter)
      : inner_(std::move(inner)), filter_(std::move(filter)) {}

  const std::shared_ptr<const model::Labels>& labels() const override { return inner_->labels(); }
  int64_t first_ns() const override { return inner_->first_ns(); }
  int64_t last_ns() const override { return inner_->last_ns(); }
  uint64_t estimated_bytes() const override { return inner_->estimated_bytes(); }

  std::unique_ptr<model::BatchSource> Open() override {
    return std::make_unique<FilteredBatches>(inner_->Open(), std::move(filter_));
  }

 private:
  const std::unique_ptr<model::StreamScan> inner_;
  std::unique_ptr<model::EntryFilter> filter_;
};

}  // namespace

std::unique_ptr<model::StreamScan> FilterScan(std::unique_ptr<model::StreamScan> scan,
                                              std::unique_ptr<model::EntryFilter> filter) {
  return std::make_unique<FilteredScan>(std::move(scan), std::move(filter));
}

}  // namespace skald::querier
