#include "distributor/refusal_log.h"

#include <algorithm>

#include "common/logging.h"
#include "common/metrics.h"

namespace skald::distributor {
namespace {

constexpr double kBytesPerSecond = 1024;  // Compat: Loki's rate of these lines.

void Count(const std::string& name, const std::string& help, const std::string& tenant) {
  Metrics::GetCounter(name, help, {{"org_id", tenant}}).Add();
}

}  // namespace

bool RefusalLog::MayWrite(size_t bytes, int64_t now_ns) {
  MutexLock lock(mutex_);
  // A message that is longer than a second's share is still written, by itself.
  return bytes_.TryTake(std::min(static_cast<double>(bytes), kBytesPerSecond), kBytesPerSecond,
                        kBytesPerSecond, now_ns);
}

void RefusalLog::Add(const std::string& tenant, const Status& status, bool limited,
                     int64_t now_ns) {
  if (limited && !MayWrite(status.message().size(), now_ns)) {
    return Count("loki_write_failures_discarded_total",
                 "Refused pushes that the log does not tell of, as there were too many.", tenant);
  }
  Count("loki_write_failures_logged_total", "Refused pushes that the log tells of.", tenant);
  LogError("write operation failed", {{"details", status.message()}, {"org_id", tenant}});
}

}  // namespace skald::distributor
