#pragma once

namespace skald::querier {

// How queries are run for all tenants alike.
//
// Threads: a value.
struct QuerierOptions {
  // Whether queries are thought of as cut into shards, each of which max_querier_bytes_read is for.
  bool sharding = true;
  // Whether metrics tell what each tenant's queries cost: loki_query_seconds_total and its kin.
  bool query_stats = false;
};

}  // namespace skald::querier
