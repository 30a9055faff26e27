#include "querier/tail.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "common/metrics.h"
#include "querier/internal_streams.h"
#include "querier/query_tags.h"

namespace skald::querier {
namespace {

// Frames handed to the client and not yet sent: one on its way, one ready. What comes meanwhile is
// collected into the next.
constexpr int kMaxUnsent = 2;

struct TailMetrics {
  static const TailMetrics& Get() {
    static const TailMetrics metrics;
    return metrics;
  }

  Gauge streams = Metrics::GetGauge("loki_querier_tail_active_streams",
                                    "Streams that live tails have met, those of each counted.");
  Counter bytes =
      Metrics::GetCounter("loki_querier_tail_bytes_total", "Bytes of lines sent by live tails.");
};

size_t LineBytes(const TailFrame& frame) {
  size_t bytes = 0;
  for (const model::ResultStream& stream : frame.streams) {
    for (const model::ResultEntry& entry : stream.entries) {
      bytes += entry.line.size();
    }
  }
  return bytes;
}

// The entries of an answer, ascending in time.
std::vector<logql::FoundEntry> InOrder(model::Streams answer) {
  std::vector<logql::FoundEntry> entries;
  for (model::ResultStream& stream : answer.streams) {
    // They descend; those of one time are to be in the order they came.
    for (auto it = stream.entries.rbegin(); it != stream.entries.rend(); ++it) {
      logql::FoundEntry& entry = entries.emplace_back();
      entry.time_ns = it->time_ns;
      entry.line = std::move(it->line);
      entry.labels = stream.labels;
      entry.structured_metadata = std::move(it->structured_metadata);
      entry.parsed = std::move(it->parsed);
    }
  }
  std::ranges::stable_sort(entries, {}, &logql::FoundEntry::time_ns);
  return entries;
}

}  // namespace

Tail::Tail(const TailParts& parts, TailOptions options, std::shared_ptr<TailClient> client,
           int64_t deadline_ns)
    : parts_(parts),
      options_(std::move(options)),
      deadline_ns_(deadline_ns),
      due_ns_(deadline_ns),
      client_(std::move(client)),
      queue_({.delay_ns = options_.delay_ns}) {}

void Tail::Start(Status refusal, std::function<void()> on_end) {
  refusal_ = std::move(refusal);
  on_end_ = std::move(on_end);
  Wake();
}

void Tail::OnSent() {
  --unsent_;
  Wake();
}

void Tail::End() {
  gone_ = true;
  cancel_.Cancel();
  Wake();
}

void Tail::Tick(int64_t now_ns) {
  if (now_ns >= due_ns_.load(std::memory_order_relaxed)) {
    Wake();
  }
}

void Tail::Wake() {
  if (wakes_.fetch_add(1) == 0) {
    Submit();
  }
}

void Tail::Submit() {
  (reads_past_ ? parts_.past : parts_.live).Submit([self = shared_from_this()] { self->Run(); });
}

// Whoever wakes the tail from here on is seen by this step or brings about another.
void Tail::Run() {
  const int seen = wakes_;
  Step();
  if (wakes_.fetch_sub(seen) != seen) {
    Submit();
  }
}

void Tail::Step() {
  if (phase_ == Phase::kEnded) {
    return;
  }
  Status status;
  if (phase_ == Phase::kNew && !gone_) {
    phase_ = Phase::kLive;
    status = Begin();
    reads_past_ = false;
  }
  if (status.ok() && !gone_) {
    status = TakeLive();
  }
  if (status.ok() && parts_.clock.MonotonicNs() >= deadline_ns_) {
    status = Unavailable("reached tail max duration limit");
  }
  if (!status.ok() && !gone_) {
    client_->Close(status);
    gone_ = true;
  }
  if (gone_) {
    Finish();
  }
}

Status Tail::Begin() {
  SKALD_RETURN_IF_ERROR(refusal_);
  SKALD_ASSIGN_OR_RETURN(stages_,
                         logql::LiveQuery::Make(options_.expr, options_.query.categorize_labels));
  SKALD_RETURN_IF_ERROR(Subscribe());
  return ReadPast();
}

Status Tail::Subscribe() {
  const auto& matchers = std::get<logql::LogExpr>(options_.expr->node).matchers;
  if (AsksForInternalStreams(matchers) && !FromDrilldown(options_.query.tags)) {
    return {};
  }
  for (rpc::IngesterClient* ingester : parts_.ingesters()) {
    rpc::TailRequest request;
    request.tenant = options_.query.tenants.front();
    request.matchers = matchers;
    request.ready = [weak = weak_from_this()] {
      if (const auto self = weak.lock()) {
        self->Wake();
      }
    };
    SKALD_ASSIGN_OR_RETURN(auto feed, ingester->Tail(std::move(request)));
    feeds_.push_back(std::move(feed));
  }
  return {};
}

// What is pushed from the subscription on waits in the feeds meanwhile; what memory shows of it is
// in the feeds before, so that the next Take tells all that came twice.
Status Tail::ReadPast() {
  model::ScanContext context;
  context.cancel = cancel_;
  SKALD_ASSIGN_OR_RETURN(model::QueryResult result, parts_.querier.Run(options_.query, context));
  queue_.AddBacklog(InOrder(std::move(std::get<model::Streams>(result.data))));
  return {};
}

Tail::Hidden Tail::HiddenNow() const {
  Hidden hidden;
  for (const model::EntryFilterSource* source : parts_.hidden) {
    if (auto filters = source->Of(options_.query.tenants.front())) {
      hidden.push_back(std::move(filters));
    }
  }
  return hidden;
}

Status Tail::ReadLive(const model::LogBatch& batch, const Hidden& hidden) {
  const std::vector<int64_t>& times = batch.block->times;
  std::optional<model::LogBatch> shown;  // A copy, if not all of it is.
  for (const auto& filters : hidden) {
    const auto filter = filters->For(*batch.stream, times.front(), times.back());
    if (filter == nullptr) continue;
    if (!shown) shown = batch;
    SKALD_RETURN_IF_ERROR(filter->Apply(*shown));
  }
  std::vector<logql::FoundEntry> found;
  stages_->Read(shown ? *shown : batch, found);
  queue_.AddLive(std::move(found), parts_.clock.NowNs());
  return {};
}

Status Tail::TakeLive() {
  const Hidden hidden = HiddenNow();
  size_t streams = 0;
  size_t ended = 0;
  for (const auto& feed : feeds_) {
    rpc::TailFeed::Taken taken = feed->Take();
    streams += taken.streams;
    ended += taken.ended ? 1 : 0;
    for (const auto& batch : taken.batches) {
      SKALD_RETURN_IF_ERROR(ReadLive(*batch, hidden));
    }
    queue_.AddDropped(std::move(taken.dropped));
  }
  queue_.EndOverlap();
  TailMetrics::Get().streams.Add(static_cast<double>(streams) - static_cast<double>(streams_));
  streams_ = streams;
  SendDue();
  if (ended > 0 && ended == feeds_.size()) {
    return Unavailable("all ingesters closed the connection");
  }
  return {};
}

void Tail::SendDue() {
  const int64_t now_ns = parts_.clock.NowNs();
  while (unsent_ < kMaxUnsent) {
    std::optional<TailFrame> frame = queue_.TakeFrame(now_ns);
    if (!frame) {
      break;
    }
    TailMetrics::Get().bytes.Add(static_cast<double>(LineBytes(*frame)));
    ++unsent_;
    client_->Send(*std::move(frame));
  }
  // What is due and not sent waits for OnSent; what is not due yet, for a tick.
  int64_t due_ns = deadline_ns_;
  if (const auto next = queue_.NextDue(); next && *next > now_ns) {
    due_ns = std::min(due_ns, parts_.clock.MonotonicNs() + (*next - now_ns));
  }
  due_ns_ = due_ns;
}

void Tail::Finish() {
  phase_ = Phase::kEnded;
  feeds_.clear();
  TailMetrics::Get().streams.Add(-static_cast<double>(streams_));
  client_ = nullptr;
  std::exchange(on_end_, nullptr)();
}

}  // namespace skald::querier
