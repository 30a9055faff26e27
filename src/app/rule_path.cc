#include "app/rule_path.h"

#include <utility>

#include "app/notify_config.h"
#include "app/rule_evaluator.h"
#include "common/logging.h"
#include "notify/alert.h"
#include "ruler/folder_rule_store.h"
#include "ruler/local_rule_store.h"

namespace skald::app {
namespace {

// Groups that are evaluated at once: each waits for its queries, which run on the query threads.
constexpr size_t kRulerThreads = 4;

class SenderSink final : public ruler::AlertSink {
 public:
  SenderSink(notify::AlertSender& sender, const NotifyConfig& config, const Clock& clock)
      : sender_(sender), config_(config), clock_(clock) {}

  void Send(std::string_view tenant, std::vector<ruler::FiredAlert> alerts) override {
    std::vector<notify::Alert> sent;
    for (ruler::FiredAlert& alert : alerts) {
      model::LabelsBuilder annotations;
      for (const auto& [name, text] : alert.annotations) annotations.Set(name, text);
      sent.push_back({.labels = std::move(alert.labels),
                      .annotations = annotations.Build(),
                      .starts_at = alert.starts_at_ns,
                      .ends_at = alert.ends_at_ns,
                      .updated_at = clock_.NowNs(),
                      .generator_url = notify::ExploreUrl(config_.external_url,
                                                          config_.datasource_uid, alert.expr)});
    }
    sender_.Send(tenant, sent);
  }

 private:
  notify::AlertSender& sender_;
  const NotifyConfig& config_;
  const Clock& clock_;
};

class WriterSink final : public ruler::SampleSink {
 public:
  explicit WriterSink(notify::SampleWriter& writer) : writer_(writer) {}

  Status Append(std::string_view tenant, std::vector<ruler::RecordedSample> samples) override {
    std::vector<notify::Sample> written;
    written.reserve(samples.size());
    for (ruler::RecordedSample& sample : samples) {
      written.push_back(
          {.labels = std::move(sample.labels), .time_ms = sample.time_ms, .value = sample.value});
    }
    return writer_.Append(tenant, written);
  }

