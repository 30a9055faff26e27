#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "common/clock.h"
#include "common/files.h"
#include "common/limits.h"
#include "common/status.h"
#include "model/labels.h"
#include "notify/alert.h"
#include "notify/alertmanager_settings.h"
#include "notify/srv_lookup.h"

namespace skald::notify {

// Tells Alertmanagers of alerts. Each server of a tenant has a queue of its own and is told
// everything; one that does not answer is tried again with growing pauses, and is told the latest
// state of each alert when it is back. What it has refused (4xx) is not said again.
//
// Who keeps which state: the caller knows which alerts there are and calls Send with those that are
// due: when they begin to fire, then each resend delay for as long as they fire, and after their
// resolution for as long as a lost message should be made good (Prometheus: 15 minutes). The sender
// keeps only what is on its way, and nothing across restarts: a restarted caller sends again what
// fires. A state that has waited for 15 minutes without being renewed is dropped.
//
// Order:     Send at any time. Stop is idempotent and called by the destructor; what waits then is
//            dropped.
// Ownership: borrows limits, files and clock.
// Threads:   any thread may call. One mutex, held over no I/O.
// Cost:      Send never waits for a server. A fixed number of threads send.
// Metrics:   loki_prometheus_notifications_*.
class AlertSender {
 public:
  struct Options {
    AlertmanagerSettings alertmanagers;  // Of tenants without their own.
    model::Labels external_labels = {};  // Of all alerts that lack them, before relabelling.
    size_t threads = 8;                  // Servers that may be told something at once.
    std::chrono::nanoseconds tick = std::chrono::milliseconds(250);  // Of retries and look-ups.
    std::chrono::nanoseconds min_backoff = std::chrono::milliseconds(500);  // Doubles up to:
    std::chrono::nanoseconds max_backoff = std::chrono::seconds(30);
    SrvLookup look_up = LookUpSrv;
  };

  // Requires: CompileAlertmanagers takes options.alertmanagers.
  AlertSender(const Options& options, const LimitsSource& limits, FileSystem& files,
              const Clock& clock);
  ~AlertSender();
  AlertSender(const AlertSender&) = delete;
  AlertSender& operator=(const AlertSender&) = delete;

  // Queues the alerts of a tenant. Of each alert the state with the latest updated_at counts. What
  // does not fit the queue is dropped and counted; without a URL configured all is passed over.
  void Send(std::string_view tenant, std::span<const Alert> alerts);

  void Stop();

 private:
  struct Rep;
  std::unique_ptr<Rep> rep_;
};

}  // namespace skald::notify
