#pragma once

#include <string>

#include "common/status.h"
#include "net/http_types.h"

namespace skald::api {

// Makes snapshots of the data of this process.
//
// Threads: any thread may call.
class SnapshotControl {
 public:
  virtual ~SnapshotControl() = default;

  // Returns what was made, as JSON; an empty name is chosen. kInvalidArgument for a bad name,
  // kAlreadyExists for one that is taken, kUnavailable while another is made, kResourceExhausted
  // when the disk is full.
  virtual Result<std::string> Take(const std::string& name) = 0;
};

// Adapts /api/v1/snapshot, an endpoint of Skald's own.
//
// Ownership: borrows `control`.
// Threads:   any thread may call; calls block until the snapshot is there.
class SnapshotApi {
 public:
  explicit SnapshotApi(SnapshotControl& control) : control_(control) {}

  // Takes the parameter `name`.
  net::Response Take(net::Request& request);

 private:
  SnapshotControl& control_;
};

}  // namespace skald::api