 private:
  notify::SampleWriter& writer_;
};

// What Loki's precedence comes to: the new settings if they are switched on, else the old ones,
// else the folder that `common` names, else a store of our own.
std::unique_ptr<ruler::RuleStore> MakeStore(const RulePath::Deps& deps, FileSystem& files) {
  const RulerConfig& c = deps.config;
  const auto folder = [&](const std::string& path) {
    return std::make_unique<ruler::FolderRuleStore>(files, path);
  };
  if (c.use_thanos_objstore) {
    if (c.thanos_backend == "local") return folder(c.thanos_local_directory);
    if (!c.thanos_directory.empty()) {
      return std::make_unique<ruler::LocalRuleStore>(files, JoinPath(c.thanos_directory, "rules"));
    }
  } else if (c.storage_type == "local") {
    return folder(c.storage_local_directory.empty() ? c.common_rules_directory
                                                    : c.storage_local_directory);
  } else if (!c.thanos_directory.empty()) {
    return std::make_unique<ruler::LocalRuleStore>(files, JoinPath(c.thanos_directory, "rules"));
  } else if (c.storage_type.empty() && !c.common_rules_directory.empty()) {
    return folder(c.common_rules_directory);
  }
  const std::string own = JoinPath(deps.path_prefix, "rules");
  const bool thanos = c.use_thanos_objstore;
  const std::string& wanted = thanos ? c.thanos_backend : c.storage_type;
  if (!wanted.empty() && wanted != "filesystem") {
    LogWarn("rules cannot be kept in this storage, and are in a folder instead",
            {{"setting", thanos ? "ruler_storage.backend" : "ruler.storage.type"},
             {"value", wanted},
             {"folder", own}});
  }
  return std::make_unique<ruler::LocalRuleStore>(files, own);
}

// Each group is run by one member of the ring.
ruler::Ruler::Owns OwnedBy(ring::MemberStore& ring, std::string_view member_id) {
  return [&ring, id = std::string(member_id)](std::string_view tenant, std::string_view name_space,
                                              std::string_view group) {
    return ring.ring()->IsOwner(ring::NameKey(tenant, name_space, group), id);
  };
}

}  // namespace

void AddRulerConfig(Settings& s, RulerConfig* c) {
  s.Add("ruler.evaluation_interval", &c->ruler.evaluation_interval,
        "How often rule groups without an interval are evaluated");
  s.Add("ruler.poll_interval", &c->ruler.poll_interval, "How often rules are read again");
  s.Add("ruler.for_outage_tolerance", &c->ruler.outage.tolerance,
        "Outage after which the state of alerts is forgotten");
  s.Add("ruler.for_grace_period", &c->ruler.outage.grace_period,
        "Time after an outage in which a pending alert does not fire");
  s.Add("ruler.resend_delay", &c->resend_delay, "How often a firing alert is sent again");
  s.Add("ruler.enabled_tenants", &c->ruler.enabled_tenants,
        "Tenants whose rules are evaluated; empty for all");
  s.Add("ruler.disabled_tenants", &c->ruler.disabled_tenants,
        "Tenants whose rules are not evaluated");
  s.Add("ruler.enable_api", &c->enable_api, "Whether rules are served over HTTP");
  s.Add("ruler.storage.type", &c->storage_type,
        "local: rule files in a folder, only read; empty or filesystem: rules written by the API");
  s.Add("ruler.storage.local.directory", &c->storage_local_directory,
        "Folder of rule files, <tenant>/<file>");
  s.Add("storage_config.use_thanos_objstore", &c->use_thanos_objstore,
        "Whether ruler_storage counts instead of ruler.storage", "use-thanos-objstore");
  s.Add("ruler_storage.backend", &c->thanos_backend,
        "As ruler.storage.type, if storage_config.use_thanos_objstore", "ruler-storage.backend");
  s.Add("ruler_storage.filesystem.dir", &c->thanos_directory,
        "Folder in which rules written by the API are kept, below rules/",
        "ruler-storage.filesystem.dir");
  s.Add("ruler_storage.local.directory", &c->thanos_local_directory,
        "Folder of rule files, <tenant>/<file>", "ruler-storage.local.directory");
  s.Add("common.storage.filesystem.rules_directory", &c->common_rules_directory,
        "Folder of rule files, <tenant>/<file>, unless another storage is set");
}

Status CheckRulerConfig(const RulerConfig& config) {
  if (config.ruler.evaluation_interval.count() <= 0) {
    return InvalidArgument("ruler.evaluation_interval must be greater than 0");
  }
  if (config.ruler.poll_interval.count() <= 0) {
    return InvalidArgument("ruler.poll_interval must be greater than 0");
  }
  return Status();
}

RulePath::RulePath(const Deps& deps)
    : threads_("ruler", kRulerThreads),
      evaluator_(std::make_unique<RuleEvaluator>(deps.querier)),
      store_(MakeStore(deps, *files_)) {}

RulePath::~RulePath() { Stop(); }

Result<std::unique_ptr<RulePath>> RulePath::Open(const Deps& deps) {
  std::unique_ptr<RulePath> path(new RulePath(deps));
  path->sender_ = std::make_unique<notify::AlertSender>(
      notify::AlertSender::Options{.alertmanagers = deps.notify.alertmanagers}, deps.limits,
      *path->files_, deps.clock);
  SKALD_ASSIGN_OR_RETURN(path->writer_,
                         notify::SampleWriter::Open({.remote_write = deps.notify.remote_write},
                                                    deps.limits, *path->files_, deps.clock));
  path->alerts_ = std::make_unique<SenderSink>(*path->sender_, deps.notify, deps.clock);
  path->samples_ = std::make_unique<WriterSink>(*path->writer_);
  path->state_ = std::make_unique<ruler::StateFile>(*path->files_,
                                                    JoinPath(deps.path_prefix, "ruler-state.json"));
  path->ruler_ = std::make_unique<ruler::Ruler>(
      deps.config.ruler, ruler::Ruler::Deps{.store = *path->store_,
                                            .threads = path->threads_,
                                            .state = path->state_.get(),
                                            .runner = {.evaluator = *path->evaluator_,
                                                       .alerts = *path->alerts_,
                                                       .samples = *path->samples_,
                                                       .clock = deps.clock,
                                                       .external_url = deps.notify.external_url,
                                                       .resend_delay = deps.config.resend_delay},
                                            .owns = OwnedBy(deps.ring, deps.member_id)});
  path->ruler_->Start();
  return path;
}

void RulePath::Stop() {
  if (ruler_ != nullptr) ruler_->Stop();
  threads_.Stop();
  if (sender_ != nullptr) sender_->Stop();
  if (writer_ != nullptr) writer_->Stop();
}

}  // namespace skald::app
