#include "chunkstore/objstore/metered_object_store.h"

#include "common/metrics.h"

namespace skald::chunkstore {
namespace {

const Status& StatusOf(const Status& status) { return status; }
template <typename T>
const Status& StatusOf(const Result<T>& result) {
  return result.status();
}

}  // namespace

// The metrics of one kind of operation.
class MeteredObjectStore::Operation {
 public:
  Operation(const std::string& bucket, const std::string& name, const Clock& clock)
      : clock_(clock),
        count_(Metrics::GetCounter("loki_objstore_bucket_operations_total",
                                   "Operations on the object store.",
                                   {{"bucket", bucket}, {"operation", name}})),
        failures_(Metrics::GetCounter("loki_objstore_bucket_operation_failures_total",
                                      "Operations on the object store that have failed.",
                                      {{"bucket", bucket}, {"operation", name}})),
        seconds_(Metrics::GetHistogram("loki_objstore_bucket_operation_duration_seconds",
                                       "Seconds that operations on the object store took.",
                                       {.001, .005, .01, .05, .1, .3, .6, 1, 3, 6, 9, 20, 30, 60},
                                       {{"bucket", bucket}, {"operation", name}})) {}

  // What `call` returns. An object that is not there is an answer, no failure.
  template <typename Call>
  auto Run(Call call) const {
    const int64_t begin_ns = clock_.MonotonicNs();
    auto outcome = call();
    seconds_.Observe(static_cast<double>(clock_.MonotonicNs() - begin_ns) / 1e9);
    count_.Add();
    if (const Status& status = StatusOf(outcome);
        !status.ok() && status.code() != StatusCode::kNotFound) {
      failures_.Add();
    }
    return outcome;
  }

 private:
  const Clock& clock_;
  const Counter count_;
  const Counter failures_;
  const Histogram seconds_;
};

MeteredObjectStore::MeteredObjectStore(ObjectStore& store, const std::string& bucket,
                                       const Clock& clock)
    : store_(store),
      clock_(clock),
      put_(std::make_unique<Operation>(bucket, "upload", clock_)),
      get_(std::make_unique<Operation>(bucket, "get", clock_)),
      get_range_(std::make_unique<Operation>(bucket, "get_range", clock_)),
      list_(std::make_unique<Operation>(bucket, "iter", clock_)),
      delete_(std::make_unique<Operation>(bucket, "delete", clock_)) {}

MeteredObjectStore::~MeteredObjectStore() = default;

Status MeteredObjectStore::Put(const std::string& key, std::span<const std::string_view> parts) {
  return put_->Run([&] { return store_.Put(key, parts); });
}

Result<std::string> MeteredObjectStore::Get(const std::string& key) {
  return get_->Run([&] { return store_.Get(key); });
}

Status MeteredObjectStore::GetRange(const std::string& key, uint64_t offset, uint64_t count,
                                    std::string& out) {
  return get_range_->Run([&] { return store_.GetRange(key, offset, count, out); });
}

Result<std::vector<ObjectEntry>> MeteredObjectStore::List(std::string_view prefix) {
  return list_->Run([&] { return store_.List(prefix); });
}

Status MeteredObjectStore::Delete(const std::string& key) {
  return delete_->Run([&] { return store_.Delete(key); });
}

}  // namespace skald::chunkstore
