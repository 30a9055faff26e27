#include "querier/expired_entries.h"

#include <algorithm>
#include <cstdint>

namespace skald::querier {
namespace {

// Takes out entries before a time. Batches are in its order.
class AgeFilter final : public model::EntryFilter {
 public:
  AgeFilter(int64_t oldest_ns, int64_t last_ns)
      : oldest_ns_(oldest_ns), takes_all_(last_ns < oldest_ns) {}

  Status Apply(model::LogBatch& batch) override {
    const auto& times = batch.block->times;
    const auto kept = std::partition_point(batch.selection.begin(), batch.selection.end(),
                                           [&](uint32_t row) { return times[row] < oldest_ns_; });
    batch.selection.erase(batch.selection.begin(), kept);
    return {};
  }
  bool TakesAll() const override { return takes_all_; }

 private:
  const int64_t oldest_ns_;
  const bool takes_all_;
};

// Of one tenant, at one moment.
class AgeFilters final : public model::EntryFilters {
 public:
  AgeFilters(const chunkstore::Retention& retention, const model::TenantId& tenant, int64_t now_ns,
             int64_t none_from)
      : retention_(retention), tenant_(tenant), now_ns_(now_ns), none_from_(none_from) {}

  std::unique_ptr<model::EntryFilter> For(const model::Labels& stream, int64_t first_ns,
                                          int64_t last_ns) const override {
    if (first_ns >= none_from_) return nullptr;
    const int64_t oldest_ns = retention_.OldestKept(tenant_, stream, now_ns_);
    if (first_ns >= oldest_ns) return nullptr;
    return std::make_unique<AgeFilter>(oldest_ns, last_ns);
  }

 private:
  const chunkstore::Retention& retention_;
  const model::TenantId tenant_;
  const int64_t now_ns_;
  const int64_t none_from_;
};

}  // namespace

std::shared_ptr<const model::EntryFilters> ExpiredEntries::Of(const model::TenantId& tenant) const {
  const int64_t now_ns = clock_.NowNs();
  const int64_t none_from = retention_.HorizonOf(tenant, now_ns).none_from;
  if (none_from == chunkstore::Retention::kNothingExpired) return nullptr;
  return std::make_shared<AgeFilters>(retention_, tenant, now_ns, none_from);
}

}  // namespace skald::querier
