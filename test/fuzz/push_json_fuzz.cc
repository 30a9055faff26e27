// JSON pushes of both shapes: whatever the text, every view can be read, and label texts of the
// newer shape are either parsed or refused.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <numeric>
#include <string>
#include <string_view>

#include "model/labels.h"
#include "wire/push_json.h"

namespace {

// Reads all of it, so that a sanitizer sees views that do not hold.
size_t Touch(std::string_view text) { return std::accumulate(text.begin(), text.end(), size_t{0}); }

size_t Read(const skald::Result<skald::model::PushBatch>& batch) {
  if (!batch.ok()) return 0;
  size_t sum = 0;
  size_t entries = 0;
  for (const skald::model::PushStream& stream : batch->streams) {
    sum += Touch(stream.label_text);
    sum += skald::model::ParseLabels(stream.label_text).ok() ? 1 : 0;
    if (stream.entry_begin != entries) std::abort();
    entries += stream.entry_count;
  }
  if (entries != batch->entries.size()) std::abort();
  for (const skald::model::PushEntry& entry : batch->entries) {
    sum += Touch(entry.line);
    if (size_t{entry.metadata_begin} + entry.metadata_count > batch->metadata.size()) std::abort();
  }
  for (const skald::model::MetadataPair& pair : batch->metadata) {
    sum += Touch(pair.name) + Touch(pair.value);
  }
  return sum;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  volatile size_t sum = Read(skald::wire::DecodePushJson(text));
  sum = sum + Read(skald::wire::DecodeLegacyPushJson(text));
  return 0;
}
