#include "querier/internal_streams.h"

#include <algorithm>
#include <utility>

namespace skald::querier {
namespace {

// As the distributor knows them.
constexpr std::string_view kInternalLabels[] = {"__aggregated_metric__", "__pattern__"};

}  // namespace

bool IsInternalLabel(std::string_view name) {
  return std::find(std::begin(kInternalLabels), std::end(kInternalLabels), name) !=
         std::end(kInternalLabels);
}

bool AsksForInternalStreams(const model::Matchers& matchers) {
  return std::any_of(matchers.begin(), matchers.end(), [](const model::Matcher& matcher) {
    return IsInternalLabel(matcher.name()) && !matcher.MatchesEmpty();
  });
}

bool IsInternalStream(const model::Labels& labels) {
  for (const model::LabelView label : labels) {
    if (!IsInternalLabel(label.name)) return false;
  }
  return labels.size() > 0;
}

Result<model::Matchers> WithoutUnasked(const model::Matchers& matchers) {
  model::Matchers others = matchers;
  if (!model::MatchesEmpty(matchers)) return others;
  for (const std::string_view name : kInternalLabels) {
    SKALD_ASSIGN_OR_RETURN(model::Matcher without,
                           model::Matcher::Make(model::MatchOp::kEqual, name, ""));
    others.push_back(std::move(without));
  }
  return others;
}

Result<model::StreamScans> WithoutInternalStreams::Select(const model::ScanRequest& request,
                                                          model::ScanContext& context) {
  if (AsksForInternalStreams(request.matchers)) {
    return model::StreamScans();
  }
  model::ScanRequest others = request;
  SKALD_ASSIGN_OR_RETURN(others.matchers, WithoutUnasked(request.matchers));
  return source_.Select(others, context);
}

}  // namespace skald::querier
