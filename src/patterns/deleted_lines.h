#pragma once

#include <string_view>

#include "model/ids.h"
#include "model/labels.h"

namespace skald::patterns {

// Lines of one tenant that are deleted, as far as their patterns can tell.
//
// Threads: immutable; any thread may call.
class DeletedLines {
 public:
  virtual ~DeletedLines() = default;

  // When they were logged.
  virtual model::TimeRange range() const = 0;
  // Whether lines of the stream may be among them.
  virtual bool HasStream(const model::Labels& stream) const = 0;
  // Whether lines of such a stream that `pattern` was made of may be. True if nobody can tell.
  virtual bool MayHave(const model::Labels& stream, std::string_view level,
                       std::string_view pattern) const = 0;
};

}  // namespace skald::patterns
