#pragma once

#include <functional>

#include "api/ingester_api.h"
#include "app/write_path.h"

namespace skald::app {

// Lets administrators stop the ingester of this process, or prepare that.
//
// Ownership: borrows the write path.
// Threads:   any thread may call.
class WritePathControl final : public api::IngesterControl {
 public:
  // `terminate` asks for the end of the process and returns at once.
  WritePathControl(WritePath& write, std::function<void()> terminate);

  Status ShutDown(const Shutdown& how) override;
  Result<bool> IsPrepared() override { return write_.shutdown_marker().IsSet(); }
  Status Prepare() override { return write_.shutdown_marker().Set(); }
  Status Unprepare() override { return write_.shutdown_marker().Clear(); }

 private:
  WritePath& write_;
  const std::function<void()> terminate_;
};

}  // namespace skald::app
