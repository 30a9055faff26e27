#include "ingester/shutdown_marker.h"

#include <utility>

#include "ingester/ingester_metrics.h"

namespace skald::ingester {

ShutdownMarker::ShutdownMarker(FileSystem& files, const Clock& clock, std::string folder)
    : files_(files),
      clock_(clock),
      folder_(std::move(folder)),
      path_(JoinPath(folder_, "shutdown-requested.txt")) {}

Result<bool> ShutdownMarker::IsSet() const {
  SKALD_RETURN_IF_ERROR(CheckConfigured());
  SKALD_ASSIGN_OR_RETURN(const bool set, files_.Exists(path_));
  IngesterMetrics::Get().shutdown_marker.Set(set ? 1 : 0);
  return set;
}

Status ShutdownMarker::Set() const {
  SKALD_RETURN_IF_ERROR(CheckConfigured());
  SKALD_RETURN_IF_ERROR(files_.MakeDirs(folder_));
  const std::string text = std::to_string(clock_.NowNs()) + "\n";
  SKALD_RETURN_IF_ERROR(files_.AtomicWrite(path_, text));
  IngesterMetrics::Get().shutdown_marker.Set(1);
  return {};
}

Status ShutdownMarker::Clear() const {
  SKALD_RETURN_IF_ERROR(CheckConfigured());
  if (Status status = files_.Remove(path_);
      !status.ok() && status.code() != StatusCode::kNotFound) {
    return status;
  }
  IngesterMetrics::Get().shutdown_marker.Set(0);
  return {};
}

Status ShutdownMarker::CheckConfigured() const {
  return configured() ? Status()
                      : Status(StatusCode::kFailedPrecondition,
                               "no path configured for ingester shutdown marker: set "
                               "ingester.shutdown_marker_path");
}

}  // namespace skald::ingester
