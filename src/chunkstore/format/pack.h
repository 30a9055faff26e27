#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "chunkstore/format/chunk_writer.h"
#include "chunkstore/format/pack_filter.h"
#include "common/status.h"
#include "model/ids.h"
#include "model/labels.h"

namespace skald::chunkstore {

// A chunk's line in the directory of its pack: enough to make the label index anew.
struct PackEntry {
  model::TenantId tenant;
  std::shared_ptr<const model::Labels> labels;
  model::Fingerprint fingerprint;
  uint64_t offset = 0;  // From the start of the pack.
  uint64_t bytes = 0;
  uint32_t head_bytes = 0;  // Of the chunk's prologue and block table.
  ChunkSummary summary;
};

// Puts chunks of many streams, of any tenants, into one object, with a filter of all their lines
// in front if that may rule out anything.
//
// Order:     (CarryFilter? Add+ Finish)*; Finish begins anew.
// Ownership: borrows the chunks, which must outlive the pack that Finish returns.
// Threads:   not synchronised.
// Format:    FORMAT.md.
class PackWriter {
 public:
  PackWriter() = default;
  PackWriter(const PackWriter&) = delete;
  PackWriter& operator=(const PackWriter&) = delete;

  // As PackFilterBuilder::Carry.
  Status CarryFilter(std::string_view head, std::string_view regions) {
    return filter_.Carry(head, regions);
  }
  void Add(model::TenantId tenant, std::shared_ptr<const model::Labels> labels,
           model::Fingerprint fingerprint, const FinishedChunk& chunk);

  bool empty() const { return entries_.empty(); }
  // Of the chunks so far.
  uint64_t bytes() const { return bytes_; }

  struct Pack {
    std::string head;  // With the filter.
    std::vector<std::string_view> chunk_parts;
    std::string tail;  // Directory and footer.
    std::vector<PackEntry> entries;

    // All of it, as views that live as long as the pack.
    std::vector<std::string_view> Parts() const;
    std::string Bytes() const;
  };
  // Requires: !empty().
  Pack Finish();

 private:
  std::vector<std::string_view> chunk_parts_;
  std::vector<PackEntry> entries_;  // Their offsets count from the first chunk.
  PackFilterBuilder filter_;
  uint64_t bytes_ = 0;
  uint64_t data_bytes_ = 0;  // Of their columns.
};

// What tells a pack's version and where its filter is: bytes at its begin. No pack is shorter.
inline constexpr size_t kPackHeadBytes = 20;

struct PackHead {
  uint32_t version = 1;
  uint64_t chunks_offset = 0;  // From the start of the pack, as the others.
  uint64_t filter_offset = 0;
  uint64_t filter_bytes = 0;  // 0: the pack has none.
  uint64_t regions_offset = 0;
};

// From the first kPackHeadBytes of a pack. kDataLoss for damage, or what is no pack.
Result<PackHead> DecodePackHead(std::string_view bytes);

// The fixed part at a pack's end, which tells where the directory is.
inline constexpr size_t kPackFooterBytes = 40;

struct PackFooter {
  uint64_t directory_offset = 0;  // From the start of the pack.
  uint64_t directory_bytes = 0;   // Stored.
  uint64_t directory_raw_bytes = 0;
  uint32_t directory_crc32c = 0;
  uint32_t version = 1;
};

// From the last kPackFooterBytes of a pack of `pack_bytes`. kDataLoss for damage; kUnimplemented
// for a version from the future.
Result<PackFooter> DecodePackFooter(std::string_view footer, uint64_t pack_bytes);

// Whether these are the bytes of the directory that the footer is of. kDataLoss if not.
Status CheckPackDirectory(const PackFooter& footer, std::string_view directory);

// From the bytes that the footer names. kDataLoss for damage, and unless the chunks lie one after
// the other up to the directory.
Result<std::vector<PackEntry>> DecodePackDirectory(const PackFooter& footer,
                                                   std::string_view directory);

// Both, of a pack that is wholly in memory; checks its head and the head of its filter too.
Result<std::vector<PackEntry>> ReadPackDirectory(std::string_view pack);

}  // namespace skald::chunkstore
