#pragma once

#include <string>

#include "api/snapshot_api.h"
#include "common/status.h"
#include "maintenance/snapshot.h"

namespace skald::app {

// Lets requests make snapshots.
//
// Ownership: borrows the snapshotter.
// Threads:   any thread may call.
class SnapshotAdapter final : public api::SnapshotControl {
 public:
  explicit SnapshotAdapter(maintenance::Snapshotter& snapshots) : snapshots_(snapshots) {}

  Result<std::string> Take(const std::string& name) override {
    SKALD_ASSIGN_OR_RETURN(const maintenance::SnapshotSummary summary, snapshots_.Take(name));
    return summary.ToJson();
  }

 private:
  maintenance::Snapshotter& snapshots_;
};

}  // namespace skald::app
