#pragma once

#include "ingester/stream.h"
#include "model/ids.h"
#include "rpc/ingester_client.h"

namespace skald::ingester {

// Adds what a stream has in `range` to `stats`, nothing if it has nothing there. Lines are not
// read; where a compressed part lies in the range in part, its share is estimated.
void AddStats(const Stream& stream, model::TimeRange range, rpc::StreamStats& stats);

}  // namespace skald::ingester
