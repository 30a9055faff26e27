#pragma once

#include <string>
#include <vector>

#include "common/config_node.h"

namespace skald::api {

// `otlp_config` as clients are shown it: complete, with `index_labels` as the first rule for
// attributes of resources unless it ignores the defaults, and each rule with its action.
ConfigNode ViewOfOtlpConfig(const ConfigNode& config, const std::vector<std::string>& index_labels);

}  // namespace skald::api
