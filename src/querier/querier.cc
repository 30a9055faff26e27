#include "querier/querier.h"

#include <chrono>
#include <string_view>
#include <utility>
#include <vector>

#include "common/metrics.h"
#include "logql/parser.h"
#include "logql/printer.h"
#include "querier/byte_limited_source.h"
#include "querier/effective_limits.h"
#include "querier/query_checks.h"
#include "querier/query_kind.h"
#include "querier/query_log.h"
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
  query.limit = request.limit;
  query.direction = request.direction;
  query.categorize_labels = request.categorize_labels;
  query.max_series = limits.max_query_series > 0 ? limits.max_query_series : 0;
  query.partial_series = FromDrilldown(request.tags);
  return query;
}

}  // namespace

// Compiled rules, and the snapshot that they are of.
struct Querier::BlockedOfTenant {
  std::shared_ptr<const Limits> limits;
  std::shared_ptr<const BlockedQueries> rules;
};

Querier::Querier(StreamSource& source, const LimitsSource& limits, Executor& executor,
                 const Clock& clock)
    : source_(source), limits_(limits), executor_(executor), clock_(clock) {}

Querier::~Querier() = default;

Result<model::QueryResult> Querier::Run(QueryRequest request, model::ScanContext& context) {
  SKALD_ASSIGN_OR_RETURN(const auto expr, logql::Parse(request.text));
  const int64_t begin_ns = clock_.MonotonicNs();
  Result<model::QueryResult> result = Execute(request, expr, context);
  model::QuerySummary failed;
  model::QuerySummary& summary = result.ok() ? result->summary : failed;
  summary.exec_seconds = static_cast<double>(clock_.MonotonicNs() - begin_ns) / 1e9;
  LogQuery({.request = request,
            .kind = KindOf(*expr),
            .status = result.status(),
            .summary = summary,
            .stats = context.stats,
            .now_ns = clock_.NowNs()});
  return result;
}

Result<model::QueryResult> Querier::Execute(QueryRequest& request,
                                            const std::shared_ptr<const logql::Expr>& shared_expr,
                                            model::ScanContext& context) {
  const logql::Expr& expr = *shared_expr;
  std::vector<std::shared_ptr<const Limits>> each;
  for (const model::TenantId& tenant : request.tenants) {
    each.push_back(limits_.For(tenant.value()));
  }
  std::shared_ptr<const Limits> limits = StrictestOf(each);
  if (request.limits.has_value()) {
    limits = Tighten(*limits, *request.limits);
  }
  if (request.instant && logql::IsLogExpr(expr)) {
    return InvalidArgument(
        "log queries are not supported as an instant query type, please change your query to a "
        "range query type");
  }
  SKALD_RETURN_IF_ERROR(CheckQueryingAllowed(*limits));
  SKALD_RETURN_IF_ERROR(CheckBlocked(request, expr));
  SKALD_RETURN_IF_ERROR(CheckQuery(request, expr, *limits));
  SKALD_RETURN_IF_ERROR(CheckWholeQuery(request, *limits));
  model::QueryResult empty;
  empty.data = EmptyData(request, expr);
  empty.categorized = request.categorize_labels && logql::IsLogExpr(expr);
  empty.encoding_flags = request.encoding_flags;
  if (!ClampToLookback(clock_.NowNs(), request.end_ns, *limits, request.start_ns)) {
    return empty;
  }
  if (!request.instant && !logql::IsLogExpr(expr) &&
      limits->split_queries_by_interval.count() > 0) {
    AlignToStep(request);
  }
  if (limits->query_timeout.count() > 0) {
    context.cancel = context.cancel.Within(clock_, limits->query_timeout);
  }
  TenantSource tenants(source_, request.tenants);
  logql::LogSource& source =
      request.tenants.size() > 1 ? static_cast<logql::LogSource&>(tenants) : source_;
  // A query that ends at its limit of lines reads little, whatever there is.
  ByteLimitedSource limited(
      {.max_query_bytes = KindOf(expr) == QueryKind::kLimited ? 0 : limits->max_query_bytes_read,
       .max_querier_bytes = limits->max_querier_bytes_read},
      source);
  logql::Engine engine(limited, executor_);
  auto result = engine.Run(MakeQuery(request, shared_expr, *limits), context);
  if (result.ok()) {
    result->warnings = context.warnings.Take();
    result->encoding_flags = std::move(request.encoding_flags);
  }
  return result;
}

Status Querier::CheckBlocked(const QueryRequest& request, const logql::Expr& expr) {
  for (const model::TenantId& tenant : request.tenants) {
    std::shared_ptr<const Limits> limits = limits_.For(tenant.value());
    if (limits->blocked_queries.items.empty()) {
      continue;
    }
    const std::string text = logql::IsLogExpr(expr) ? logql::Print(expr) : request.text;
    if (BlockedOf(tenant, std::move(limits))->Blocks(text, KindOf(expr), request.tags)) {
      Metrics::GetCounter("loki_blocked_queries", "Queries refused by blocked_queries.",
                          {{"user", tenant.value()}})
          .Add();
      return InvalidArgument("query blocked by policy");
    }
  }
  return {};
}

Status Querier::CheckWholeQuery(const QueryRequest& request, const Limits& limits) {
  if (!request.limits.has_value() || request.limits->whole.text.empty() ||
      limits.max_query_bytes_read == 0) {
    return {};
  }
  const WholeQuery& whole = request.limits->whole;
  const auto expr = logql::Parse(whole.text);
  if (!expr.ok()) {
    return {};  // The header is a hint: its faults are not the query's.
  }
  uint64_t bytes = 0;
  Status status;
  logql::ForEachLogExpr(**expr, [&](const logql::LogExpr& log) {
    for (const model::TenantId& tenant : request.tenants) {
      auto stats = source_.Stats(tenant, log.matchers, {whole.start_ns, whole.end_ns});
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
