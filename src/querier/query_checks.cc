#include "querier/query_checks.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "common/duration.h"
#include "querier/query_kind.h"

namespace skald::querier {
namespace {

constexpr int64_t kMillisecond = 1'000'000;

// How far the value is past the last multiple of `unit`.
int64_t PastMultiple(int64_t value, int64_t unit) {
  const int64_t rest = value % unit;
  return rest < 0 ? rest + unit : rest;
}

int64_t FloorTo(int64_t value, int64_t unit) { return value - PastMultiple(value, unit); }

// "[a, b]"
std::string ListText(const std::vector<std::string>& names) {
  std::string text = "[";
  for (const std::string& name : names) {
    text.append(text.size() > 1 ? ", " : "").append(name);
  }
  return text + "]";
}

Status CheckMatchers(const model::Matchers& matchers, const Limits& limits) {
  const auto max = static_cast<size_t>(std::max(limits.max_streams_matchers_per_query, 0));
  if (max > 0 && matchers.size() > max) {
    return ResourceExhausted("max streams matchers per query exceeded, matchers-count > limit (" +
                             std::to_string(matchers.size()) + " > " + std::to_string(max) + ")");
  }
  return {};
}

Status CheckRequiredLabels(const model::Matchers& matchers, const Limits& limits) {
  std::vector<std::string> present;
  for (const model::Matcher& matcher : matchers) {
    present.push_back(matcher.name());
  }
  std::vector<std::string> missing;
  for (const std::string& name : limits.required_labels) {
    if (std::find(present.begin(), present.end(), name) == present.end()) {
      missing.push_back(name);
    }
  }
  if (!missing.empty()) {
    return ResourceExhausted("stream selector is missing required matchers " + ListText(missing) +
                             ", labels present in the query were " + ListText(present));
  }
  if (limits.minimum_labels_number > static_cast<int>(present.size())) {
    return ResourceExhausted(
        "stream selector has less label matchers than required: (present: " + ListText(present) +
        ", number_present: " + std::to_string(present.size()) +
        ", required_number_label_matchers: " + std::to_string(limits.minimum_labels_number) + ")");
  }
  return {};
}

Status CheckSelectors(const QueryRequest& request, const logql::Expr& expr, const Limits& limits) {
  Status status;
  logql::ForEachLogExpr(expr, [&](const logql::LogExpr& log) {
    if (status.ok()) {
      status = CheckMatchers(log.matchers, limits);
    }
    // Compat: instant queries need no labels.
    if (status.ok() && !request.instant) {
      status = CheckRequiredLabels(log.matchers, limits);
    }
  });
  return status;
}

// The time that a metric query's parts reach over, at most.
Status CheckReach(const QueryRequest& request, int64_t range_ns, const Limits& limits) {
  const int64_t length_ns = request.end_ns - request.start_ns;
  int64_t part_ns = limits.split_queries_by_interval.count();
  if (part_ns > 0 && range_ns > part_ns) {
    part_ns = (range_ns + part_ns - 1) / part_ns * part_ns;
  }
  const int64_t longest_ns = part_ns > 0 ? std::min(part_ns, length_ns) : length_ns;
  return CheckLength(0, longest_ns + range_ns, limits);
}

Status CheckRange(const QueryRequest& request, const logql::Expr& expr, int64_t range_ns,
                  const Limits& limits) {
  const int64_t max_ns = limits.max_query_range.count();
  if (max_ns <= 0 || range_ns <= max_ns) {
    return {};
  }
  // Compat: of an instant query's range only the first hour is named where Loki cuts it up.
  const int64_t hour_ns = Nanoseconds(std::chrono::hours(1)).count();
  const int64_t shown_ns =
      request.instant && max_ns < hour_ns ? LongestRange(expr, hour_ns) : range_ns;
  return ResourceExhausted("[interval] value exceeds limit: [" +
                           FormatPrometheusDuration(Nanoseconds(shown_ns)) + "] > [" +
                           FormatPrometheusDuration(limits.max_query_range) + "]");
}

// Compat: where it is allowed Loki estimates; the answer here is exact, but as hard to get.
Status CheckApproxTopk(const QueryRequest& request, const logql::Expr& expr, const Limits& limits) {
  if (!Uses(expr, logql::VectorOp::kApproxTopk)) return {};
  const std::vector<std::string>& allowed = limits.shard_aggregations;
  if (std::find(allowed.begin(), allowed.end(), "approx_topk") == allowed.end()) {
    return Status(StatusCode::kUnimplemented,
                  "approx_topk is not enabled. See -limits.shard_aggregations");
  }
  if (request.instant) return {};
  return InvalidArgument("approx_topk is for instant queries only; use topk over a range of time");
}

}  // namespace

Status CheckSelector(const model::Matchers& matchers, const Limits& limits) {
  SKALD_RETURN_IF_ERROR(CheckMatchers(matchers, limits));
  return CheckRequiredLabels(matchers, limits);
}

Status CheckQueryingAllowed(const Limits& limits) {
  if (limits.max_query_parallelism <= 0) {
    return Status(StatusCode::kFailedPrecondition,
                  "querying is disabled, please contact your Loki operator");
  }
  return {};
}

Status CheckLength(int64_t start_ns, int64_t end_ns, const Limits& limits) {
  const int64_t length_ns = FloorTo(end_ns, kMillisecond) - FloorTo(start_ns, kMillisecond);
  if (limits.max_query_length.count() > 0 && length_ns > limits.max_query_length.count()) {
    return ResourceExhausted("the query time range exceeds the limit (query length: " +
                             FormatGoDuration(Nanoseconds(length_ns)) +
                             ", limit: " + FormatPrometheusDuration(limits.max_query_length) + ")");
  }
  return {};
}

Status CheckQuery(const QueryRequest& request, const logql::Expr& expr, const Limits& limits) {
  if (logql::IsLogExpr(expr)) {
    const auto max = static_cast<uint32_t>(std::max(limits.max_entries_limit_per_query, 0));
    if (max > 0 && request.limit > max) {
      return ResourceExhausted(
          "max entries limit per query exceeded, limit > max_entries_limit_per_query (" +
          std::to_string(request.limit) + " > " + std::to_string(max) + ")");
    }
  }
  if (!request.instant) {
    SKALD_RETURN_IF_ERROR(CheckLength(request.start_ns, request.end_ns, limits));
  }
  SKALD_RETURN_IF_ERROR(CheckSelectors(request, expr, limits));
  SKALD_RETURN_IF_ERROR(CheckApproxTopk(request, expr, limits));
  const int64_t range_ns = LongestRange(expr);
  if (!request.instant && range_ns > 0) {
    SKALD_RETURN_IF_ERROR(CheckReach(request, range_ns, limits));
  }
  return CheckRange(request, expr, range_ns, limits);
}

bool ClampToLookback(int64_t now_ns, int64_t end_ns, const Limits& limits, int64_t& start_ns) {
  if (limits.max_query_lookback.count() <= 0) {
    return true;
  }
  const int64_t oldest_ns = now_ns - limits.max_query_lookback.count();
  start_ns = std::max(start_ns, oldest_ns);
  return end_ns >= oldest_ns;
}

void AlignToStep(QueryRequest& request) {
  const int64_t step_ns = request.step_ns;
  const int64_t end_past = PastMultiple(request.end_ns, step_ns);
  // An end whose multiple would be outside of time stays.
  int64_t moved = 0;
  if (!__builtin_sub_overflow(request.start_ns, PastMultiple(request.start_ns, step_ns), &moved)) {
    request.start_ns = moved;
  }
  if (end_past > 0 && !__builtin_add_overflow(request.end_ns, step_ns - end_past, &moved)) {
    request.end_ns = moved;
  }
}

}  // namespace skald::querier
