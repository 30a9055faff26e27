#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "common/mutex.h"
#include "ruler/evaluator.h"

namespace skald::test {

// Answers expressions as it is told; others have no series.
//
// Threads: any thread may call.
class FakeEvaluator final : public ruler::Evaluator {
 public:
  using Samples = std::vector<ruler::EvaluatedSample>;

  void Answer(const std::string& expr, Result<Samples> answer) {
    MutexLock lock(mutex_);
    Result<ruler::EvaluatedQuery> whole = answer.status();
    if (answer.ok()) whole = ruler::EvaluatedQuery{.samples = *std::move(answer), .missing = ""};
    answers_.insert_or_assign(expr, std::move(whole));
  }
  // Of an answer that may be short.
  void AnswerInPart(const std::string& expr, Samples samples, std::string missing) {
    MutexLock lock(mutex_);
    answers_.insert_or_assign(
        expr, ruler::EvaluatedQuery{.samples = std::move(samples), .missing = std::move(missing)});
  }
  // Called at the begin of each evaluation.
  void OnEvaluate(std::function<void()> hook) { hook_ = std::move(hook); }
  std::vector<int64_t> times_ns() const {
    MutexLock lock(mutex_);
    return times_ns_;
  }

  std::vector<std::string> exprs() const {
    MutexLock lock(mutex_);
    return exprs_;
  }

  Result<ruler::EvaluatedQuery> Evaluate(const model::TenantId&, const std::string& expr,
                                         int64_t time_ns, const CancelToken& cancel) override {
    if (hook_) hook_();
    MutexLock lock(mutex_);
    times_ns_.push_back(time_ns);
    exprs_.push_back(expr);
    const auto found = answers_.find(expr);
    SKALD_RETURN_IF_ERROR(cancel.Check());
    return found == answers_.end() ? ruler::EvaluatedQuery() : found->second;
  }

 private:
  std::function<void()> hook_;
  mutable Mutex mutex_;
  std::map<std::string, Result<ruler::EvaluatedQuery>> answers_ SKALD_GUARDED_BY(mutex_);
  std::vector<int64_t> times_ns_ SKALD_GUARDED_BY(mutex_);
  std::vector<std::string> exprs_ SKALD_GUARDED_BY(mutex_);
};

}  // namespace skald::test
