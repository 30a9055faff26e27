#pragma once

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace skald::test {

// A client of the library itself that sends and gets messages as bytes.
//
// Threads: any thread may call.
class GrpcCaller {
 public:
  using Metadata = std::vector<std::pair<std::string, std::string>>;
  struct Reply {
    grpc::Status status;
    std::string message;
  };

  explicit GrpcCaller(uint16_t port, const std::shared_ptr<grpc::ChannelCredentials>& credentials =
                                         grpc::InsecureChannelCredentials())
      : stub_(grpc::CreateChannel("127.0.0.1:" + std::to_string(port), credentials)) {}

  Reply Call(const std::string& path, const std::string& message, const Metadata& metadata = {},
             bool gzip = false) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    for (const auto& [name, value] : metadata) context.AddMetadata(name, value);
    if (gzip) context.set_compression_algorithm(GRPC_COMPRESS_GZIP);
    const grpc::Slice slice(message);
    const grpc::ByteBuffer request(&slice, 1);
    grpc::ByteBuffer response;
    std::promise<grpc::Status> done;
    stub_.UnaryCall(&context, path, grpc::StubOptions(), &request, &response,
                    [&done](grpc::Status status) { done.set_value(std::move(status)); });
    Reply reply{.status = done.get_future().get(), .message = {}};
    std::vector<grpc::Slice> slices;
    if (response.Valid() && response.Dump(&slices).ok()) {
      for (const grpc::Slice& part : slices) {
        reply.message.append(reinterpret_cast<const char*>(part.begin()), part.size());
      }
    }
    return reply;
  }

 private:
  grpc::GenericStub stub_;
};

}  // namespace skald::test
