#pragma once

#include "model/batch_source.h"

namespace skald::logql {

// Makes `request` one for all that it or `other` wants: times, columns, and of what entries must
// hold only what follows for the entries of both. Requires: they are of one tenant, with the same
// matchers and direction.
void WidenRequest(const model::ScanRequest& other, model::ScanRequest& request);

// Whether who reads `request` as it is reads all that `other` wants as well: its streams, times and
// columns, and no entry of it is ruled out. Requires: they are of one tenant and direction.
bool Covers(const model::ScanRequest& request, const model::ScanRequest& other);

// The matchers of `other` that `request` lacks: of the streams that are read for `request`, those
// that match these are of `other`. Requires: Covers(request, other).
model::Matchers NarrowingMatchers(const model::ScanRequest& request,
                                  const model::ScanRequest& other);

}  // namespace skald::logql
