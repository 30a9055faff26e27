#include "net/tls_reload.h"

#include <utility>

#include "common/logging.h"

namespace skald::net {
namespace {

// The files of a pair are replaced one after the other: what is half of a new one does not fit, and
// is no error unless it is still there at the next look.
constexpr int kLooksUntilSaid = 2;

}  // namespace

TlsReload::TlsReload(const TlsOptions& options, std::string_view setting, TlsCertificate in_force,
                     Use use)
    : options_(options),
      setting_(setting),
      use_(std::move(use)),
      successful_(Metrics::GetGauge("skald_tls_last_reload_successful",
                                    "Whether what the files of a certificate hold is what is in "
                                    "force, by where they are set.",
                                    {{"setting", setting_}})),
      in_force_(std::move(in_force)) {
  successful_.Set(1);
}

void TlsReload::Look() {
  const Status status = Reload();
  if (status.ok()) {
    failures_ = 0;
    said_.clear();
    successful_.Set(1);
    return;
  }
  if (++failures_ < kLooksUntilSaid) return;
  successful_.Set(0);
  if (said_ == status.message()) return;
  said_ = status.message();
  LogError("a certificate was not reloaded; the one in force stays so", {{"err", said_}});
}

Status TlsReload::Reload() {
  SKALD_ASSIGN_OR_RETURN(TlsCertificate read, ReadTlsCertificate(options_, setting_));
  if (read == in_force_) return {};
  SKALD_RETURN_IF_ERROR(use_(read));
  in_force_ = std::move(read);
  LogInfo("certificate reloaded", {{"setting", setting_}});
  return {};
}

}  // namespace skald::net
