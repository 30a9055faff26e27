#include "net/http_server.h"

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "common/executor.h"
#include "common/logging.h"
#include "common/metrics.h"
#include "common/mutex.h"
#include "net/listener.h"
#include "net/session_group.h"
#include "net/tls_context.h"

namespace skald::net {
namespace {

using boost::asio::io_context;
using boost::system::error_code;
using Descriptor = boost::asio::posix::stream_descriptor;

// Connections taken from the queue in a row, so that a flood does not starve open ones.
constexpr int kAcceptBurst = 64;

// Pause before the next attempt when the process has no descriptor left, or too many connections.
constexpr std::chrono::milliseconds kAcceptPause{100};

// One thread's connections and its periodic look at their deadlines.
struct IoThread {
  explicit IoThread(SessionEnvironment& environment)
      : group(io, environment), sweep(io), work(io.get_executor()) {}

  void Sweep(std::chrono::nanoseconds interval) {
    sweep.expires_after(interval);
    sweep.async_wait([this, interval](const error_code& ec) {
      if (!ec) {
        group.CloseOverdue();
        Sweep(interval);
      }
    });
  }

  io_context io{1};
  SessionGroup group;
  boost::asio::steady_timer sweep;
  boost::asio::executor_work_guard<io_context::executor_type> work;
};

// Takes connections from a listening socket and deals them out to the I/O threads in turn.
//
// Threads: all on the thread of `home`, the first of `threads`.
class Acceptor {
 public:
  Acceptor(Listener listener, const SessionEnvironment& environment,
           std::vector<std::unique_ptr<IoThread>>& threads)
      : listener_(std::move(listener)),
        environment_(environment),
        threads_(threads),
        readable_(threads.front()->io, listener_->fd()),
        pause_(threads.front()->io) {}
  ~Acceptor() { Close(); }

  void Wait() {
    readable_.async_wait(Descriptor::wait_read, [this](const error_code& ec) {
      if (!ec) {
        AcceptWaiting();
      }
    });
  }

  void Close() {
    if (readable_.is_open()) {
      readable_.release();  // The listener closes it.
      pause_.cancel();
      listener_.reset();
    }
  }

 private:
  void AcceptWaiting() {
    for (int i = 0; i < kAcceptBurst; ++i) {
      if (Full()) return WaitAfterPause();
      Result<AcceptedSocket> accepted = listener_->TryAccept();
      if (!accepted.ok()) {
        LogWarn("cannot accept connections", {{"err", accepted.status()}});
        return WaitAfterPause();
      }
      if (accepted->fd < 0) {
        break;
      }
      IoThread& thread = *threads_[next_++ % threads_.size()];
      std::shared_ptr<HttpSession> session = thread.group.MakeSession(*accepted);
      boost::asio::post(thread.io, [&thread, session = std::move(session)]() mutable {
        thread.group.Add(std::move(session));
      });
    }
    Wait();
  }

  bool Full() const {
    const int most = environment_.options.max_connections;
    return most > 0 && environment_.open.value() >= static_cast<size_t>(most);
  }

  void WaitAfterPause() {
    pause_.expires_after(kAcceptPause);
    pause_.async_wait([this](const error_code& ec) {
      if (!ec) {
        Wait();
      }
    });
  }

  std::optional<Listener> listener_;
  const SessionEnvironment& environment_;
  std::vector<std::unique_ptr<IoThread>>& threads_;
  Descriptor readable_;
  boost::asio::steady_timer pause_;
  size_t next_ = 0;
};

}  // namespace

struct HttpServer::Rep {
  Rep(const Options& o, const Router& router, const Clock& clock, RequestObserver on_request)
      : options(o), observer(std::move(on_request)), router(router), clock(clock) {}

  // Between Start and Stop.
  struct Running {
    Running(const Rep& rep, std::unique_ptr<const TlsContext> tls_context)
        : tls(std::move(tls_context)),
          handlers("http-handler", rep.options.handler_threads),
          environment{rep.options, rep.router, rep.clock, handlers, rep.observer, tls.get()},
          io_pool("http-io", rep.options.io_threads) {}

    const std::unique_ptr<const TlsContext> tls;  // Null: connections are in the clear.
    Executor handlers;
    SessionEnvironment environment;
    std::vector<std::unique_ptr<IoThread>> threads;
    std::unique_ptr<Acceptor> acceptor;
    Executor io_pool;
  };

  const Options options;
  const RequestObserver observer;
  const Router& router;
  const Clock& clock;
  std::atomic<uint16_t> port = 0;

  Mutex mutex;
  std::shared_ptr<Running> running SKALD_GUARDED_BY(mutex);
};

HttpServer::HttpServer(const Options& options, const Router& router, const Clock& clock,
                       RequestObserver observer)
    : rep_(std::make_unique<Rep>(options, router, clock, std::move(observer))) {}

HttpServer::~HttpServer() { Stop(std::chrono::nanoseconds::zero()); }

Status HttpServer::Start() {
  SKALD_ASSIGN_OR_RETURN(std::unique_ptr<const TlsContext> tls, TlsContext::Open(rep_->options));
  SKALD_ASSIGN_OR_RETURN(Listener listener,
                         Listener::Open(rep_->options.address, rep_->options.port));
  rep_->port = listener.port();
  Metrics::GetGauge("loki_tcp_connections_limit", "Connections at once; 0: no bound.",
                    {{"protocol", "http"}})
      .Set(rep_->options.max_connections);
  auto running = std::make_shared<Rep::Running>(*rep_, std::move(tls));
  for (size_t i = 0; i < rep_->options.io_threads; ++i) {
    running->threads.push_back(std::make_unique<IoThread>(running->environment));
  }
  running->acceptor =
      std::make_unique<Acceptor>(std::move(listener), running->environment, running->threads);
  running->acceptor->Wait();
  for (const auto& thread : running->threads) {
    thread->Sweep(rep_->options.sweep_interval);
    running->io_pool.Submit([&io = thread->io] { io.run(); });
  }
  MutexLock lock(rep_->mutex);
  SKALD_DCHECK(rep_->running == nullptr);
  rep_->running = std::move(running);
  return {};
}

void HttpServer::Stop(std::chrono::nanoseconds grace) {
  std::shared_ptr<Rep::Running> running;
  {
    MutexLock lock(rep_->mutex);
    running = std::exchange(rep_->running, nullptr);
  }
  if (running == nullptr) {
    return;
  }
  running->environment.draining = true;
  running->environment.open.Add();  // The listener counts until it is closed.
  boost::asio::post(running->threads.front()->io, [&] {
    running->acceptor->Close();
    for (const auto& thread : running->threads) {
      boost::asio::post(thread->io, [group = &thread->group] { group->Drain(); });
    }
    running->environment.open.Remove();
  });
  if (!running->environment.open.WaitForNone(grace)) {
    LogWarn("cutting connections", {{"open", running->environment.open.value()}});
    for (const auto& thread : running->threads) {
      boost::asio::post(thread->io, [group = &thread->group] { group->Abort(); });
    }
    while (!running->environment.open.WaitForNone(std::chrono::hours(1))) {
    }
  }
  for (const auto& thread : running->threads) {
    thread->io.stop();
  }
  running->io_pool.Stop();
  running->handlers.Stop();
}

uint16_t HttpServer::port() const { return rep_->port; }

size_t HttpServer::connections() const {
  std::shared_ptr<Rep::Running> running;
  {
    MutexLock lock(rep_->mutex);
    running = rep_->running;
  }
  return running == nullptr ? 0 : running->environment.open.value();
}

}  // namespace skald::net
