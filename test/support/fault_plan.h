#pragma once

#include <cstddef>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "common/status.h"

namespace skald::test {

// Which calls of a file system shall fail, and how many there were.
//
// Threads: not synchronised.
class FaultPlan {
 public:
  enum class Op {
    kCreate,
    kOpenForRead,
    kRead,
    kReadAll,
    kStat,
    kAppend,
    kSync,
    kReserve,
    kTruncate,
    kClose,
    kMakeDirs,
    kList,
    kRemove,
    kRename,
    kLink,
    kSyncDir,
    kExists,
    kDiskSpace,
    // Of faults alone:
    kAny,        // Every call.
    kTakesRoom,  // Calls that a full disk fails.
  };

  // Calls that shall fail.
  struct Fault {
    Op op = Op::kAppend;
    StatusCode code = StatusCode::kUnavailable;  // kResourceExhausted plays ENOSPC, this one EIO.
    std::string path_contains;                   // Only for paths that contain this.
    int after = 0;                               // So many calls succeed before.
    int times = 1;                               // So many fail, then.
    size_t short_bytes = 0;  // Append: written all the same, though never more than half.
  };

  void Inject(Fault fault);
  // After so many more calls of any kind, all fail: to find out what a power failure at just that
  // point leaves behind, a crash follows.
  void FailFromCall(int calls);
  // Whether that point has come.
  bool failing() const { return calls_left_ == 0; }
  // Lets all calls succeed again.
  void Clear();
  // Calls made so far, failed ones included; of kAny and kTakesRoom, too.
  int calls(Op op) const;

  // Counts a call, and says how it shall fail; OK to go on. `short_bytes`, if given, is set to the
  // fault's.
  Status Enter(Op op, const std::string& path, size_t* short_bytes = nullptr);

 private:
  std::vector<Fault> faults_;
  std::map<Op, int> calls_;
  int calls_left_ = std::numeric_limits<int>::max();
};

}  // namespace skald::test
