#pragma once

#include "common/config_node.h"
#include "common/status.h"
#include "model/labels.h"

namespace skald::notify {

// Labels that all alerts of a server have, by which a reader tells them from those of others.

// Those of a map of names and texts, or of nothing. kInvalidArgument names the label that is wrong.
Result<model::Labels> ParseExternalLabels(const ConfigNode& map);

// `labels` with those of `external` that they lack.
model::Labels WithExternalLabels(const model::Labels& labels, const model::Labels& external);

}  // namespace skald::notify
