// Protobuf pushes: whatever the bytes, views must lie in the batch's own buffer.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "wire/push_proto.h"

namespace {

void Check(std::string_view buffer, std::string_view view) {
  if (view.empty()) return;
  const bool inside =
      view.data() >= buffer.data() && view.data() + view.size() <= buffer.data() + buffer.size();
  if (!inside) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto batch =
      skald::wire::DecodePushProto(std::string(reinterpret_cast<const char*>(data), size));
  if (!batch.ok()) return 0;
  const std::string_view buffer = batch->buffers.front();
  size_t entries = 0;
  for (const skald::model::PushStream& stream : batch->streams) {
    Check(buffer, stream.label_text);
    if (stream.entry_begin != entries) std::abort();
    entries += stream.entry_count;
  }
  if (entries != batch->entries.size()) std::abort();
  for (const skald::model::PushEntry& entry : batch->entries) {
    Check(buffer, entry.line);
    if (size_t{entry.metadata_begin} + entry.metadata_count > batch->metadata.size()) std::abort();
  }
  for (const skald::model::MetadataPair& pair : batch->metadata) {
    Check(buffer, pair.name);
    Check(buffer, pair.value);
  }
  return 0;
}
