#include "querier/querier.h"

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>
#include <vector>

#include "common/duration.h"
#include "common/metrics.h"
#include "logql/parser.h"
#include "querier/byte_limited_source.h"
#include "querier/effective_limits.h"
#include "querier/internal_streams.h"
#include "querier/query_checks.h"
#include "querier/query_hash.h"
#include "querier/query_kind.h"
#include "querier/query_log.h"
#include "querier/query_metrics.h"
#include "querier/tenant_source.h"

namespace skald::querier {
namespace {

// What a query over no time at all answers.
model::ResultData EmptyData(const QueryRequest& request, const logql::Expr& expr) {
  if (logql::IsLogExpr(expr)) {
    return model::Streams{};
  }
  if (request.instant) {
    return model::Vector{};
  }
  return model::Matrix{};
}

logql::Query MakeQuery(const QueryRequest& request, std::shared_ptr<const logql::Expr> expr,
                       const Limits& limits) {
  logql::Query query;
  query.tenant = request.tenants.front();
  query.expr = std::move(expr);
  query.instant = request.instant;
  query.start_ns = request.start_ns;
  query.end_ns = request.end_ns;
  query.step_ns = request.step_ns;
  query.interval_ns = request.interval_ns;
  query.split_ns = limits.split_queries_by_interval.count();
  query.limit = request.limit;
  query.max_held_bytes = limits.max_query_held_bytes;
  query.direction = request.direction;
  if (request.tenants.size() > 1) {
    query.outer_label = kTenantLabel;
  }
  query.categorize_labels = request.categorize_labels;
  query.parsed_beside = request.parsed_beside;
  query.max_series = limits.max_query_series > 0 ? limits.max_query_series : 0;
  query.partial_series = FromDrilldown(request.tags);
  return query;
}

Status TooMuchHeld(const Limits& limits) {
  return ResourceExhausted(
      "the query would hold more than " + FormatIecBytes(limits.max_query_held_bytes) +
      " in memory (limits_config.max_query_held_bytes); consider fewer series, a larger step, a "
      "shorter time range or a smaller limit");
}

// What a query reads from: the streams of its tenants, up to a limit of bytes. Those of the system
// itself are for Logs Drilldown.
//
// Ownership: borrows `source`.
// Threads:   as its parts.
class AdmittedSource {
 public:
  AdmittedSource(StreamSource& source, const QueryRequest& request,
                 const ByteLimitedSource::Options& options)
      : tenants_(source, request.tenants),
        limited_(options,
                 request.tenants.size() > 1 ? static_cast<logql::LogSource&>(tenants_) : source),
        public_(limited_),
        all_(FromDrilldown(request.tags)) {}

  logql::LogSource& source() { return all_ ? static_cast<logql::LogSource&>(limited_) : public_; }

