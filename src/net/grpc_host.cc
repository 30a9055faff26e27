#include "net/grpc_host.h"

#include <grpc/support/log.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>
#include <string_view>
#include <utility>
#include <vector>

#include "common/duration.h"
#include "common/hash.h"
#include "common/logging.h"
#include "common/proto_message.h"
#include "net/grpc_credentials.h"
#include "net/grpc_message.h"

namespace skald::net {
namespace {

std::string_view View(const grpc::string_ref& text) { return {text.data(), text.size()}; }

std::string ToString(const grpc::ByteBuffer& buffer) {
  std::string out;
  out.reserve(buffer.Length());
  std::vector<grpc::Slice> slices;
  if (!buffer.Dump(&slices).ok()) return out;
  for (const grpc::Slice& slice : slices) {
    out.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return out;
}

// The google.rpc.Status that goes along with an error that is worth another try: exporters of
// OpenTelemetry drop what was refused with RESOURCE_EXHAUSTED unless it says RetryInfo.
std::string RetryDetails(const Status& status) {
  ProtoMessage delay;
  delay.Number(1, 1);  // google.protobuf.Duration's seconds
  ProtoMessage retry;
  retry.Bytes(1, delay.bytes());
  ProtoMessage any;
  any.Bytes(1, "type.googleapis.com/google.rpc.RetryInfo");
  any.Bytes(2, retry.bytes());
  ProtoMessage details;
  details.Number(1, static_cast<uint64_t>(status.code()));
  details.Bytes(2, status.message());
  details.Bytes(3, any.bytes());
  return details.bytes();
}

grpc::Status ToGrpc(const Status& status) {
  if (status.ok()) return {};
  const bool again =
      status.code() == StatusCode::kResourceExhausted || status.code() == StatusCode::kUnavailable;
  return {static_cast<grpc::StatusCode>(status.code()), std::string(status.message()),
          again ? RetryDetails(status) : std::string()};
}

// One call. Lives until the library is done with it.
class Call final : public grpc::ServerGenericBidiReactor {
 public:
  Call(const GrpcMethod* method, size_t max_bytes, Executor& executor,
       const RequestObserver& observer, grpc::GenericCallbackServerContext& context)
      : method_(method),
        max_bytes_(max_bytes),
        executor_(executor),
        observer_(observer),
        context_(context) {
    if (method_ == nullptr) {
      Refuse({grpc::StatusCode::UNIMPLEMENTED, "unknown method " + context.method()});
    } else {
      StartRead(&message_);
    }
  }

  // A frame whose flag is neither 0 nor 1 is an empty message by now: the library drops its bytes
  // and leaves nothing that tells it from one that was sent empty, as exporters may.
  void OnReadDone(bool ok) override {
    if (!ok) {
      Refuse({grpc::StatusCode::INVALID_ARGUMENT, "a call without a message"});
      return;
    }
    executor_.Submit([this] { Run(); });
  }

  void OnDone() override { delete this; }

 private:
  void Run() {
    Request request;
    request.method = "POST";
    request.path = request.target = context_.method();
    request.remote_address = context_.peer();
    for (const auto& [name, value] : context_.client_metadata()) {
      request.headers.Add(View(name), View(value));
    }
    Result<std::string> message = UnpackGrpcMessage(ToString(message_), max_bytes_);
    message_.Clear();
    if (!message.ok()) {
      // Without a word on trying again: it will not fit the next time either.
      Refuse({static_cast<grpc::StatusCode>(message.status().code()),
              std::string(message.status().message())});
      return;
    }
    request.body = *std::move(message);
    request_bytes_ = request.body.size();
    Result<std::string> reply = (*method_)(request);
    if (!reply.ok()) {
      Refuse(ToGrpc(reply.status()));
      return;
    }
    Report({}, reply->size());
    const grpc::Slice slice(*reply);
    reply_ = grpc::ByteBuffer(&slice, 1);
    StartWriteAndFinish(&reply_, {}, grpc::Status());
  }

  void Refuse(const grpc::Status& status) {
    Report(status, 0);
    Finish(status);
  }

  void Report(const grpc::Status& status, size_t response_bytes) {
    const double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
    if (GetLogLevel() == LogLevel::kDebug) {
      LogDebug("gRPC", {{"method", context_.method()},
                        {"duration", FormatGoDuration(Nanoseconds(int64_t(seconds * 1e9)))},
                        {"status", HttpStatusOfGrpc(status.error_code())},
                        {"err", status.error_message()}});
    }
    if (!observer_) return;
    // Paths of others are what a client makes up.
    observer_({.route = method_ == nullptr ? "notfound" : std::string_view(context_.method()),
               .method = "gRPC",
               .status = HttpStatusOfGrpc(status.error_code()),
               .seconds = seconds,
               .request_bytes = request_bytes_,
               .response_bytes = response_bytes});
  }

  const GrpcMethod* const method_;
  const size_t max_bytes_;
  Executor& executor_;
  const RequestObserver& observer_;
  const std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  size_t request_bytes_ = 0;
  grpc::GenericCallbackServerContext& context_;
  grpc::ByteBuffer message_;
  grpc::ByteBuffer reply_;
};

int AsInt(uint64_t bytes) {
  return static_cast<int>(std::min<uint64_t>(bytes, std::numeric_limits<int>::max()));
}

// As the library counts time; what is past its reach is for ever.
int AsMilliseconds(std::chrono::nanoseconds time) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
  return static_cast<int>(std::clamp<int64_t>(ms, 0, std::numeric_limits<int>::max()));
}

void LimitConnections(const GrpcHostOptions& options, grpc::ServerBuilder& builder) {
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS,
                             AsMilliseconds(options.max_connection_idle));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS,
                             AsMilliseconds(options.max_connection_age));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS,
                             AsMilliseconds(options.max_connection_age_grace));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, AsMilliseconds(options.keepalive_time));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS,
                             AsMilliseconds(options.keepalive_timeout));
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                             AsMilliseconds(options.min_time_between_pings));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS,
                             options.ping_without_calls ? 1 : 0);
}

