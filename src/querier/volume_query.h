#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/clock.h"
#include "common/limits.h"
#include "common/status.h"
#include "model/matcher.h"
#include "model/sample.h"
#include "querier/metadata_request.h"
#include "querier/stream_source.h"

namespace skald::querier {

// How many bytes do streams have, and of which labels?
struct VolumeQuestion {
  model::Matchers matchers;  // Empty: all streams.
  // Labels to tell series apart by; streams without one of them do not count unless the matchers
  // name it. Without any: those that the matchers name, or all of a stream's if there are none.
  std::vector<std::string> target_labels;
  // One series for each label name, with all that streams with the label have.
  bool by_label_name = false;
  size_t limit = 100;  // Series, those with the most bytes.
  // Of buckets, which begin at its multiples; 0: one over all the time.
  int64_t step_ns = 0;
};

// Answers how much there is, without reading what is stored: from the index and from the lengths
// of lines in memory.
//
// Ownership: borrows what it is given.
// Threads:   any thread may call.
class VolumeQuery {
 public:
  VolumeQuery(StreamSource& source, const LimitsSource& limits, const Clock& clock)
      : source_(source), limits_(limits), clock_(clock) {}

  // kNotFound `not found` unless all tenants have volume_enabled.
  Status CheckEnabled(const MetadataRequest& request) const;

  // The series with the most bytes first; points at the ends of buckets, only where there may be
  // entries. kResourceExhausted with the text for the client, for a limit.
  Result<std::vector<model::Series>> Volumes(const MetadataRequest& request,
                                             const VolumeQuestion& question) const;

 private:
  StreamSource& source_;
  const LimitsSource& limits_;
  const Clock& clock_;
};

}  // namespace skald::querier
