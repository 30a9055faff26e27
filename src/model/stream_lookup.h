#pragma once

#include "common/executor.h"
#include "model/ids.h"
#include "model/matcher.h"

namespace skald::model {

// The streams that a question is about which reads no entries: their labels, their sizes.
//
// Threads: a value; the token may be cancelled by any thread.
struct StreamLookup {
  TenantId tenant;
  Matchers matchers = {};              // All must hold; none: every stream.
  TimeRange range = TimeRange::All();  // In which they have entries.
  // The answer is its error soon after it is cancelled, whatever is left to look at.
  CancelToken cancel = CancelToken();
};

}  // namespace skald::model
