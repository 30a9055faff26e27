#pragma once

#include "common/clock.h"
#include "net/http_types.h"

namespace skald::api {

// Adapts profiles of this process: /debug/pprof, as `go tool pprof` and Pyroscope read it.
//
// Ownership: borrows the clock.
// Threads:   any thread may call; CpuProfile holds its thread for the time that is asked for.
class ProfileApi {
 public:
  explicit ProfileApi(const Clock& clock) : clock_(clock) {}

  // A page that says what there is.
  net::Response Index(net::Request& request);
  // Of `seconds` (30); ends early when the client leaves. 500 if one is under way.
  net::Response CpuProfile(net::Request& request);
  // What memory is and was held; 404 where nothing keeps count of that.
  net::Response HeapProfile(net::Request& request);
  // 404 for profiles of Go's runtime, which tells scrapers more than an empty one.
  net::Response Missing(net::Request& request);
  // 404: threads are looked at only while they run.
  net::Response NoWallClock(net::Request& request);

 private:
  const Clock& clock_;
};

}  // namespace skald::api
