#include "querier/tenant_source.h"

#include <algorithm>
#include <memory>
#include <string>

namespace skald::querier {
namespace {

// Batches of a stream under the labels that the query sees.
class RelabelledBatches final : public model::BatchSource {
 public:
  RelabelledBatches(std::unique_ptr<model::BatchSource> inner,
                    std::shared_ptr<const model::Labels> labels)
      : inner_(std::move(inner)), labels_(std::move(labels)) {}

  Result<std::unique_ptr<model::LogBatch>> Next() override {
    auto batch = inner_->Next();
    if (batch.ok() && *batch != nullptr) {
      (*batch)->stream = labels_;
    }
    return batch;
  }

 private:
  const std::unique_ptr<model::BatchSource> inner_;
  const std::shared_ptr<const model::Labels> labels_;
};

class RelabelledScan final : public model::StreamScan {
 public:
  RelabelledScan(std::unique_ptr<model::StreamScan> inner, const model::TenantId& tenant)
      : inner_(std::move(inner)),
        labels_(std::make_shared<const model::Labels>(LabelWithTenant(*inner_->labels(), tenant))) {
  }

  const std::shared_ptr<const model::Labels>& labels() const override { return labels_; }
  int64_t first_ns() const override { return inner_->first_ns(); }
  int64_t last_ns() const override { return inner_->last_ns(); }
  uint64_t estimated_bytes() const override { return inner_->estimated_bytes(); }

  std::vector<model::ScanSpan> Spans() const override { return inner_->Spans(); }

  std::unique_ptr<model::BatchSource> OpenPart(model::TimeRange part) override {
    return std::make_unique<RelabelledBatches>(inner_->OpenPart(part), labels_);
  }

 private:
  const std::unique_ptr<model::StreamScan> inner_;
  const std::shared_ptr<const model::Labels> labels_;
};

}  // namespace

std::string OriginalTenantLabel() { return "original_" + std::string(kTenantLabel); }

std::pair<std::vector<model::TenantId>, model::Matchers> ChooseTenants(
    const std::vector<model::TenantId>& tenants, const model::Matchers& matchers) {
  std::pair<std::vector<model::TenantId>, model::Matchers> chosen{tenants, {}};
  for (const model::Matcher& matcher : matchers) {
    if (matcher.name() == OriginalTenantLabel()) {
      auto renamed = model::Matcher::Make(matcher.op(), kTenantLabel, matcher.value());
      chosen.second.push_back(renamed.ok() ? *std::move(renamed) : matcher);
      continue;
    }
    if (matcher.name() != kTenantLabel) {
      chosen.second.push_back(matcher);
      continue;
    }
    std::erase_if(chosen.first, [&matcher](const model::TenantId& tenant) {
      return !matcher.Matches(tenant.value());
    });
  }
  return chosen;
}

model::Labels LabelWithTenant(const model::Labels& labels, const model::TenantId& tenant) {
  model::LabelsBuilder builder(labels);
  if (const std::string_view old = labels.Get(kTenantLabel); !old.empty()) {
    builder.Set(OriginalTenantLabel(), old);
  }
  return builder.Set(kTenantLabel, tenant.value()).Build();
}

TenantSource::TenantSource(logql::LogSource& source, std::vector<model::TenantId> tenants)
    : source_(source), tenants_(std::move(tenants)) {}

Result<model::StreamScans> TenantSource::Select(const model::ScanRequest& request,
                                                model::ScanContext& context) {
  auto [tenants, matchers] = ChooseTenants(tenants_, request.matchers);
  model::ScanRequest own = request;
  own.matchers = std::move(matchers);
  model::StreamScans all;
  for (const model::TenantId& tenant : tenants) {
    own.tenant = tenant;
    SKALD_ASSIGN_OR_RETURN(model::StreamScans scans, source_.Select(own, context));
    for (auto& scan : scans) {
      all.push_back(std::make_unique<RelabelledScan>(std::move(scan), tenant));
    }
  }
  std::sort(all.begin(), all.end(),
            [](const auto& a, const auto& b) { return *a->labels() < *b->labels(); });
  return all;
}

}  // namespace skald::querier
