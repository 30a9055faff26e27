#include "common/executor.h"

#include <pthread.h>

#include <algorithm>
#include <deque>
#include <limits>
#include <thread>
#include <utility>

#include "common/mutex.h"

namespace skald {
namespace {

// Shows in top and in stack dumps; the kernel keeps 15 characters.
void NameThisThread(const std::string& name) {
  pthread_setname_np(pthread_self(), name.substr(0, 15).c_str());
}

// The items of one ParallelFor. Whoever works on it claims items until none is left, so a worker
// that comes late, or never, does no harm.
class ParallelLoop {
 public:
  ParallelLoop(size_t count, const std::function<Status(size_t)>& body)
      : count_(count), body_(&body) {}

  void Work() {
    for (size_t i = next_.fetch_add(1); i < count_; i = next_.fetch_add(1)) {
      if (i < failed_item_.load(std::memory_order_relaxed)) RunItem(i);
      // `body` is not touched once all are done: the caller may have returned by then.
      if (done_.fetch_add(1) + 1 == count_) {
        MutexLock lock(mutex_);
        all_done_.NotifyAll();
      }
    }
  }

  Status Wait() {
    MutexLock lock(mutex_);
    while (done_.load() < count_) all_done_.Wait(mutex_);
    return std::move(error_);
  }

 private:
  void RunItem(size_t i) {
    Status status = (*body_)(i);
    if (status.ok()) return;
    MutexLock lock(mutex_);
    if (i > failed_item_.load(std::memory_order_relaxed)) return;
    error_ = std::move(status);
    failed_item_.store(i, std::memory_order_relaxed);
  }

  const size_t count_;
  const std::function<Status(size_t)>* const body_;
  std::atomic<size_t> next_ = 0;
  std::atomic<size_t> done_ = 0;
  // The first that failed. Items are claimed in order, so those before it run to their end.
  std::atomic<size_t> failed_item_ = std::numeric_limits<size_t>::max();
  Mutex mutex_;
  CondVar all_done_;
  Status error_ SKALD_GUARDED_BY(mutex_);
};

}  // namespace

struct CancelToken::State {
  std::atomic<bool> cancelled = false;
  const Clock* clock = nullptr;  // Null: no deadline.
  int64_t deadline_ns = 0;
  std::shared_ptr<const State> parent;  // Null: on its own.

  bool Cancelled() const {
    return cancelled.load(std::memory_order_relaxed) || (parent != nullptr && parent->Cancelled());
  }
  bool Expired() const {
    return (clock != nullptr && clock->MonotonicNs() >= deadline_ns) ||
           (parent != nullptr && parent->Expired());
  }
};

CancelToken::CancelToken() : state_(std::make_shared<State>()) {}

CancelToken CancelToken::WithTimeout(const Clock& clock, std::chrono::nanoseconds timeout) {
  CancelToken token;
  token.state_->clock = &clock;
  token.state_->deadline_ns = clock.MonotonicNs() + timeout.count();
  return token;
}

CancelToken CancelToken::Within(const Clock& clock, std::chrono::nanoseconds timeout) const {
  CancelToken token = WithTimeout(clock, timeout);
  token.state_->parent = state_;
  return token;
}

void CancelToken::Cancel() { state_->cancelled.store(true, std::memory_order_relaxed); }

bool CancelToken::cancelled() const { return state_->Cancelled() || state_->Expired(); }

Status CancelToken::Check() const {
  if (state_->Cancelled()) {
    return Status(StatusCode::kCancelled, "the request was cancelled by the client");
  }
  if (state_->Expired()) return Status(StatusCode::kDeadlineExceeded, "deadline exceeded");
  return {};
}

struct Executor::Rep {
  explicit Rep(size_t thread_count) : thread_count(thread_count) {}

  void Run() {
    while (std::function<void()> task = Take()) task();
  }

  // Waits for the next task; an empty one when stopped.
  std::function<void()> Take() {
    MutexLock lock(mutex);
    while (!stopped && tasks.empty()) wake.Wait(mutex);
    if (stopped) return nullptr;
    std::function<void()> task = std::move(tasks.front());
    tasks.pop_front();
    return task;
  }

