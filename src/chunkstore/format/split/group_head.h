#pragma once

#include <cstddef>
#include <cstdint>

#include "chunkstore/format/split/split_stream.h"
#include "common/status.h"

namespace skald::chunkstore {

// How many shapes a group (text_group.h) has; those texts that have none are one more.
//
// Threads: pure functions.
struct GroupHead {
  uint64_t named = 0;
  bool has_texts = false;

  uint64_t shapes() const { return named + (has_texts ? 1 : 0); }
};

// Reads what is in front of the shapes, passing over which row has which.
Result<GroupHead> ReadGroupHead(SplitReader& in);

// Columns of the next shape, the one of that number, whose text is read.
Result<size_t> ReadColumnCount(const GroupHead& head, uint64_t number, SplitReader& in);

}  // namespace skald::chunkstore
