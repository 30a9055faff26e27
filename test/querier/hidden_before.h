#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/mutex.h"
#include "model/entry_filter.h"

namespace skald::test {

// Hides what one app of a tenant has before some time, as a delete request may.
//
// Threads: any thread may call.
class HiddenBefore final : public model::EntryFilterSource {
 public:
  HiddenBefore(std::string tenant, std::string app)
      : tenant_(std::move(tenant)), app_(std::move(app)) {}

  // 0: nothing is hidden.
  void HideBefore(int64_t time_ns) {
    MutexLock lock(mutex_);
    before_ns_ = time_ns;
  }

  std::shared_ptr<const model::EntryFilters> Of(const model::TenantId& tenant) const override {
    MutexLock lock(mutex_);
    if (tenant.value() != tenant_ || before_ns_ == 0) return nullptr;
    return std::make_shared<Filters>(app_, before_ns_);
  }

 private:
  class Filters final : public model::EntryFilters {
   public:
    Filters(std::string app, int64_t before_ns) : app_(std::move(app)), before_ns_(before_ns) {}
    std::unique_ptr<model::EntryFilter> For(const model::Labels& stream, int64_t first_ns,
                                            int64_t) const override {
      if (stream.Get("app") != app_ || first_ns >= before_ns_) return nullptr;
      return std::make_unique<Filter>(before_ns_);
    }

   private:
    const std::string app_;
    const int64_t before_ns_;
  };
  class Filter final : public model::EntryFilter {
   public:
    explicit Filter(int64_t before_ns) : before_ns_(before_ns) {}
    Status Apply(model::LogBatch& batch) override {
      std::erase_if(batch.selection,
                    [&](uint32_t row) { return batch.block->times[row] < before_ns_; });
      return {};
    }

   private:
    const int64_t before_ns_;
  };

  const std::string tenant_;
  const std::string app_;
  mutable Mutex mutex_;
  int64_t before_ns_ SKALD_GUARDED_BY(mutex_) = 0;
};

}  // namespace skald::test
