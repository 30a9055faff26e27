#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "chunkstore/format/chunk_layout.h"
#include "chunkstore/format/line_filter.h"
#include "chunkstore/stored_pack.h"
#include "common/status.h"
#include "model/entry_block.h"

namespace skald::maintenance {

// Holds the blocks of chunks against their headers and their filters against their lines.
//
// Threads: one caller at a time.
class ChunkCheck {
 public:
  struct Options {
    // Lines of each block whose words the filters of block and pack are asked for, and values of
    // each name that the pack's is; 0: all.
    size_t sample_lines = 64;
  };
  struct Totals {
    uint64_t blocks = 0;
    uint64_t entries = 0;
    uint64_t words = 0;  // And values that filters of packs were asked for.
  };
  // Is told what is wrong, as in "block 3: column lines: crc mismatch".
  using OnFault = std::function<void(std::string what)>;

  explicit ChunkCheck(const Options& options) : options_(options) {}

  // `bytes` is all of a chunk, `entry` what its pack's directory says of it, `pack_filter` null if
  // the pack has none.
  void Check(std::string_view bytes, const chunkstore::PackEntry& entry,
             const chunkstore::WholePackFilter* pack_filter, const OnFault& on_fault);

  const Totals& totals() const { return totals_; }

 private:
  struct Filters {
    chunkstore::LineFilter of_block;  // Empty: denies nothing.
    const chunkstore::WholePackFilter* of_pack = nullptr;
  };
  // Of `count` rows or values each so many are looked at.
  size_t StepOver(size_t count) const;
  void CheckFilters(const Filters& filters, const model::Labels& stream,
                    const model::EntryBlock& block, const OnFault& on_fault);
  // Asks the filter of the pack for names and values of metadata.
  void CheckPackMetadata(const chunkstore::WholePackFilter& filter, const model::Labels& stream,
                         const model::EntryBlock& block, const OnFault& on_fault);
  // Asks the filter of the block's metadata for all that it answers for.
  static void CheckValues(const chunkstore::BlockHeader& header, std::string_view filter,
                          const model::EntryBlock& block, const OnFault& on_fault);

  const Options options_;
  Totals totals_;
};

}  // namespace skald::maintenance
