#include "logql/live_query.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <variant>

#include "logql/stages/label_set.h"

namespace skald::logql {

LiveQuery::LiveQuery(std::shared_ptr<const Expr> expr, bool categorize_labels)
    : expr_(std::move(expr)),
      categorize_(categorize_labels),
      plan_(PlanEntries(std::get<LogExpr>(expr_->node))) {}

Result<std::unique_ptr<LiveQuery>> LiveQuery::Make(std::shared_ptr<const Expr> expr,
                                                   bool categorize_labels) {
  if (!IsLogExpr(*expr)) {
    return InvalidArgument("only log queries can be tailed, this is a metric query");
  }
  std::unique_ptr<LiveQuery> query(new LiveQuery(std::move(expr), categorize_labels));
  SKALD_ASSIGN_OR_RETURN(query->pipeline_, Pipeline::Make(query->plan_.stages, query->plan_.needs,
                                                          query->plan_.line_literals));
  return query;
}

void LiveQuery::Read(const model::LogBatch& batch, std::vector<FoundEntry>& out) {
  std::span<const uint32_t> rest = pipeline_->Start(batch);
  while (!rest.empty()) {
    const size_t count = std::min(rest.size(), kSliceRows);
    const RowSlice& slice = pipeline_->RunSlice(rest.first(count));
    rest = rest.subspan(count);
    for (const uint16_t i : slice.active()) {
      out.push_back(EntryOf(slice, i));
    }
  }
}

FoundEntry LiveQuery::EntryOf(const RowSlice& slice, size_t i) const {
  FoundEntry entry;
  entry.time_ns = slice.Time(i);
  entry.line = slice.Line(i);
  if (categorize_) {
    entry.labels = LabelSet(slice.labels(), i, LabelCategory::kStream);
    entry.structured_metadata = LabelSet(slice.labels(), i, LabelCategory::kMetadata);
    entry.parsed = LabelSet(slice.labels(), i, LabelCategory::kParsed);
  } else {
    entry.labels = LabelSet(slice.labels(), i);
  }
  return entry;
}

}  // namespace skald::logql
