#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/limits.h"
#include "model/labels.h"
#include "patterns/pattern_series.h"
#include "patterns/unwritten_counts.h"

namespace skald::patterns {

// How often a pattern of a stream occurred, as a line of a stream {__pattern__="<service_name>"}
// tells it:
//
//   ts=1700000040000000000 count=15 step=10 samples=0:12,10:3 written_as=17c9-4-2
//   detected_level=info detected_pattern="user <_> logged in" app=a service_name=svc
//
// in logfmt, so that LogQL can sum up `count`. Samples are of `step` seconds each, from so many
// seconds after `ts` on; the stream's labels come last.
//
// Threads: a value.
struct PatternEntry {
  int64_t seconds = 0;  // Since the epoch: no sample is earlier.
  int64_t step_seconds = 0;
  std::vector<PatternSample> samples;
  CountOrigin origin;
  std::string level;
  std::string pattern;
  std::string labels;  // As text, which ParseFields reads.
};

// No entry tells of more: memory has not.
inline constexpr int64_t kMaxEntrySeconds = int64_t{24} * 3600;

// For how long the lines of a pattern are written as one sample: whole steps of the counts in
// memory, at most kMaxEntrySeconds.
int64_t StepSeconds(const Limits& limits);
// What an entry tells of begins with its time and is no longer.
int64_t EntrySeconds(const Limits& limits);

std::string FormatPatternEntry(const PatternEntry& entry);
// The stream's labels as PatternEntry has them.
std::string FieldsOf(const model::Labels& labels);

// False if the line is no such entry; `entry` is overwritten in any case.
bool ParsePatternEntry(std::string_view line, PatternEntry& entry);
// What FieldsOf made; false if it did not.
bool ParseFields(std::string_view text, model::Labels& labels);

}  // namespace skald::patterns
