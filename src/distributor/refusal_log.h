#pragma once

#include <cstdint>
#include <string>

#include "common/mutex.h"
#include "common/status.h"
#include "common/token_bucket.h"

namespace skald::distributor {

// The lines in the log of a tenant's pushes that are refused: as many as help, since a client that
// tries again and again would fill any log.
//
// Threads: any thread may call; mutex_ guards what may still be written.
class RefusalLog {
 public:
  struct Options {
    uint64_t bytes_per_second = 1024;
    bool add_insight = false;  // Lines get insight=true, for who picks them out by that.
  };

  // `limited`: options.bytes_per_second are written, the rest is counted.
  void Add(const Options& options, const std::string& tenant, const Status& status, bool limited,
           int64_t now_ns);

 private:
  bool MayWrite(size_t bytes, uint64_t bytes_per_second, int64_t now_ns);

  Mutex mutex_;
  TokenLevel bytes_ SKALD_GUARDED_BY(mutex_);
};

}  // namespace skald::distributor
