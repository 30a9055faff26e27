#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "app/app_config.h"
#include "app/process_memory.h"
#include "app/read_path.h"
#include "app/write_path.h"
#include "common/clock.h"
#include "common/executor.h"
#include "common/limits.h"
#include "common/status.h"
#include "support/temp_folder.h"

namespace skald::app {

// The parts of a server from distributor to querier, over a folder of their own: without HTTP and
// gRPC, of which the library makes threads of its own.
//
// Order:     Open, then anything, then Stop, which is idempotent and called by the destructor.
// Ownership: borrows the clock.
// Threads:   one caller; the parts say for themselves who may call them.
class ServerParts {
 public:
  struct Options {
    std::string settings;  // YAML, of all but the folder.
    Limits limits = FreePushes();
    uint64_t memory_bytes = 512 << 20;  // That the parts share.
  };

  explicit ServerParts(const Clock& clock) : clock_(clock) {}
  ~ServerParts() { Stop(); }
  ServerParts(const ServerParts&) = delete;
  ServerParts& operator=(const ServerParts&) = delete;

  // Limits that no push of a test comes up against.
  static Limits FreePushes();

  // Errors as those of the settings and of WritePath.
  Status Open(const Options& options);
  void Stop();

  WritePath& write() { return *write_; }
  ReadPath& read() { return *read_; }

 private:
  const Clock& clock_;
  const test::TempFolder folder_;
  Configuration configuration_;
  std::unique_ptr<LimitsSource> limits_;
  std::unique_ptr<ProcessMemory> memory_;
  Executor handlers_{"query", 2};
  Executor workers_{"query-work", 2};
  Executor tailers_{"tail", 1};
  Executor background_{"background", 2};
  std::unique_ptr<WritePath> write_;
  std::unique_ptr<ReadPath> read_;
};

}  // namespace skald::app
