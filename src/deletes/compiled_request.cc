#include "deletes/compiled_request.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>

#include "logql/parser.h"
#include "logql/plan/constant_folding.h"
#include "logql/stages/pipeline.h"

namespace skald::deletes {
namespace {

// Compat: a number is taken for a query. It selects no stream, as this does.
constexpr std::string_view kNoStream = R"({none!~".*"})";

bool IsNumber(const logql::Expr& expr) {
  const std::optional<logql::Constant> constant = logql::FoldConstant(expr);
  return constant && !constant->is_vector;
}

// `|= ""` and its like let every line pass.
bool PassesAll(const logql::LineFilter& filter) {
  const bool negated = filter.op == logql::LineFilterOp::kNotContains ||
                       filter.op == logql::LineFilterOp::kNotRegex ||
                       filter.op == logql::LineFilterOp::kNotPattern;
  return !negated && std::any_of(filter.alternatives.begin(), filter.alternatives.end(),
                                 [](const logql::LineFilterArg& arg) { return arg.text.empty(); });
}

}  // namespace

CompiledRequest::CompiledRequest(std::shared_ptr<const logql::Expr> expr)
    : expr_(std::move(expr)),
      log_(&std::get<logql::LogExpr>(expr_->node)),
      plan_(logql::PlanScan(*log_, {.labels = {.all = false, .names = {}}})),
      patterns_(*log_) {}

CompiledRequest::~CompiledRequest() = default;

Result<std::shared_ptr<const CompiledRequest>> CompiledRequest::Make(std::string_view query) {
  SKALD_ASSIGN_OR_RETURN(auto expr, logql::ParseUnchecked(query));
  if (IsNumber(*expr)) {
    SKALD_ASSIGN_OR_RETURN(expr, logql::ParseUnchecked(kNoStream));
  }
  if (!logql::IsLogExpr(*expr)) {
    return InvalidArgument("only log queries can be deleted by, this is a metric query");
  }
  std::shared_ptr<const CompiledRequest> request(new CompiledRequest(std::move(expr)));
  SKALD_RETURN_IF_ERROR(request->MakePipeline().status());
  return request;
}

Result<std::unique_ptr<logql::Pipeline>> CompiledRequest::MakePipeline() const {
  return logql::Pipeline::Make(plan_.stages, plan_.needs, plan_.line_literals);
}

bool CompiledRequest::has_filters() const {
  return std::any_of(log_->stages.begin(), log_->stages.end(), [](const logql::Stage& stage) {
    if (const auto* line = std::get_if<logql::LineFilter>(&stage)) return !PassesAll(*line);
    return std::holds_alternative<logql::LabelFilter>(stage);
  });
}

}  // namespace skald::deletes
