#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "loadgen/log_lines.h"

namespace skald::loadgen {

// What is generated. The same options give the same payloads, whatever the number of connections.
struct LoadOptions {
  uint64_t seed = 1;
  uint64_t bytes = 1'000'000'000;  // Line bytes in all.
  uint32_t streams = 200;
  uint32_t apps = 20;               // Streams are spread over them; an app has one kind of logs.
  uint32_t lines_per_stream = 100;  // In one payload.
  uint32_t streams_per_payload = 50;
  int64_t start_ns = 0;                 // Time of the first lines.
  int64_t span_ns = 3'600'000'000'000;  // From the first line to the last.
  // One line of so many has a trace_id as structured metadata: 32 hex digits of its own; 0: none.
  uint32_t lines_per_trace_id = 0;
};

// Lines of one stream, in the order of their times.
struct StreamLines {
  std::string labels;  // As a selector: `{app="app-3", ...}`.
  std::vector<int64_t> times_ns;
  std::vector<std::string> lines;
};

// A body for POST /loki/api/v1/push (protobuf in raw snappy) and what it holds.
struct Payload {
  std::string body;
  uint64_t lines = 0;
  uint64_t line_bytes = 0;
};

// Makes the payloads of one group of streams, one after the other. Groups are disjoint, so each
// may be made on a thread of its own.
//
// Order:   Next until it returns false.
// Threads: not synchronised.
class PayloadMaker {
 public:
  // Requires: group < Groups(options).
  PayloadMaker(const LoadOptions& options, uint32_t group);

  static uint32_t Groups(const LoadOptions& options);

  // Replaces `payload`; false when the group's share of the bytes is used up.
  bool Next(Payload& payload);
  // What Next would send, as lines: appended to `streams`, which has one element for each stream
  // of the group, and is filled so if it is empty. False as Next.
  bool NextLines(std::vector<StreamLines>& streams);

 private:
  struct Stream {
    std::string labels;
    LineMaker lines;
    Random trace_ids;  // Of its own: lines are the same with and without.
  };

  // Time of the next payload's first lines.
  int64_t BeginNs() const;
  void AppendStream(Stream& stream, int64_t begin_ns, Payload& payload, std::string& message);

  const LoadOptions options_;
  std::vector<Stream> streams_;
  uint64_t share_bytes_ = 0;  // Of this group.
  uint64_t made_bytes_ = 0;
  std::string line_;
  std::string entry_;
  std::string trace_id_;
  std::string stream_message_;
};

}  // namespace skald::loadgen
