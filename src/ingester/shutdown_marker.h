#pragma once

#include <string>

#include "common/clock.h"
#include "common/files.h"
#include "common/status.h"

namespace skald::ingester {

// A file that says: at the next stop, move everything to the store and leave the ring. It outlives
// a crash, so that who scales a cluster down can ask for it ahead of time.
//
// Ownership: borrows file system and clock.
// Threads:   any thread may call.
// Cost:      each call waits for the disk.
class ShutdownMarker {
 public:
  // `folder` is made when it is needed. Empty: there can be no marker.
  ShutdownMarker(FileSystem& files, const Clock& clock, std::string folder);

  // kFailedPrecondition, from all three, if there can be none.
  Result<bool> IsSet() const;
  // Setting or clearing it twice is fine.
  Status Set() const;
  Status Clear() const;

  // Whether there can be one.
  bool configured() const { return !folder_.empty(); }

 private:
  Status CheckConfigured() const;

  FileSystem& files_;
  const Clock& clock_;
  const std::string folder_;
  const std::string path_;
};

}  // namespace skald::ingester
