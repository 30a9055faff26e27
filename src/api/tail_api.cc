#include "api/tail_api.h"

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/error_response.h"
#include "api/query_headers.h"
#include "api/request_params.h"
#include "common/json_writer.h"
#include "common/mutex.h"
#include "net/websocket.h"
#include "wire/result_json.h"

namespace skald::api {
namespace {

using FrameWriter = std::string (*)(const querier::TailFrame& frame, bool categorized);

std::vector<wire::DroppedEntry> DroppedOf(const querier::TailFrame& frame) {
  std::vector<wire::DroppedEntry> dropped;
  dropped.reserve(frame.dropped.size());
  for (const rpc::DroppedEntry& entry : frame.dropped) {
    dropped.push_back({.time_ns = entry.time_ns, .labels = *entry.labels});
  }
  return dropped;
}

std::string WriteFrame(const querier::TailFrame& frame, bool categorized) {
  std::string text;
  wire::AppendTailFrame(frame.streams, DroppedOf(frame), categorized, text);
  return text;
}

std::string WriteLegacyFrame(const querier::TailFrame& frame, bool) {
  std::string text;
  wire::AppendLegacyTailFrame(frame.streams, DroppedOf(frame), text);
  return text;
}

// A WebSocket as the client of a tail.
//
// Ownership: holds socket and tail until the socket is closed.
// Threads:   the WebSocket's thread and the tail's at once; `mutex_` guards what both use.
class TailConnection final : public net::WebSocketHandler,
                             public querier::TailClient,
                             public std::enable_shared_from_this<TailConnection> {
 public:
  TailConnection(querier::Tails& tails, querier::TailOptions options, FrameWriter write)
      : tails_(tails),
        options_(std::move(options)),
        categorized_(options_.query.categorize_labels),
        write_(write) {}

  void OnOpen(std::shared_ptr<net::WebSocket> socket) override {
    {
      MutexLock lock(mutex_);
      socket_ = std::move(socket);
    }
    tail_ = tails_.Start(std::move(options_), shared_from_this());
  }

  void OnSent() override { tail_->OnSent(); }

  void OnClosed() override {
    {
      MutexLock lock(mutex_);
      socket_ = nullptr;
    }
    if (tail_ != nullptr) {
      std::exchange(tail_, nullptr)->End();
    }
  }

  void Send(querier::TailFrame frame) override {
    if (const auto socket = Socket()) {
      socket->Send(write_(frame, categorized_));
    }
  }

  void Close(const Status& status) override {
    if (const auto socket = Socket()) {
      socket->Close(status.ok() ? net::kCloseNormal : net::kCloseError, status.message());
    }
  }

 private:
  std::shared_ptr<net::WebSocket> Socket() {
    MutexLock lock(mutex_);
    return socket_;
  }

  querier::Tails& tails_;
  querier::TailOptions options_;  // Until the tail has them.
  const bool categorized_;
  const FrameWriter write_;
  std::shared_ptr<querier::Tail> tail_;  // Of the WebSocket's thread.
  Mutex mutex_;
  std::shared_ptr<net::WebSocket> socket_ SKALD_GUARDED_BY(mutex_);
};

}  // namespace

TailApi::TailApi(const Options& options, const TenantAuth& auth, querier::Tails& tails,
                 const Clock& clock)
    : options_(options), auth_(auth), tails_(tails), clock_(clock) {}

net::Response TailApi::Tail(net::Request& request) { return Run(request, Form::kCurrent); }

net::Response TailApi::LegacyTail(net::Request& request) { return Run(request, Form::kLegacy); }

// Compat: several tenants are refused even where queries may name them.
Result<querier::TailOptions> TailApi::ReadRequest(const net::Request& request, Form form) const {
  SKALD_ASSIGN_OR_RETURN(model::TenantId tenant, auth_.ForWrite(request));
  SKALD_ASSIGN_OR_RETURN(const net::Form params, net::ParseForm(request));
  querier::TailOptions tail;
  SKALD_ASSIGN_OR_RETURN(tail.query, ReadTailQuery(params, clock_.NowNs()));
  SKALD_ASSIGN_OR_RETURN(tail.delay_ns, ReadTailDelay(params));
  tail.query.tenants = {std::move(tenant)};
  ReadQueryHeaders(request, options_.per_request_limits, tail.query);
  if (form == Form::kLegacy) {
    tail.query.encoding_flags.clear();
    tail.query.categorize_labels = false;
  }
  if (const std::string_view regexp = params.Get("regexp"); !regexp.empty()) {
    tail.query.text += " |~ ";
    AppendGoQuoted(tail.query.text, regexp);
  }
  SKALD_RETURN_IF_ERROR(tails_.Read(tail));
  return tail;
}

net::Response TailApi::Run(net::Request& request, Form form) {
  auto tail = ReadRequest(request, form);
  if (!tail.ok()) {
    return ErrorResponse(tail.status(), Audience::kReader);
  }
  const FrameWriter write = form == Form::kLegacy ? WriteLegacyFrame : WriteFrame;
  return net::UpgradeToWebSocket(request,
                                 std::make_shared<TailConnection>(tails_, *std::move(tail), write));
}

}  // namespace skald::api