 private:
  TenantSource tenants_;
  ByteLimitedSource limited_;
  WithoutInternalStreams public_;
  const bool all_;
};

QuerierShare ShareOf(const logql::Expr& expr, const Limits& limits, const QuerierOptions& options) {
  if (!options.sharding) return {};
  return {.cut = IsShardable(expr, limits.shard_aggregations) ? QuerierShare::Cut::kIntoShards
                                                              : QuerierShare::Cut::kNotPossible,
          .shard_bytes = limits.tsdb_max_bytes_per_shard,
          .power_of_two = limits.tsdb_sharding_strategy != "bounded"};
}

logql::ParseOptions LanguageOf(const QueryRequest& request, const Limits& limits) {
  return {.extensions = limits.logql_extensions ? logql::Extensions::kOn : logql::Extensions::kOff,
          .empty_selector = request.has_time_range ? logql::EmptySelector::kAllowed
                                                   : logql::EmptySelector::kNeedsTimeRange};
}

}  // namespace

// Compiled rules, and the snapshot that they are of.
struct Querier::BlockedOfTenant {
  std::shared_ptr<const Limits> limits;
  std::shared_ptr<const BlockedQueries> rules;
};

// The limits that hold for a query, and whether any of its time is left by them.
struct Querier::Admission {
  std::shared_ptr<const Limits> limits;
  bool visible = true;
};

Querier::Querier(StreamSource& source, const LimitsSource& limits, Executor& executor,
                 const Clock& clock, MemoryBudget* memory, const QuerierOptions& options)
    : source_(source),
      limits_(limits),
      executor_(executor),
      clock_(clock),
      memory_(memory),
      options_(options) {}

Querier::~Querier() = default;

Result<model::QueryResult> Querier::Run(QueryRequest request, model::ScanContext& context) {
  SKALD_ASSIGN_OR_RETURN(const auto expr, Parse(request));
  const QueryInProgress in_progress;
  LogQueryStart(request, QueryHash(KnownText(request.text, *expr)));
  const int64_t begin_ns = clock_.MonotonicNs();
  Result<model::QueryResult> result = Execute(request, expr, context);
  model::QuerySummary failed;
  Record(request, *expr, result.status(), begin_ns, context,
         result.ok() ? result->summary : failed);
  return result;
}

Result<std::shared_ptr<const logql::Expr>> Querier::Parse(const QueryRequest& request) const {
  auto expr = logql::Parse(request.text, LanguageOf(request, *LimitsOf(request)));
  if (!expr.ok()) LogSyntaxError(request, expr.status());
  return expr;
}

Result<FieldStatsAnswer> Querier::FieldStats(QueryRequest request, logql::FieldQuestion question,
                                             model::ScanContext& context) {
  SKALD_ASSIGN_OR_RETURN(const auto expr, Parse(request));
  request.limit = 0;  // None: entries are counted, not returned.
  const int64_t begin_ns = clock_.MonotonicNs();
  Result<FieldStatsAnswer> answer = ExecuteFieldStats(request, expr, std::move(question), context);
  model::QuerySummary failed;
  Record(request, *expr, answer.status(), begin_ns, context,
         answer.ok() ? answer->summary : failed);
  return answer;
}

void Querier::Record(const QueryRequest& request, const logql::Expr& expr, const Status& status,
                     int64_t begin_ns, const model::ScanContext& context,
                     model::QuerySummary& summary) {
  summary.queue_seconds = std::chrono::duration<double>(request.queue_time).count();
  summary.exec_seconds = static_cast<double>(clock_.MonotonicNs() - begin_ns) / 1e9;
  LogQuery({.request = request,
            .hash = QueryHash(KnownText(request.text, expr)),
            .kind = KindOf(expr),
            .filters_before_parsing = FiltersBeforeParsing(expr),
            .status = status,
            .summary = summary,
            .stats = context.stats,
            .now_ns = clock_.NowNs()});
  if (options_.query_stats) {
    CountUse(request.tenants.front().value(), summary.exec_seconds, context.stats);
  }
}

std::shared_ptr<const Limits> Querier::LimitsOf(const QueryRequest& request) const {
  std::vector<std::shared_ptr<const Limits>> each;
  for (const model::TenantId& tenant : request.tenants) {
    each.push_back(limits_.For(tenant.value()));
  }
  std::shared_ptr<const Limits> limits = StrictestOf(each);
  return request.limits.has_value() ? Tighten(*limits, *request.limits) : limits;
}

Result<Querier::Admission> Querier::Admit(QueryRequest& request, const logql::Expr& expr,
                                          model::ScanContext& context) {
  Admission admission;
  admission.limits = LimitsOf(request);
  const Limits& limits = *admission.limits;
  SKALD_RETURN_IF_ERROR(CheckQueryingAllowed(limits));
  SKALD_RETURN_IF_ERROR(CheckBlocked(request, expr));
  SKALD_RETURN_IF_ERROR(CheckQuery(request, expr, limits));
  if (limits.query_timeout.count() > 0) {
    context.cancel = context.cancel.Within(clock_, limits.query_timeout);
  }
  SKALD_RETURN_IF_ERROR(CheckWholeQuery(request, limits, context.cancel));
  admission.visible = ClampToLookback(clock_.NowNs(), request.end_ns, limits, request.start_ns);
  return admission;
}

Result<Querier::Admission> Querier::AdmitRun(QueryRequest& request, const logql::Expr& expr,
                                             model::ScanContext& context) {
  const bool is_log = logql::IsLogExpr(expr);
  if (request.instant && is_log) {
    return InvalidArgument(
        "log queries are not supported as an instant query type, please change your query to a "
        "range query type");
  }
  SKALD_ASSIGN_OR_RETURN(Admission admission, Admit(request, expr, context));
  if (!request.instant && !is_log && admission.visible &&
      admission.limits->split_queries_by_interval.count() > 0) {
    AlignToStep(request);
  }
  return admission;
}

Result<model::QueryResult> Querier::Execute(QueryRequest& request,
                                            const std::shared_ptr<const logql::Expr>& shared_expr,
                                            model::ScanContext& context) {
  const logql::Expr& expr = *shared_expr;
  SKALD_ASSIGN_OR_RETURN(const Admission admission, AdmitRun(request, expr, context));
  const Limits& limits = *admission.limits;
  model::QueryResult empty;
  empty.data = EmptyData(request, expr);
  empty.categorized = request.categorize_labels && logql::IsLogExpr(expr);
  empty.encoding_flags = request.encoding_flags;
  if (!admission.visible) {
    return empty;
  }
  // A query that ends at its limit of lines reads little, whatever there is.
  AdmittedSource source(
      source_, request,
      {.max_query_bytes = KindOf(expr) == QueryKind::kLimited ? 0 : limits.max_query_bytes_read,
       .max_querier_bytes = limits.max_querier_bytes_read,
       .share = ShareOf(expr, limits, options_)});
  logql::Engine engine(source.source(), executor_);
  MemoryBudget memory(limits.max_query_held_bytes, TooMuchHeld(limits), memory_);
  logql::Query query = MakeQuery(request, shared_expr, limits);
  query.memory = &memory;
  auto result = engine.Run(query, context);
  if (result.ok()) {
    result->warnings = context.warnings.Take();
    result->encoding_flags = std::move(request.encoding_flags);
  }
  return result;
}

Result<FieldStatsAnswer> Querier::ExecuteFieldStats(QueryRequest& request,
                                                    const std::shared_ptr<const logql::Expr>& expr,
                                                    logql::FieldQuestion question,
                                                    model::ScanContext& context) {
  SKALD_ASSIGN_OR_RETURN(const Admission admission, Admit(request, *expr, context));
  FieldStatsAnswer answer;
  if (!admission.visible) {
    return answer;
  }
  AdmittedSource source(source_, request,
                        {.max_query_bytes = admission.limits->max_query_bytes_read,
                         .max_querier_bytes = admission.limits->max_querier_bytes_read,
                         .share = ShareOf(*expr, *admission.limits, options_)});
  MemoryBudget memory(admission.limits->max_query_held_bytes, TooMuchHeld(*admission.limits),
                      memory_);
  SKALD_ASSIGN_OR_RETURN(answer.stats,
                         logql::RunFieldStats({.tenant = request.tenants.front(),
                                               .expr = expr,
                                               .range = {request.start_ns, request.end_ns},
                                               .question = std::move(question),
                                               .memory = &memory},
                                              source.source(), executor_, context));
  answer.warnings = context.warnings.Take();
  return answer;
}

Result<logql::QueryPlan> Querier::Explain(QueryRequest request,
                                          const std::shared_ptr<const logql::Expr>& expr,
                                          model::ScanContext& context) {
  SKALD_ASSIGN_OR_RETURN(const Admission admission, AdmitRun(request, *expr, context));
  logql::QueryPlan plan = logql::PlanQuery(MakeQuery(request, expr, *admission.limits));
  AdmittedSource source(source_, request, {});
  for (size_t i = 0; admission.visible && i < plan.reads.size(); ++i) {
    SKALD_RETURN_IF_ERROR(AddForecast(request, source.source(), context, plan.reads[i]));
  }
  return plan;
}

Status Querier::AddForecast(const QueryRequest& request, logql::LogSource& source,
                            model::ScanContext& context, logql::ReadPlan& read) {
  model::ScanRequest scan = read.shared.request;
  scan.tenant = request.tenants.front();
  SKALD_ASSIGN_OR_RETURN(const model::StreamScans scans, source.Select(scan, context));
  logql::ScanForecast forecast;
  auto [tenants, matchers] = request.tenants.size() > 1
                                 ? ChooseTenants(request.tenants, scan.matchers)
                                 : std::pair(request.tenants, scan.matchers);
  scan.matchers = std::move(matchers);
  for (const model::TenantId& tenant : tenants) {
    scan.tenant = tenant;
    SKALD_ASSIGN_OR_RETURN(const logql::ScanForecast one, source_.Forecast(scan, context.cancel));
    forecast.Add(one);
  }
  // A stream that is in memory and stored as well is one of the scans.
  forecast.streams = scans.size();
  forecast.threads = executor_.threads();
  const std::vector<logql::Shard> shards =
      logql::CutIntoShards(scans, executor_.threads(), logql::kMinShardBytes);
  forecast.shards = shards.size();
  for (const logql::Shard& shard : shards) {
    forecast.largest_shard_bytes = std::max(forecast.largest_shard_bytes, shard.line_bytes);
  }
  read.forecast = forecast;
  return {};
}

Status Querier::CheckBlocked(const QueryRequest& request, const logql::Expr& expr) {
  for (const model::TenantId& tenant : request.tenants) {
    std::shared_ptr<const Limits> limits = limits_.For(tenant.value());
    if (limits->blocked_queries.items.empty()) {
      continue;
    }
    if (BlockedOf(tenant, std::move(limits))
            ->Blocks(KnownText(request.text, expr), KindOf(expr), request.tags)) {
      Metrics::GetCounter("loki_blocked_queries", "Queries refused by blocked_queries.",
                          {{"user", tenant.value()}})
          .Add();
      return InvalidArgument("query blocked by policy");
    }
  }
  return {};
}

Status Querier::CheckWholeQuery(const QueryRequest& request, const Limits& limits,
                                const CancelToken& cancel) {
  if (!request.limits.has_value() || request.limits->whole.text.empty() ||
      limits.max_query_bytes_read == 0) {
    return {};
  }
  const WholeQuery& whole = request.limits->whole;
  const auto expr = logql::Parse(whole.text, LanguageOf(request, limits));
  if (!expr.ok()) {
    return {};  // The header is a hint: its faults are not the query's.
  }
  uint64_t bytes = 0;
  Status status;
  logql::ForEachLogExpr(**expr, [&](const logql::LogExpr& log) {
    for (const model::TenantId& tenant : request.tenants) {
      auto stats = source_.Stats({tenant, log.matchers, {whole.start_ns, whole.end_ns}, cancel});
      if (stats.ok()) {
        bytes += stats->bytes;
      } else if (status.ok()) {
        status = stats.status();
      }
    }
  });
  SKALD_RETURN_IF_ERROR(status);
  return CheckBytesRead(bytes, limits.max_query_bytes_read);
}

std::shared_ptr<const BlockedQueries> Querier::BlockedOf(const model::TenantId& tenant,
                                                         std::shared_ptr<const Limits> limits) {
  MutexLock lock(mutex_);
  BlockedOfTenant& blocked = blocked_[tenant.value()];
  if (blocked.limits != limits) {
    blocked.rules = std::make_shared<const BlockedQueries>(limits->blocked_queries);
    blocked.limits = std::move(limits);
  }
  return blocked.rules;
}

}  // namespace skald::querier
