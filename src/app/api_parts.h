#pragma once

#include <functional>
#include <optional>

#include "api/deletes_api.h"
#include "api/explain_api.h"
#include "api/fields_api.h"
#include "api/ingester_api.h"
#include "api/metadata_api.h"
#include "api/ops_api.h"
#include "api/otlp_api.h"
#include "api/otlp_mappings.h"
#include "api/patterns_api.h"
#include "api/profile_api.h"
#include "api/push_api.h"
#include "api/push_service.h"
#include "api/query_api.h"
#include "api/query_queue.h"
#include "api/ring_api.h"
#include "api/rules_api.h"
#include "api/snapshot_api.h"
#include "api/tail_api.h"
#include "api/tenant_auth.h"
#include "api/tenant_limits_api.h"
#include "api/volume_api.h"
#include "app/app_config.h"
#include "app/ingester_control.h"
#include "app/read_path.h"
#include "app/rule_path.h"
#include "app/snapshot_adapter.h"
#include "app/write_path.h"
#include "common/clock.h"
#include "common/executor.h"
#include "common/limits.h"
#include "common/status.h"
#include "net/grpc_host.h"
#include "net/router.h"
#include "ring/member_store.h"

namespace skald::app {

// How many queries may run at once: at least one.
size_t QueriesAtOnce(const AppConfig& config);

// The adapters of the HTTP surface and the table of their URLs, and those of gRPC.
//
// Ownership: borrows all of its Deps; the router and the gRPC host refer to this.
// Threads:   built by one; the router's handlers run anywhere.
class ApiParts {
 public:
  struct Deps {
    const Configuration& configuration;
    const LimitsSource& limits;
    const Clock& clock;
    Executor& query_handlers;  // Where queries and flushes run.
    Executor& query_workers;   // That they are cut up for.
    WritePath& write;
    ReadPath& read;
    RulePath* rules = nullptr;  // Null: there are none.
    ring::MemberStore& ruler_ring;
    // Any thread may call these.
    std::function<Status()> ready;    // Whether requests are served.
    std::function<void()> terminate;  // Asks for the end of the process.
  };

  explicit ApiParts(const Deps& deps);
  ApiParts(const ApiParts&) = delete;
  ApiParts& operator=(const ApiParts&) = delete;

  net::Router& router() { return router_; }
  // Offers what is served over gRPC.
  void AddTo(net::GrpcHost& host) { push_service_.AddTo(host); }

 private:
  api::TenantAuth auth_;
  api::PushApi push_;
  api::OtlpMappings otlp_mappings_;
  api::OtlpApi otlp_;
  api::PushService push_service_;
  api::QueryQueue query_queue_;
  api::QueryApi query_;
  api::TailApi tail_;
  api::MetadataApi metadata_;
  api::FieldsApi fields_;
  api::VolumeApi volume_;
  api::ExplainApi explain_;
  api::PatternsApi patterns_;
  api::TenantLimitsApi tenant_limits_;
  api::OpsApi ops_;
  api::RingApi ring_;
  api::RingApi ruler_ring_;
  std::optional<api::RulesApi> rules_;
  WritePathControl ingester_control_;
  api::IngesterApi ingester_;
  api::ProfileApi profile_;
  SnapshotAdapter snapshot_control_;
  api::SnapshotApi snapshot_;
  api::DeletesApi deletes_;
  net::Router router_;
};

}  // namespace skald::app
