#pragma once

#include "model/batch_source.h"

namespace skald::logql {

// Makes `request` one for all that it or `other` wants: times, columns, and of what entries must
// hold only what follows for the entries of both. Requires: they are of one tenant, with the same
// matchers and direction.
void WidenRequest(const model::ScanRequest& other, model::ScanRequest& request);

}  // namespace skald::logql
