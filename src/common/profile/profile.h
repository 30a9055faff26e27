#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/profile/code_map.h"

namespace skald {

// What a program spent, by call stack: processor time, or memory.
//
// Threads: a value.
struct Profile {
  struct ValueType {
    std::string_view type;
    std::string_view unit;
  };
  struct Sample {
    // The place itself, then the places that its callers return to, from the inside out.
    std::vector<uintptr_t> stack;
    std::vector<int64_t> values;  // One for each of value_types.
  };

  std::vector<ValueType> value_types;
  std::vector<Sample> samples;
  ValueType period_type;
  int64_t period = 0;  // Between two samples, in period_type's unit.
  int64_t time_ns = 0;
  int64_t duration_ns = 0;
};

// The profile as `go tool pprof` and Pyroscope read it: gzip'd profile.proto with names of
// functions. A stack ends where it leads out of `code`.
// Format: github.com/google/pprof/blob/main/proto/profile.proto
std::string EncodeProfile(const Profile& profile, const CodeMap& code);

}  // namespace skald
