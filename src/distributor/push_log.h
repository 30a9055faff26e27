#pragma once

#include <cstdint>
#include <string_view>

#include "distributor/push_job.h"
#include "model/push_batch.h"

namespace skald::distributor {

// The client of a push that came through proxies, by its X-Forwarded-For; empty if that is.
std::string_view ClientAddress(std::string_view forwarded_for);

// Logs what operational_config wants to see of a push as it was sent, good or not: one line at
// level debug, and more for its streams and attributes.
void LogPush(const PushJob& job, const model::PushBatch& sent, int64_t now_ns);

}  // namespace skald::distributor
