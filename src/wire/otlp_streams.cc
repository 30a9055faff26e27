#include "wire/otlp_streams.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace skald::wire {

uint32_t OtlpStreams::StreamOf(model::Labels labels, bool service_name_discovered) {
  const auto next = static_cast<uint32_t>(batch_.streams.size());
  const auto [known, is_new] = streams_.try_emplace(labels.encoded(), next);
  if (!is_new) return known->second;
  model::PushStream& stream = batch_.streams.emplace_back();
  stream.labels = std::make_shared<const model::Labels>(std::move(labels));
  stream.service_name_discovered = service_name_discovered;
  return next;
}

void OtlpStreams::Finish() {
  std::vector<uint32_t> next;  // Where the next entry of each stream goes.
  uint32_t begin = 0;
  for (model::PushStream& stream : batch_.streams) {
    stream.entry_begin = begin;
    next.push_back(begin);
    begin += stream.entry_count;
  }
  if (std::is_sorted(stream_of_entry_.begin(), stream_of_entry_.end())) return;
  std::vector<model::PushEntry> sorted(batch_.entries.size());
  for (size_t i = 0; i < stream_of_entry_.size(); ++i) {
    sorted[next[stream_of_entry_[i]]++] = batch_.entries[i];
  }
  batch_.entries = std::move(sorted);
}

}  // namespace skald::wire
