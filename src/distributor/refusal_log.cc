#include "distributor/refusal_log.h"

#include <algorithm>
#include <vector>

#include "common/log_fields.h"
#include "common/logging.h"
#include "common/metrics.h"

namespace skald::distributor {
namespace {

void Count(const std::string& name, const std::string& help, const std::string& tenant) {
  Metrics::GetCounter(name, help, {{"org_id", tenant}}).Add();
}

}  // namespace

bool RefusalLog::MayWrite(size_t bytes, uint64_t bytes_per_second, int64_t now_ns) {
  const auto rate = static_cast<double>(bytes_per_second);
  MutexLock lock(mutex_);
  // A message that is longer than a second's share is still written, by itself.
  return bytes_.TryTake(std::min(static_cast<double>(bytes), rate), rate, rate, now_ns);
}

void RefusalLog::Add(const Options& options, const std::string& tenant, const Status& status,
                     bool limited, int64_t now_ns) {
  if (limited && !MayWrite(status.message().size(), options.bytes_per_second, now_ns)) {
    return Count("loki_write_failures_discarded_total",
                 "Refused pushes that the log does not tell of, as there were too many.", tenant);
  }
  Count("loki_write_failures_logged_total", "Refused pushes that the log tells of.", tenant);
  std::vector<LogField> fields = {{"details", status.message()}, {"org_id", tenant}};
  if (options.add_insight) fields.emplace_back("insight", true);
  LogFields(LogLevel::kError, "write operation failed", fields);
}

}  // namespace skald::distributor
