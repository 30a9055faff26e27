#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "app/rule_config.h"
#include "chunkstore/objstore/object_store.h"
#include "common/clock.h"
#include "common/executor.h"
#include "common/files.h"
#include "common/limits.h"
#include "common/status.h"
#include "notify/alert_sender.h"
#include "notify/sample_writer.h"
#include "querier/querier.h"
#include "ring/member_store.h"
#include "ruler/evaluator.h"
#include "ruler/outputs.h"
#include "ruler/rule_store.h"
#include "ruler/ruler.h"

namespace skald::app {

struct NotifyConfig;

// Rules: their store, their evaluation through the querier, and what takes what comes of them.
//
// Order:     Open, then anything, then Stop, which is idempotent.
// Ownership: borrows all of its Deps.
// Threads:   the parts say for themselves who may call them.
class RulePath {
 public:
  struct Deps {
    const RulerConfig& config;
    const NotifyConfig& notify;
    const std::string& path_prefix;
    const LimitsSource& limits;
    const Clock& clock;
    querier::Querier& querier;
    ring::MemberStore& ring;  // Of the processes that run rules.
    std::string_view member_id;
  };

  // Null if the settings say that there are no rules.
  static Result<std::unique_ptr<RulePath>> Open(const Deps& deps);
  ~RulePath();
  RulePath(const RulePath&) = delete;
  RulePath& operator=(const RulePath&) = delete;

  void Stop();

  ruler::RuleStore& store() { return *store_; }
  ruler::Ruler& ruler() { return *ruler_; }

 private:
  explicit RulePath(const Deps& deps);
  Status OpenStore(const RuleStorage& storage);

  // In the order in which each needs those above it; destroyed from the bottom up.
  const std::unique_ptr<FileSystem> files_ = MakePosixFileSystem();
  Executor threads_;  // Each waits for queries, which run on the query threads.
  std::unique_ptr<notify::AlertSender> sender_;
  std::unique_ptr<notify::SampleWriter> writer_;
  std::unique_ptr<ruler::Evaluator> evaluator_;
  std::unique_ptr<ruler::AlertSink> alerts_;
  std::unique_ptr<ruler::SampleSink> samples_;
  std::unique_ptr<chunkstore::ObjectStore> objects_;  // Null unless rules are objects.
  std::unique_ptr<ruler::RuleStore> store_;
  std::unique_ptr<ruler::StateFile> state_;
  std::unique_ptr<ruler::Ruler> ruler_;
};

}  // namespace skald::app
