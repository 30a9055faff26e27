#include "app/ingester_control.h"

#include <utility>

namespace skald::app {

WritePathControl::WritePathControl(WritePath& write, std::function<void()> terminate)
    : write_(write), terminate_(std::move(terminate)) {}

Status WritePathControl::ShutDown(const Shutdown& how) {
  if (write_.ingester().stopped()) {
    return Unavailable("Ingester is stopping or already stopped.");
  }
  const Status status = write_.StopIngester(
      how.flush ? ingester::AtStop::kFlush : ingester::AtStop::kKeepInLog, how.delete_ring_tokens);
  if (how.terminate) {
    terminate_();
  }
  return status;
}

}  // namespace skald::app
