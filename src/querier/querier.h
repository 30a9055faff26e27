#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/clock.h"
#include "common/executor.h"
#include "common/hash.h"
#include "common/limits.h"
#include "common/memory_budget.h"
#include "common/mutex.h"
#include "common/status.h"
#include "logql/engine.h"
#include "logql/field_stats_query.h"
#include "logql/plan/query_plan.h"
#include "model/batch_source.h"
#include "model/sample.h"
#include "querier/blocked_queries.h"
#include "querier/querier_options.h"
#include "querier/query_request.h"
#include "querier/stream_source.h"

namespace skald::querier {

// How the fields of a query's entries are distributed, with what the answer shows besides.
struct FieldStatsAnswer {
  logql::FieldStatsResult stats;
  std::vector<std::string> warnings;
  model::QuerySummary summary;
};

// Runs LogQL queries under the limits of their tenants.
//
// Ownership: borrows what it is given.
// Threads:   any thread may call. A query works on all of the executor's threads besides the
//            caller's; the caller waits.
class Querier {
 public:
  // `memory`: what all queries may hold together; null: each its own limit.
  Querier(StreamSource& source, const LimitsSource& limits, Executor& executor, const Clock& clock,
          MemoryBudget* memory = nullptr, const QuerierOptions& options = {});
  ~Querier();
  Querier(const Querier&) = delete;
  Querier& operator=(const Querier&) = delete;

  // The request's text, read in the language of its tenants. kInvalidArgument, and a log line, if
  // it is not such.
  Result<std::shared_ptr<const logql::Expr>> Parse(const QueryRequest& request) const;

  // The answer, with context's warnings. Messages of errors are for the client as they stand:
  //   kInvalidArgument     the query's text or parameters, or blocked_queries
  //   kResourceExhausted   a limit
  //   kFailedPrecondition  the tenant may not query
  //   kUnavailable         all queries together hold too much memory
  //   kCancelled, kDeadlineExceeded
  //   others               a fault of the query at run time, or of ours
  // Requires: context.cancel is the client's token; the query's timeout is added here.
  Result<model::QueryResult> Run(QueryRequest request, model::ScanContext& context);

  // The same for a question about fields: all entries of the request's log query count, whatever
  // its limit.
  Result<FieldStatsAnswer> FieldStats(QueryRequest request, logql::FieldQuestion question,
                                      model::ScanContext& context);

  // How the query would be run, and over what; nothing of entries is read. Errors as of Run, for
  // all that is checked before anything is read. The plan borrows `expr`, the parsed request.text.
  Result<logql::QueryPlan> Explain(QueryRequest request,
                                   const std::shared_ptr<const logql::Expr>& expr,
                                   model::ScanContext& context);

 private:
  struct BlockedOfTenant;
  struct Admission;

  // Holds a query against the limits of its tenants, cuts its time to what they may see, and sets
  // its deadline.
  Result<Admission> Admit(QueryRequest& request, const logql::Expr& expr,
                          model::ScanContext& context);
  // The same for a query that Run takes, with its points where clients look for them.
  Result<Admission> AdmitRun(QueryRequest& request, const logql::Expr& expr,
                             model::ScanContext& context);
  Status AddForecast(const QueryRequest& request, logql::LogSource& source,
                     model::ScanContext& context, logql::ReadPlan& read);

  // The limits of all the request's tenants, and its own.
  std::shared_ptr<const Limits> LimitsOf(const QueryRequest& request) const;
  Result<model::QueryResult> Execute(QueryRequest& request,
                                     const std::shared_ptr<const logql::Expr>& expr,
                                     model::ScanContext& context);
  Result<FieldStatsAnswer> ExecuteFieldStats(QueryRequest& request,
                                             const std::shared_ptr<const logql::Expr>& expr,
                                             logql::FieldQuestion question,
                                             model::ScanContext& context);
  // Completes the summary, and writes down what has become of a query.
  void Record(const QueryRequest& request, const logql::Expr& expr, const Status& status,
              int64_t begin_ns, const model::ScanContext& context, model::QuerySummary& summary);
  // The bytes that the query behind this one reads, if the request names it.
  Status CheckWholeQuery(const QueryRequest& request, const Limits& limits,
                         const CancelToken& cancel);
  Status CheckBlocked(const QueryRequest& request, const logql::Expr& expr);
  std::shared_ptr<const BlockedQueries> BlockedOf(const model::TenantId& tenant,
                                                  std::shared_ptr<const Limits> limits);

  StreamSource& source_;
  const LimitsSource& limits_;
  Executor& executor_;
  const Clock& clock_;
  MemoryBudget* const memory_;
  const QuerierOptions options_;

  Mutex mutex_;
  StringMap<BlockedOfTenant> blocked_ SKALD_GUARDED_BY(mutex_);
};

}  // namespace skald::querier
