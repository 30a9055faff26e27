#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "model/labels.h"

namespace skald::model {

// One name/value pair of structured metadata.
using MetadataPair = LabelView;

struct PushEntry {
  int64_t time_ns = 0;
  std::string_view line;
  uint32_t metadata_begin = 0;  // Into PushBatch::metadata.
  uint32_t metadata_count = 0;
};

// A stream's share of a push: entries [entry_begin, entry_begin + entry_count) of the batch.
struct PushStream {
  std::string_view label_text;  // As the client sent it; empty when it sent pairs.
  // Set by the decoder of JSON pushes, else by the distributor. Shared with its label cache.
  std::shared_ptr<const Labels> labels;
  Fingerprint fingerprint;  // Of *labels; set by the distributor.
  // The ingestion policy whose limits the stream is held to; empty where they are the tenant's.
  std::string_view policy;
  // The decoder made up the label service_name out of others.
  bool service_name_discovered = false;
  uint32_t entry_begin = 0;
  uint32_t entry_count = 0;
};

// What a push carries, as flat arrays of views into `buffers`: no allocation an entry.
//
// Ownership: owns the bytes through `buffers` (a deque: growing it moves no string's characters),
//            so moving the batch keeps its views valid; copying is not allowed.
// Threads:   not synchronised.
struct PushBatch {
  PushBatch() = default;
  PushBatch(PushBatch&&) = default;
  PushBatch& operator=(PushBatch&&) = default;
  PushBatch(const PushBatch&) = delete;
  PushBatch& operator=(const PushBatch&) = delete;

  std::deque<std::string> buffers;
  // What buffers.front() was unpacked from, a block of Codec::kSnappy; empty if it was not. A log
  // may keep it in place of the texts.
  std::string packed;
  std::vector<PushStream> streams;
  std::vector<PushEntry> entries;
  std::vector<MetadataPair> metadata;
};

}  // namespace skald::model
