#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/hash.h"
#include "model/labels.h"
#include "model/push_batch.h"

namespace skald::wire {

// Sorts entries into streams by their labels: records of one stream may come from several resources
// and scopes, with others between them, while a batch holds a stream's entries in one run.
//
// Order:     (StreamOf | Add)* Finish.
// Ownership: borrows the batch.
// Threads:   not synchronised.
// Cost:      four bytes an entry; entries are moved once, and only if streams took turns.
class OtlpStreams {
 public:
  explicit OtlpStreams(model::PushBatch& batch) : batch_(batch) {}

  // The number of the stream with these labels, made if it is new. `service_name_discovered`: as in
  // PushStream.
  uint32_t StreamOf(model::Labels labels, bool service_name_discovered);

  // Appends an entry to the batch, as one of that stream.
  void Add(uint32_t stream, const model::PushEntry& entry) {
    batch_.entries.push_back(entry);
    stream_of_entry_.push_back(stream);
    ++batch_.streams[stream].entry_count;
  }

  // Puts the entries in the order of the streams, which is that of their first mention.
  void Finish();

 private:
  model::PushBatch& batch_;
  StringMap<uint32_t> streams_;  // By encoded labels.
  std::vector<uint32_t> stream_of_entry_;
};

}  // namespace skald::wire
