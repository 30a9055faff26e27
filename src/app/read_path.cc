#include "app/read_path.h"

#include <vector>

namespace skald::app {

ReadPath::ReadPath(const Deps& deps)
    : memory_([&data = deps.data] { return std::vector<rpc::IngesterClient*>{&data.ingester()}; },
              deps.clock),
      store_(deps.data.store()),
      source_(std::vector<querier::StreamSource*>{&memory_, &store_}),
      querier_(source_, deps.limits, deps.workers, deps.clock),
      metadata_({.multi_tenant = deps.config.multi_tenant_queries_enabled, .memory = &memory_},
                source_, deps.limits, deps.clock),
      volume_(source_, deps.limits, deps.clock),
      patterns_(deps.data.patterns(), deps.limits, deps.clock) {}

}  // namespace skald::app
