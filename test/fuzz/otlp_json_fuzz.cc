// Exports of OpenTelemetry's logs as JSON: what they become is a message that can be read, or that
// is refused for its content, never for its form.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "wire/otlp_logs.h"
#include "wire/otlp_logs_json.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  auto message =
      skald::wire::OtlpLogsJsonToProto(std::string(reinterpret_cast<const char*>(data), size));
  if (!message.ok()) return 0;
  static const auto* mapping =
      new skald::wire::OtlpMapping(*skald::wire::OtlpMapping::Compile({}, {}));
  const auto batch = skald::wire::DecodeOtlpLogs(*std::move(message), *mapping, 1);
  if (!batch.ok() && batch.status().message().starts_with("proto: ")) std::abort();
  return 0;
}
