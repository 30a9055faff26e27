// Exports of OpenTelemetry's logs as protobuf: whatever the bytes, entries and metadata must be
// whole, and every text must be readable.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <numeric>
#include <string>
#include <string_view>

#include "common/config_node.h"
#include "wire/otlp_logs.h"

namespace {

const skald::wire::OtlpMapping& Mapping() {
  static const auto* mapping = new skald::wire::OtlpMapping(*skald::wire::OtlpMapping::Compile(
      *skald::ParseYaml(R"(
log_attributes:
  - {action: index_label, attributes: [a]}
  - {action: drop, regex: 'b.*'}
severity_text_as_label: true
)"),
      {.index_labels = {"service.name"}, .discover_service_name = {"service_name"}}));
  return *mapping;
}

// Reads every byte, so that a view of freed or foreign memory is found.
size_t Sum(std::string_view text) { return std::accumulate(text.begin(), text.end(), size_t{0}); }

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto batch = skald::wire::DecodeOtlpLogs(
      std::string(reinterpret_cast<const char*>(data), size), Mapping(), 1);
  if (!batch.ok()) return 0;
  size_t entries = 0;
  size_t sum = 0;
  for (const skald::model::PushStream& stream : batch->streams) {
    if (stream.labels == nullptr || stream.entry_count == 0) std::abort();
    if (stream.entry_begin != entries) std::abort();
    entries += stream.entry_count;
  }
  if (entries != batch->entries.size()) std::abort();
  for (const skald::model::PushEntry& entry : batch->entries) {
    sum += Sum(entry.line);
    if (size_t{entry.metadata_begin} + entry.metadata_count > batch->metadata.size()) std::abort();
  }
  for (const skald::model::MetadataPair& pair : batch->metadata) {
    sum += Sum(pair.name) + Sum(pair.value);
  }
  return sum == SIZE_MAX ? 1 : 0;
}