  const size_t thread_count;
  Mutex mutex;
  CondVar wake;
  std::deque<std::function<void()>> tasks SKALD_GUARDED_BY(mutex);
  bool stopped SKALD_GUARDED_BY(mutex) = false;
  std::vector<std::thread> threads SKALD_GUARDED_BY(mutex);
};

Executor::Executor(std::string name, size_t threads, ThreadWeight weight)
    : rep_(std::make_unique<Rep>(std::max<size_t>(threads, 1))) {
  MutexLock lock(rep_->mutex);
  for (size_t i = 0; i < rep_->thread_count; ++i) {
    rep_->threads.emplace_back([rep = rep_.get(), name, weight] {
      NameThisThread(name);
      SetWeightOfThisThread(weight);
      rep->Run();
    });
  }
}

Executor::~Executor() { Stop(); }

void Executor::Submit(std::function<void()> task) {
  {
    MutexLock lock(rep_->mutex);
    if (rep_->stopped) return;
    rep_->tasks.push_back(std::move(task));
  }
  rep_->wake.NotifyOne();
}

Status Executor::ParallelFor(size_t count, size_t max_parallel,
                             const std::function<Status(size_t)>& body) {
  if (count == 0) return {};
  auto loop = std::make_shared<ParallelLoop>(count, body);
  const size_t limit = max_parallel == 0 ? rep_->thread_count : max_parallel;
  const size_t workers = std::min({limit, count, rep_->thread_count + 1});
  for (size_t i = 1; i < workers; ++i) {
    Submit([loop] { loop->Work(); });
  }
  loop->Work();
  return loop->Wait();
}

void Executor::Stop() {
  std::deque<std::function<void()>> dropped;  // Destroyed after the lock is released.
  std::vector<std::thread> threads;
  {
    MutexLock lock(rep_->mutex);
    rep_->stopped = true;
    dropped.swap(rep_->tasks);
    threads.swap(rep_->threads);
  }
  rep_->wake.NotifyAll();
  for (std::thread& thread : threads) thread.join();
}

size_t Executor::threads() const { return rep_->thread_count; }

struct PeriodicTask::Rep {
  Rep(std::chrono::nanoseconds period, std::function<void()> task)
      : period(period), task(std::move(task)) {}

  void Run() {
    while (WaitForTurn()) task();
  }

  // False when stopped.
  bool WaitForTurn() {
    const auto turn = std::chrono::steady_clock::now() + period;
    MutexLock lock(mutex);
    while (!stopped && !triggered) {
      const auto left = turn - std::chrono::steady_clock::now();
      if (left <= std::chrono::nanoseconds::zero()) break;
      wake.WaitFor(mutex, left);
    }
    triggered = false;
    return !stopped;
  }

  const std::chrono::nanoseconds period;
  const std::function<void()> task;
  Mutex mutex;
  CondVar wake;
  bool triggered SKALD_GUARDED_BY(mutex) = false;
  bool stopped SKALD_GUARDED_BY(mutex) = false;
  std::thread thread;
};

PeriodicTask::PeriodicTask(std::string name, std::chrono::nanoseconds period,
                           std::function<void()> task, ThreadWeight weight)
    : rep_(std::make_unique<Rep>(period, std::move(task))) {
  rep_->thread = std::thread([rep = rep_.get(), name = std::move(name), weight] {
    NameThisThread(name);
    SetWeightOfThisThread(weight);
    rep->Run();
  });
}

PeriodicTask::~PeriodicTask() { Stop(); }

void PeriodicTask::Trigger() {
  {
    MutexLock lock(rep_->mutex);
    rep_->triggered = true;
  }
  rep_->wake.NotifyAll();
}

void PeriodicTask::Stop() {
  {
    MutexLock lock(rep_->mutex);
    rep_->stopped = true;
  }
  rep_->wake.NotifyAll();
  if (rep_->thread.joinable()) rep_->thread.join();
}

}  // namespace skald
