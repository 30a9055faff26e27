#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace skald::chunkstore {

// Tells which bytes of a text an lz4 block copies from earlier in that text: what is in a copy has
// been seen before, so whoever collects things from the text need not look again. Sets bit i % 64
// of copied[i / 64] if byte i and the `before` bytes in front of it belong to one copy, and clears
// all others of the text's `raw_bytes`.
//
// Requires: `block` is what Compress(Codec::kLz4) made. Unlike bytes from disk it is not checked.
void FindLz4Copies(const std::string& block, size_t raw_bytes, size_t before,
                   std::vector<uint64_t>& copied);

}  // namespace skald::chunkstore
