#pragma once

#include <cstddef>
#include <vector>

#include "model/batch_source.h"

namespace skald::logql {

// What readers of one query ask of a source together.
struct SharedRead {
  model::ScanRequest request;
  std::vector<size_t> readers;  // Indices, ascending; one for who reads by itself.
};

// Puts together which of the requests are better read at once, ordered by the first reader of each.
// Two that read the same streams at times that meet are, if both need lines or neither does, as
// blocks of one are blocks of the other; and so is one that another covers, which reads nothing
// more for it. To read lines, or structured metadata, of blocks that only a reader without need of
// them wants would cost more than to read their times twice; so would to look for what one requires
// at times that only the other has. Requires: the requests are of one
// tenant and direction.
std::vector<SharedRead> JoinReads(const std::vector<model::ScanRequest>& requests);

}  // namespace skald::logql
