#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "common/clock.h"
#include "common/executor.h"
#include "common/status.h"
#include "logql/ast.h"
#include "logql/live_query.h"
#include "model/entry_filter.h"
#include "querier/querier.h"
#include "querier/query_request.h"
#include "querier/tail_queue.h"
#include "rpc/ingester_client.h"

namespace skald::querier {

// Where the entries of a tail go.
//
// Threads: called by one thread at a time. Calls must return at once.
class TailClient {
 public:
  virtual ~TailClient() = default;

  // Tail::OnSent must follow when the frame is on its way.
  virtual void Send(TailFrame frame) = 0;
  // The tail has ended: why, in words for the client.
  virtual void Close(const Status& status) = 0;
};

struct TailOptions {
  QueryRequest query;  // Its limit and start say how much of the past comes first.
  std::shared_ptr<const logql::Expr> expr;  // Of query.text.
  int64_t delay_ns = 0;
};

// What tails work with.
//
// Ownership: all borrowed, to outlive the tails.
struct TailParts {
  Querier& querier;
  std::function<std::vector<rpc::IngesterClient*>()> ingesters;
  const Clock& clock;
  Executor& live;  // Runs stages on what is pushed: must never wait.
  Executor& past;  // Reads what was there before.
  // What is not shown of what is pushed.
  std::vector<const model::EntryFilterSource*> hidden;
};

// The live tail of one client: subscribes, sends what was there, then what is pushed. All of it
// happens in steps that run one at a time, each on an executor, after something has woken it.
//
// Order:     Start once; ends by itself or with End, and calls `on_end` then, last of all.
// Ownership: kept alive by its steps; lets go of the client at the end.
// Threads:   any thread may call; the steps own all that is not atomic.
class Tail final : public std::enable_shared_from_this<Tail> {
 public:
  Tail(const TailParts& parts, TailOptions options, std::shared_ptr<TailClient> client,
       int64_t deadline_ns);
  Tail(const Tail&) = delete;
  Tail& operator=(const Tail&) = delete;

  // `refusal`: what the client is told at once, instead.
  void Start(Status refusal, std::function<void()> on_end);
  // A frame has left.
  void OnSent();
  // The client has gone.
  void End();
  // Wakes the tail if something is due by now. Cheap.
  void Tick(int64_t now_ns);

 private:
  enum class Phase { kNew, kLive, kEnded };

  void Wake();
  void Submit();
  void Run();
  void Step();
  Status Begin();
  Status Subscribe();
  Status ReadPast();
  Status TakeLive();
  using Hidden = std::vector<std::shared_ptr<const model::EntryFilters>>;
  // What is hidden now.
  Hidden HiddenNow() const;
  // Hands a batch to the stages, without what `hidden` says is not shown.
  Status ReadLive(const model::LogBatch& batch, const Hidden& hidden);
  void SendDue();
  void Finish();

  const TailParts parts_;
  TailOptions options_;
  const int64_t deadline_ns_;  // Of its life; on the monotonic clock.
  CancelToken cancel_;

  std::atomic<int> wakes_ = 0;  // Since the step under way began; none is under way at 0.
  std::atomic<int> unsent_ = 0;
  std::atomic<bool> gone_ = false;
  std::atomic<int64_t> due_ns_;  // When a tick is to wake it.
  std::atomic<bool> reads_past_ = true;

  // Of the steps.
  Phase phase_ = Phase::kNew;
  Status refusal_;
  std::function<void()> on_end_;
  std::shared_ptr<TailClient> client_;
  std::unique_ptr<logql::LiveQuery> stages_;
  std::vector<std::unique_ptr<rpc::TailFeed>> feeds_;
  size_t streams_ = 0;  // As the gauge has them.
  TailQueue queue_;
};

}  // namespace skald::querier