// The library's own messages go where ours go.
void LogOfLibrary(gpr_log_func_args* args) {
  if (args->severity == GPR_LOG_SEVERITY_ERROR) LogWarn("gRPC", {{"message", args->message}});
}

}  // namespace

struct GrpcHost::Rep final : public grpc::CallbackGenericService {
  Rep(const GrpcHostOptions& o, Executor& e, RequestObserver r)
      : options(o), executor(e), observer(std::move(r)) {}

  grpc::ServerGenericBidiReactor* CreateReactor(
      grpc::GenericCallbackServerContext* context) override {
    const auto method = methods.find(context->method());
    return new Call(method == methods.end() ? nullptr : &method->second, options.max_receive_bytes,
                    executor, observer, *context);
  }

  const GrpcHostOptions options;
  Executor& executor;
  const RequestObserver observer;
  StringMap<GrpcMethod> methods;
  int port = 0;
  std::shared_ptr<grpc::ServerCredentials> credentials;  // The server asks it for certificates.
  std::unique_ptr<grpc::Server> server;
};

GrpcHost::GrpcHost(const GrpcHostOptions& options, Executor& executor, RequestObserver observer)
    : rep_(std::make_unique<Rep>(options, executor, std::move(observer))) {}

GrpcHost::~GrpcHost() { Stop(std::chrono::nanoseconds(0)); }

void GrpcHost::Add(std::string path, GrpcMethod method) {
  rep_->methods.emplace(std::move(path), std::move(method));
}

Status GrpcHost::Start() {
  gpr_set_log_function(LogOfLibrary);
  const GrpcHostOptions& options = rep_->options;
  const std::string host = options.address.empty() ? "0.0.0.0" : options.address;
  const bool bare_v6 = host.find(':') != std::string::npos && host.front() != '[';
  const std::string address =
      (bare_v6 ? "[" + host + "]" : host) + ":" + std::to_string(options.port);
  SKALD_ASSIGN_OR_RETURN(rep_->credentials, MakeGrpcCredentials(options.tls));
  grpc::ServerBuilder builder;
  builder.AddListeningPort(address, rep_->credentials, &rep_->port);
  // Otherwise a second process could share the port, and get half of the calls.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, options.max_concurrent_calls);
  LimitConnections(options, builder);
  builder.AddChannelArgument(GRPC_ARG_ENABLE_PER_MESSAGE_DECOMPRESSION, 0);  // UnpackGrpcMessage.
  builder.SetMaxReceiveMessageSize(AsInt(options.max_receive_bytes));
  builder.SetMaxSendMessageSize(AsInt(options.max_send_bytes));
  builder.RegisterCallbackGenericService(rep_.get());
  rep_->server = builder.BuildAndStart();
  if (rep_->server == nullptr || rep_->port == 0) {
    rep_->server.reset();
    return Unavailable("cannot listen on " + address +
                       " for gRPC; set server.grpc_listen_port to a port that is free");
  }
  return {};
}

uint16_t GrpcHost::port() const { return static_cast<uint16_t>(rep_->port); }

void GrpcHost::Stop(std::chrono::nanoseconds grace) {
  if (rep_->server == nullptr) return;
  rep_->server->Shutdown(std::chrono::system_clock::now() +
                         std::chrono::duration_cast<std::chrono::system_clock::duration>(grace));
  rep_->server->Wait();
  rep_->server.reset();
}

}  // namespace skald::net
