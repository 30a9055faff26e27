#include "patterns/pattern_feed.h"

#include <algorithm>
#include <deque>
#include <utility>

#include "common/executor.h"
#include "common/metrics.h"
#include "common/mutex.h"
#include "patterns/line_budget.h"

namespace skald::patterns {
namespace {

// Pauses shorter than this are put together.
constexpr int64_t kShortestPauseNs = 5'000'000;

size_t MemoryOf(const model::PushBatch& batch) {
  size_t bytes = batch.entries.capacity() * sizeof(model::PushEntry) +
                 batch.metadata.capacity() * sizeof(model::MetadataPair) +
                 batch.streams.capacity() * sizeof(model::PushStream);
  for (const std::string& buffer : batch.buffers) bytes += buffer.capacity();
  return bytes;
}

}  // namespace

struct PatternFeed::Rep {
  struct Job {
    model::TenantId tenant;
    model::PushBatch batch;
    size_t bytes = 0;
  };

  Rep(const Options& o, PatternStore& s, const Clock& c)
      : options(o),
        store(s),
        clock(c),
        dropped(Metrics::GetCounter("loki_pattern_ingester_dropped_lines_total",
                                    "Lines that patterns do not count, as too many came at once.")),
        budget(o.lines_per_second),
        swept_ns(c.MonotonicNs()),
        worker("patterns", o.sweep_period, [this] { Work(); }) {}

  // Works on the queue until it is empty.
  void Work();
  bool Take(Job& job, uint32_t& stride) SKALD_EXCLUDES(mutex);
  // Rests in proportion to the time worked, so that no more than the share of a core is used.
  void Rest(int64_t worked_ns) SKALD_EXCLUDES(mutex);

  const Options options;
  PatternStore& store;
  const Clock& clock;
  const Counter dropped;
  LineBudget budget;    // The worker's own, as the next two.
  int64_t owed_ns = 0;  // Of rest.
  int64_t swept_ns;

  Mutex mutex;
  CondVar stopped;
  std::deque<Job> queue SKALD_GUARDED_BY(mutex);
  size_t queued_bytes SKALD_GUARDED_BY(mutex) = 0;
  bool stopping SKALD_GUARDED_BY(mutex) = false;

  PeriodicTask worker;  // Last: its thread uses the above.
};

void PatternFeed::Rep::Work() {
  Job job;
  uint32_t stride = 1;
  while (Take(job, stride)) {
    const int64_t begin_ns = clock.MonotonicNs();
    stride = std::max(stride, budget.Stride(begin_ns));
    store.Add(job.tenant, job.batch, stride);
    budget.Use(job.batch.entries.size() / stride);
    job = Job();
    Rest(clock.MonotonicNs() - begin_ns);
  }
  const int64_t now_ns = clock.MonotonicNs();
  if (now_ns - swept_ns < options.sweep_period.count()) return;
  swept_ns = now_ns;
  store.Sweep();
}

bool PatternFeed::Rep::Take(Job& job, uint32_t& stride) {
  MutexLock lock(mutex);
  if (stopping || queue.empty()) return false;
  stride = StrideFor(queued_bytes, options.queue_bytes);
  job = std::move(queue.front());
  queue.pop_front();
  queued_bytes -= job.bytes;
  return true;
}

void PatternFeed::Rep::Rest(int64_t worked_ns) {
  owed_ns += static_cast<int64_t>(static_cast<double>(worked_ns) * (1 / options.cpu_share - 1));
  if (owed_ns < kShortestPauseNs) return;
  MutexLock lock(mutex);
  if (!stopping) stopped.WaitFor(mutex, Nanoseconds(owed_ns));
  owed_ns = 0;
}

PatternFeed::PatternFeed(const Options& options, PatternStore& store, const Clock& clock)
    : rep_(std::make_unique<Rep>(options, store, clock)) {}

PatternFeed::~PatternFeed() { Stop(); }

void PatternFeed::Offer(const model::TenantId& tenant, model::PushBatch batch) {
  std::string().swap(batch.packed);
  const size_t bytes = MemoryOf(batch);
  {
    MutexLock lock(rep_->mutex);
    if (rep_->stopping) return;
    // A push too large for the queue gets in when nothing else waits.
    if (rep_->queued_bytes > 0 && rep_->queued_bytes + bytes > rep_->options.queue_bytes) {
      rep_->dropped.Add(static_cast<double>(batch.entries.size()));
      return;
    }
    rep_->queued_bytes += bytes;
    rep_->queue.push_back({.tenant = tenant, .batch = std::move(batch), .bytes = bytes});
    if (rep_->queue.size() > 1) return;  // The worker has been called for the first.
  }
  rep_->worker.Trigger();
}

void PatternFeed::Stop() {
  {
    MutexLock lock(rep_->mutex);
    rep_->stopping = true;
    rep_->queue.clear();
    rep_->queued_bytes = 0;
    rep_->stopped.NotifyAll();
  }
  rep_->worker.Stop();
}

}  // namespace skald::patterns
