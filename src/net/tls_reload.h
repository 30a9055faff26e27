#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include "common/metrics.h"
#include "common/status.h"
#include "net/server_options.h"
#include "net/tls_certificate.h"

namespace skald::net {

// Notices that the files of a certificate have changed, by their content, and hands over what is in
// them. What cannot be used leaves in force what was; a line of the log says so, and the gauge
// skald_tls_last_reload_successful of this setting is 0 until the files are good again.
//
// Order:     Look, again and again, each kPeriod.
// Ownership: what `use` borrows must outlive this.
// Threads:   not synchronised.
// Cost:      Look reads the files, and may block on them.
class TlsReload {
 public:
  static constexpr std::chrono::seconds kPeriod{1};

  // Puts a certificate in force for connections to come; an error keeps the last one.
  using Use = std::function<Status(const TlsCertificate&)>;

  // `in_force` is what was read of `options` and is used already.
  TlsReload(const TlsOptions& options, std::string_view setting, TlsCertificate in_force, Use use);

  void Look();

 private:
  Status Reload();

  const TlsOptions options_;
  const std::string setting_;
  const Use use_;
  const Gauge successful_;
  TlsCertificate in_force_;
  int failures_ = 0;  // In a row.
  std::string said_;  // Of them, so that each is logged once.
};

}  // namespace skald::net
