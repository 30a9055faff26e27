#include "querier/visible_source.h"

#include <cstdint>
#include <memory>
#include <utility>

namespace skald::querier {
namespace {

// Batches of which the filter has left something.
class VisibleBatches final : public model::BatchSource {
 public:
  VisibleBatches(std::unique_ptr<model::BatchSource> inner,
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

class VisibleScan final : public model::StreamScan {
 public:
  VisibleScan(std::unique_ptr<model::StreamScan> inner, std::unique_ptr<model::EntryFilter> filter)
      : inner_(std::move(inner)), filter_(std::move(filter)) {}

  const std::shared_ptr<const model::Labels>& labels() const override { return inner_->labels(); }
  int64_t first_ns() const override { return inner_->first_ns(); }
  int64_t last_ns() const override { return inner_->last_ns(); }
  uint64_t estimated_bytes() const override { return inner_->estimated_bytes(); }

  std::unique_ptr<model::BatchSource> Open() override {
    return std::make_unique<VisibleBatches>(inner_->Open(), std::move(filter_));
  }

 private:
  const std::unique_ptr<model::StreamScan> inner_;
  std::unique_ptr<model::EntryFilter> filter_;
};

}  // namespace

Result<model::StreamScans> VisibleSource::Select(const model::ScanRequest& request,
                                                 model::ScanContext& context) {
  // Asked for first: scans go on to read what a request that is processed meanwhile has replaced.
  const auto filters = hidden_.Of(request.tenant);
  SKALD_ASSIGN_OR_RETURN(model::StreamScans scans, source_.Select(request, context));
  if (filters == nullptr) return scans;
  for (auto& scan : scans) {
    if (auto filter = filters->For(*scan->labels(), scan->first_ns(), scan->last_ns())) {
      scan = std::make_unique<VisibleScan>(std::move(scan), std::move(filter));
    }
  }
  return scans;
}

}  // namespace skald::querier
