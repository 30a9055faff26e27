#include "app/read_path.h"

#include <vector>

#include "common/duration.h"
#include "common/status.h"

namespace skald::app {
namespace {

querier::IngesterSource::Clients Ingesters(WritePath& data) {
  return [&data] { return std::vector<rpc::IngesterClient*>{&data.ingester()}; };
}

Status TooMuchHeld(const ReadPath::Deps& deps) {
  const uint64_t bytes = deps.memory.shares().queries;
  const bool own = bytes == deps.config.query_memory_bytes;
  return Unavailable("all queries together would hold more than " + FormatIecBytes(bytes) +
                     " in memory (" + (own ? "querier" : "common") +
                     ".memory_bytes); try again later, or ask for less");
}

}  // namespace

ReadPath::ReadPath(const Deps& deps)
    : memory_(Ingesters(deps.data), deps.clock),
      store_(deps.data.store()),
      stored_(std::vector<querier::StreamSource*>{&memory_, &store_}),
      visible_(stored_, deps.data.hidden()),
      source_(visible_, deps.data.retention(), deps.clock),
      expired_(deps.data.retention(), deps.clock),
      query_memory_(deps.memory.shares().queries, TooMuchHeld(deps), &deps.memory.budget()),
      querier_(source_, deps.limits, deps.workers, deps.clock, &query_memory_, deps.config.querier),
      metadata_({.multi_tenant = deps.config.multi_tenant_queries_enabled,
                 .memory = &memory_,
                 .workers = &deps.workers},
                source_, deps.limits, deps.clock),
      volume_(source_, deps.limits, deps.clock),
      patterns_(deps.data.patterns(), source_, deps.limits, deps.clock),
      tails_({.max_duration = deps.config.tail_max_duration},
             {.querier = querier_,
              .ingesters = Ingesters(deps.data),
              .clock = deps.clock,
              .live = deps.tailers,
              .past = deps.handlers,
              .hidden = {&deps.data.hidden(), &expired_}},
             deps.limits) {}

}  // namespace skald::app
