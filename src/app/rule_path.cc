#include "app/rule_path.h"

#include <utility>

#include "app/notify_config.h"
#include "app/rule_evaluator.h"
#include "chunkstore/objstore/fs_object_store.h"
#include "common/logging.h"
#include "notify/alert.h"
#include "ruler/folder_rule_store.h"
#include "ruler/local_rule_store.h"
#include "ruler/object_rule_store.h"

namespace skald::app {
namespace {

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
                      .generator_url = GeneratorUrl(config_, alert.expr)});
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

// Each group is run by one member of the ring.
ruler::Ruler::Owns OwnedBy(ring::MemberStore& ring, std::string_view member_id) {
  return [&ring, id = std::string(member_id)](std::string_view tenant, std::string_view name_space,
                                              std::string_view group) {
    return ring.ring()->IsOwner(ring::NameKey(tenant, name_space, group), id);
  };
}

}  // namespace

RulePath::RulePath(const Deps& deps)
    : threads_("ruler", static_cast<size_t>(deps.config.evaluation_threads)),
      evaluator_(std::make_unique<RuleEvaluator>(deps.querier)) {}

RulePath::~RulePath() { Stop(); }

Result<std::unique_ptr<RulePath>> RulePath::Open(const Deps& deps) {
  const RuleStorage storage = ChooseRuleStorage(deps.config, deps.path_prefix);
  if (storage.kind == RuleStorage::Kind::kNone) {
    LogInfo("there are no rules, as no storage is set for them",
            {{"setting", "ruler_storage.filesystem.dir, ruler.storage.type"}});
    return std::unique_ptr<RulePath>();
  }
  std::unique_ptr<RulePath> path(new RulePath(deps));
  SKALD_RETURN_IF_ERROR(path->OpenStore(storage));
  path->sender_ = std::make_unique<notify::AlertSender>(
      notify::AlertSender::Options{.alertmanagers = deps.notify.alertmanagers,
                                   .external_labels = ExternalLabels(deps.notify)},
      deps.limits, *path->files_, deps.clock);
  SKALD_ASSIGN_OR_RETURN(path->writer_,
                         notify::SampleWriter::Open({.remote_write = deps.notify.remote_write},
                                                    deps.limits, *path->files_, deps.clock));
  path->alerts_ = std::make_unique<SenderSink>(*path->sender_, deps.notify, deps.clock);
  path->samples_ = std::make_unique<WriterSink>(*path->writer_);
  path->state_ = std::make_unique<ruler::StateFile>(*path->files_, deps.path_prefix);
  path->ruler_ = std::make_unique<ruler::Ruler>(
      deps.config.ruler,
      ruler::Ruler::Deps{.store = *path->store_,
                         .threads = path->threads_,
                         .state = path->state_.get(),
                         .runner = {.evaluator = *path->evaluator_,
                                    .alerts = *path->alerts_,
                                    .samples = *path->samples_,
                                    .clock = deps.clock,
                                    .external_url = deps.notify.external_url,
                                    .external_labels = ExternalLabels(deps.notify),
                                    .resend_delay = deps.config.resend_delay,
                                    .metric_label = deps.config.disable_rule_group_label
                                                        ? ruler::GroupLabel::kLeftOut
                                                        : ruler::GroupLabel::kShown},
                         .owns = OwnedBy(deps.ring, deps.member_id)});
  path->ruler_->Start();
  return path;
}

Status RulePath::OpenStore(const RuleStorage& storage) {
  switch (storage.kind) {
    case RuleStorage::Kind::kFolder:
      store_ = std::make_unique<ruler::FolderRuleStore>(*files_, storage.folder);
      return {};
    case RuleStorage::Kind::kOwn:
      store_ = std::make_unique<ruler::LocalRuleStore>(*files_, storage.folder);
      return {};
    case RuleStorage::Kind::kObjects:
    case RuleStorage::Kind::kNone:
      break;
  }
  SKALD_ASSIGN_OR_RETURN(objects_, chunkstore::FsObjectStore::Open(*files_, storage.folder));
  store_ = std::make_unique<ruler::ObjectRuleStore>(*objects_, "");
  return {};
}

void RulePath::Stop() {
  if (ruler_ != nullptr) ruler_->Stop();
  threads_.Stop();
  if (sender_ != nullptr) sender_->Stop();
  if (writer_ != nullptr) writer_->Stop();
}

}  // namespace skald::app
