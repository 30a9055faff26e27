#pragma once

#include <chrono>
#include <string>

#include "api/deletes_api.h"
#include "api/explain_api.h"
#include "api/fields_api.h"
#include "api/ingester_api.h"
#include "api/metadata_api.h"
#include "api/ops_api.h"
#include "api/otlp_api.h"
#include "api/patterns_api.h"
#include "api/profile_api.h"
#include "api/push_api.h"
#include "api/query_api.h"
#include "api/ring_api.h"
#include "api/rules_api.h"
#include "api/snapshot_api.h"
#include "api/tail_api.h"
#include "api/tenant_limits_api.h"
#include "api/volume_api.h"
#include "common/clock.h"
#include "common/executor.h"
#include "net/router.h"

namespace skald::api {

// What the URL table is made of. All must outlive the router.
struct Routes {
  PushApi& push;
  OtlpApi& otlp;
  QueryApi& query;
  TailApi& tail;
  MetadataApi& metadata;
  FieldsApi& fields;
  VolumeApi& volume;
  ExplainApi& explain;
  PatternsApi& patterns;
  TenantLimitsApi& tenant_limits;
  OpsApi& ops;
  RingApi& ring;
  RingApi& ruler_ring;
  RulesApi* rules = nullptr;  // Null: rules are neither read nor written over HTTP.
  IngesterApi& ingester;
  ProfileApi& profile;
  SnapshotApi& snapshot;
  DeletesApi& deletes;

  std::string path_prefix;                   // Of every path; empty, or as "/logs".
  bool instrumentation = true;               // /metrics and /debug/pprof are served.
  bool pattern_ring = false;                 // /pattern/ring is: there is a pattern ingester.
  uint64_t max_query_body_bytes = 10 << 20;  // frontend.max_body_size.
  const Clock& clock;
  std::chrono::nanoseconds log_queries_longer_than{0};  // 0: none is logged for that.
  // Where queries run, so that they cannot take every thread from pushes. Those that read lines go
  // through `query_queue` where there is one, so that they cannot take it from other questions.
  Executor* query_threads = nullptr;
  net::Gate* query_queue = nullptr;
};

// Adds every URL that the server knows.
void AddRoutes(const Routes& routes, net::Router& router);

}  // namespace skald::api
