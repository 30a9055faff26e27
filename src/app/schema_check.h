#pragma once

#include "common/config_node.h"
#include "common/status.h"

namespace skald::app {

// Whether `schema_config.configs` is one that Loki would read. None of it has a meaning here, but a
// mistake in it is one that whoever goes back to Loki would find too late. kInvalidArgument.
Status CheckSchemas(const ConfigNode& configs);

}  // namespace skald::app
