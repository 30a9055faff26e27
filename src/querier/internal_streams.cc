#include "querier/internal_streams.h"

#include <algorithm>

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

Result<model::StreamScans> WithoutInternalStreams::Select(const model::ScanRequest& request,
                                                          model::ScanContext& context) {
  if (AsksForInternalStreams(request.matchers)) {
    return model::StreamScans();
  }
  return source_.Select(request, context);
}

}  // namespace skald::querier
