#pragma once

#include <cstddef>

#include "common/executor.h"
#include "model/ids.h"
#include "model/matcher.h"

namespace skald::model {

// Streams that are looked at between two looks at whether the answer is still wanted.
inline constexpr size_t kStreamsPerCheck = 4096;

// The streams that a question is about which reads no entries: their labels, their sizes.
//
// Threads: a value; the token may be cancelled by any thread.
struct StreamLookup {
  TenantId tenant;
  Matchers matchers = {};              // All must hold; none: every stream.
  TimeRange range = TimeRange::All();  // In which they have entries.
  // The answer is its error soon after it is cancelled, whatever is left to look at.
  CancelToken cancel = CancelToken();
  Executor* workers = nullptr;  // Its threads help to unite long lists, if there are any.
};

}  // namespace skald::model
