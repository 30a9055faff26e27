#include "app/server_parts.h"

#include <fstream>
#include <utility>

namespace skald::app {

Limits ServerParts::FreePushes() {
  Limits limits;
  limits.per_stream_rate_limit = 0;
  limits.ingestion_rate_mb = 10'000;
  limits.ingestion_burst_size_mb = 10'000;
  limits.reject_old_samples = false;
  return limits;
}

Status ServerParts::Open(const Options& options) {
  const std::string file = folder_.path() + "/server.yaml";
  std::ofstream(file) << "common: {path_prefix: " << folder_.path() << "}\n" << options.settings;
  SKALD_RETURN_IF_ERROR(configuration_.Load(file, false, {}));
  limits_ = std::make_unique<StaticLimits>(options.limits);
  memory_ =
      std::make_unique<ProcessMemory>(ShareMemory(configuration_.config(), options.memory_bytes));
  SKALD_ASSIGN_OR_RETURN(write_, WritePath::Open({.config = configuration_.config(),
                                                  .limits = *limits_,
                                                  .clock = clock_,
                                                  .background = background_,
                                                  .lookups = workers_,
                                                  .memory = *memory_}));
  read_ = std::make_unique<ReadPath>(ReadPath::Deps{.config = configuration_.config(),
                                                    .limits = *limits_,
                                                    .clock = clock_,
                                                    .handlers = handlers_,
                                                    .workers = workers_,
                                                    .tailers = tailers_,
                                                    .data = *write_,
                                                    .memory = *memory_});
  return {};
}

void ServerParts::Stop() {
  if (read_ != nullptr) read_->tails().Stop();
  if (write_ != nullptr) write_->Stop();
}

}  // namespace skald::app
