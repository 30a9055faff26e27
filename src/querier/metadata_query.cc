#include "querier/metadata_query.h"

#include <algorithm>
#include <utility>

#include "querier/internal_streams.h"
#include "querier/query_checks.h"
#include "querier/sorted_union.h"
#include "querier/tenant_source.h"

namespace skald::querier {
namespace {

// Whether the selector asks for streams that the request is not told of.
bool AsksInVain(const MetadataRequest& request, const model::Matchers& matchers) {
  return !request.internal_streams && AsksForInternalStreams(matchers);
}

// Whether all of its labels are the system's own.
bool IsInternal(const model::SeriesList& series, size_t i) {
  model::LabelView label;
  size_t labels = 0;
  for (model::SeriesList::Reader reader(series, i); reader.Next(label); ++labels) {
    if (!IsInternalLabel(label.name)) return false;
  }
  return labels > 0;
}

// What of `series` the request is told of; of several tenants with the tenant's id as a label.
Result<model::SeriesList> ToldOf(model::SeriesList series, const MetadataRequest& request,
                                 const model::TenantId* tenant, const CancelToken& cancel,
                                 Executor* workers) {
  constexpr size_t kAhead = 8;  // Fetched, as those of a sorted list lie anywhere.
  std::vector<size_t> hidden;
  for (size_t i = 0; i < series.size() && !request.internal_streams; ++i) {
    if (i % model::kStreamsPerCheck == 0) SKALD_RETURN_IF_ERROR(cancel.Check());
    series.Prefetch(i + kAhead);
    if (IsInternal(series, i)) hidden.push_back(i);
  }
  if (hidden.empty() && tenant == nullptr) return series;
  model::SeriesList told;
  auto next_hidden = hidden.begin();
  for (size_t i = 0; i < series.size(); ++i) {
    if (i % model::kStreamsPerCheck == 0) SKALD_RETURN_IF_ERROR(cancel.Check());
    if (next_hidden != hidden.end() && *next_hidden == i) {
      ++next_hidden;
    } else {
      told.Add(tenant != nullptr ? LabelWithTenant(series[i], *tenant) : series[i]);
    }
  }
  // Another label may move it.
  if (tenant != nullptr) SKALD_RETURN_IF_ERROR(told.SortUnique(cancel, workers));
  return told;
}

}  // namespace

MetadataQuery::MetadataQuery(const Options& options, StreamSource& source,
                             const LimitsSource& limits, const Clock& clock)
    : options_(options), source_(source), limits_(limits), clock_(clock) {}

MetadataRequest MetadataQuery::WithinQueryTime(MetadataRequest request) const {
  request.cancel = AdmitAnyLength(request, limits_, clock_).cancel;
  return request;
}

Result<std::vector<std::string>> MetadataQuery::LabelNames(MetadataRequest request,
                                                           const model::Matchers& matchers) const {
  SKALD_ASSIGN_OR_RETURN(const AdmittedMetadata admitted, Admit(request, limits_, clock_));
  const model::TimeRange range = admitted.range;
  const bool several = request.tenants.size() > 1;
  std::vector<std::string> all;
  if (several) {
    all.emplace_back(kTenantLabel);
  }
  if (range.empty() || AsksInVain(request, matchers)) {
    return all;
  }
  const auto [tenants, rest] =
      several ? ChooseTenants(request.tenants, matchers) : std::pair(request.tenants, matchers);
  for (const model::TenantId& tenant : tenants) {
    SKALD_ASSIGN_OR_RETURN(auto names, source_.LabelNames({tenant, rest, range, admitted.cancel}));
    if (!request.internal_streams) std::erase_if(names, IsInternalLabel);
    if (several && std::binary_search(names.begin(), names.end(), kTenantLabel)) {
      UniteSorted(all, {OriginalTenantLabel()});
    }
    UniteSorted(all, std::move(names));
  }
  return all;
}

Result<TextList> MetadataQuery::LabelValues(MetadataRequest request, const std::string& name,
                                            const model::Matchers& matchers) const {
  SKALD_ASSIGN_OR_RETURN(const AdmittedMetadata admitted, Admit(request, limits_, clock_));
  const model::TimeRange range = admitted.range;
  const bool several = request.tenants.size() > 1;
  TextList all;
  if (options_.multi_tenant && name == kTenantLabel) {
    for (const model::TenantId& tenant : request.tenants) {
      all.Add(tenant.value());
    }
    return all;
  }
  const bool hidden = IsInternalLabel(name) && !request.internal_streams;
  if (range.empty() || hidden || AsksInVain(request, matchers)) {
    return all;
  }
  Executor* const workers = options_.workers;
  const bool original = several && name == OriginalTenantLabel();
  const auto [tenants, rest] =
      several ? ChooseTenants(request.tenants, matchers) : std::pair(request.tenants, matchers);
  for (const model::TenantId& tenant : tenants) {
    SKALD_ASSIGN_OR_RETURN(auto values,
                           source_.LabelValues({tenant, rest, range, admitted.cancel, workers},
                                               original ? std::string(kTenantLabel) : name));
    SKALD_RETURN_IF_ERROR(all.Unite(std::move(values), admitted.cancel, workers));
  }
  return all;
}

Result<std::vector<DetectedLabel>> MetadataQuery::DetectedLabels(
    MetadataRequest request, const model::Matchers& matchers) const {
  request = WithinQueryTime(std::move(request));
  // Compat: Logs Drilldown, which asks without a selector at first, sees the labels of all streams
  // that are written to.
  const bool with_memory = matchers.empty() && options_.memory != nullptr;
  SKALD_ASSIGN_OR_RETURN(auto names, LabelNames(request, matchers));
  if (with_memory) SKALD_RETURN_IF_ERROR(AddNamesFromMemory(request, names));
  std::vector<DetectedLabel> labels;
  for (const std::string& name : names) {
    if (name == kTenantLabel || IsInternalLabel(name)) {
      continue;
    }
    SKALD_ASSIGN_OR_RETURN(auto values, LabelValues(request, name, matchers));
    if (with_memory) SKALD_RETURN_IF_ERROR(AddValuesFromMemory(request, name, values));
    if (IsWorthPicking(name, values)) {
      labels.push_back({.name = name, .cardinality = values.size()});
    }
  }
  return labels;
}

Status MetadataQuery::AddNamesFromMemory(const MetadataRequest& request,
                                         std::vector<std::string>& all) const {
  for (const model::TenantId& tenant : request.tenants) {
    SKALD_ASSIGN_OR_RETURN(
        auto found, options_.memory->LabelNames({.tenant = tenant, .cancel = request.cancel}));
    UniteSorted(all, std::move(found));
  }
  return {};
}

Status MetadataQuery::AddValuesFromMemory(const MetadataRequest& request, const std::string& name,
                                          TextList& all) const {
  for (const model::TenantId& tenant : request.tenants) {
    SKALD_ASSIGN_OR_RETURN(auto found, options_.memory->LabelValues(
                                           {.tenant = tenant, .cancel = request.cancel}, name));
    SKALD_RETURN_IF_ERROR(all.Unite(std::move(found), request.cancel, options_.workers));
  }
  return {};
}

Result<model::SeriesList> MetadataQuery::Series(MetadataRequest request,
                                                std::span<const model::Matchers> selectors) const {
  for (const model::TenantId& tenant : request.tenants) {
    SKALD_RETURN_IF_ERROR(CheckQueryingAllowed(*limits_.For(tenant.value())));
  }
  SKALD_ASSIGN_OR_RETURN(const AdmittedMetadata admitted, Admit(request, limits_, clock_));
  const model::TimeRange range = admitted.range;
  model::SeriesList all;
  if (range.empty()) {
    return all;
  }
  const model::Matchers everything;
  if (selectors.empty()) {
    selectors = std::span(&everything, 1);
  }
  const bool several = request.tenants.size() > 1;
  for (const model::Matchers& matchers : selectors) {
    if (AsksInVain(request, matchers)) continue;
    const auto [tenants, rest] =
        several ? ChooseTenants(request.tenants, matchers) : std::pair(request.tenants, matchers);
    for (const model::TenantId& tenant : tenants) {
      SKALD_ASSIGN_OR_RETURN(
          auto series, source_.Series({tenant, rest, range, admitted.cancel, options_.workers}));
      if (several || !request.internal_streams) {
        SKALD_ASSIGN_OR_RETURN(
            series, ToldOf(std::move(series), request, several ? &tenant : nullptr, admitted.cancel,
                           options_.workers));
      }
      SKALD_RETURN_IF_ERROR(all.Unite(std::move(series), admitted.cancel, options_.workers));
    }
  }
  return all;
}

Result<Cardinality> MetadataQuery::CountLabels(const MetadataRequest& request,
                                               std::span<const model::Matchers> selectors,
                                               size_t limit) const {
  SKALD_ASSIGN_OR_RETURN(const AdmittedMetadata admitted, Admit(request, limits_, clock_));
  std::vector<rpc::StreamSize> all;
  const model::Matchers everything;
  if (selectors.empty()) {
    selectors = std::span(&everything, 1);
  }
  const bool several = request.tenants.size() > 1;
  for (size_t i = 0; i < selectors.size() && !admitted.range.empty(); ++i) {
    if (AsksInVain(request, selectors[i])) continue;
    const auto [tenants, rest] = several ? ChooseTenants(request.tenants, selectors[i])
                                         : std::pair(request.tenants, selectors[i]);
    for (const model::TenantId& tenant : tenants) {
      SKALD_ASSIGN_OR_RETURN(auto sizes,
                             source_.Sizes({tenant, rest, admitted.range, admitted.cancel}));
      if (!request.internal_streams) {
        std::erase_if(sizes, [](const auto& size) { return IsInternalStream(*size.labels); });
      }
      if (several) {
        for (rpc::StreamSize& size : sizes) {
          size.labels =
              std::make_shared<const model::Labels>(LabelWithTenant(*size.labels, tenant));
        }
        SortSizes(sizes);
      }
      // A stream that two selectors match is one stream.
      MergeSizes(std::move(sizes), all, [](rpc::StreamSize&, const rpc::StreamSize&) {});
    }
  }
  return CountLabelsOf(all, limit);
}

Result<rpc::StreamStats> MetadataQuery::Stats(MetadataRequest request,
                                              const model::Matchers& matchers) const {
  SKALD_ASSIGN_OR_RETURN(const AdmittedMetadata admitted, Admit(request, limits_, clock_));
  const model::TimeRange range = admitted.range;
  rpc::StreamStats all;
  if (range.empty() || AsksInVain(request, matchers)) {
    return all;
  }
  model::Matchers visible = matchers;
  if (!request.internal_streams) {
    SKALD_ASSIGN_OR_RETURN(visible, WithoutUnasked(matchers));
  }
  const auto [tenants, rest] = request.tenants.size() > 1 ? ChooseTenants(request.tenants, visible)
                                                          : std::pair(request.tenants, visible);
  for (const model::TenantId& tenant : tenants) {
    SKALD_ASSIGN_OR_RETURN(const rpc::StreamStats stats,
                           source_.Stats({tenant, rest, range, admitted.cancel}));
    all.Add(stats);
  }
  return all;
}

}  // namespace skald::querier
