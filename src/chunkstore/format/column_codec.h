#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/status.h"
#include "model/entry_block.h"

namespace skald::chunkstore {

// The columns of a block to bytes and back, before and after compression. Encoders append;
// decoders replace their output, return kDataLoss for bytes that no encoder made, and allocate
// no more than `count` elements plus what the bytes themselves hold. Drawn in FORMAT.md.
//
// Threads: pure functions.

// Requires: `times` ascending, not empty.
void EncodeTimes(std::span<const int64_t> times, std::string& out);
Status DecodeTimes(std::string_view bytes, size_t count, std::vector<int64_t>& times);

// Requires: `seqs` not empty. Consecutive numbers take nine bytes in all.
void EncodeSeqs(std::span<const uint64_t> seqs, std::string& out);
Status DecodeSeqs(std::string_view bytes, size_t count, std::vector<uint64_t>& seqs);

// `offsets` are those of a TextColumn, or a part of them: one more than there are rows. Lines of a
// stream are about as long as each other: in most blocks each length takes a byte.
void EncodeLengths(std::span<const uint32_t> offsets, std::string& out);
Status DecodeLengths(std::string_view bytes, size_t count, std::vector<uint32_t>& offsets);
// The same as varints: of the values of metadata, and of lines in chunks before version 4.
void EncodeVarintLengths(std::span<const uint32_t> offsets, std::string& out);
Status DecodeVarintLengths(std::string_view bytes, size_t count, std::vector<uint32_t>& offsets);

// Rows [begin, end) of `column` with the values that occur in them. The name is stored elsewhere.
void EncodeMetadata(const model::MetadataColumn& column, size_t begin, size_t end,
                    std::string& out);
Status DecodeMetadata(std::string_view bytes, size_t count, model::MetadataColumn& column);

}  // namespace skald::chunkstore
