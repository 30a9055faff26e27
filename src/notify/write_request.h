#pragma once

#include <span>
#include <string>

#include "notify/sample.h"

namespace skald::notify {

// The body of a remote write, version 1.0: a prometheus.WriteRequest, packed with snappy's block
// format. Samples of one series are joined, in the order in which they are given.
std::string EncodeWriteRequest(std::span<const Sample> samples);

}  // namespace skald::notify
