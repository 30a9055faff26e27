#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "chunkstore/format/chunk_writer.h"
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

// Puts chunks of many streams, of any tenants, into one object.
//
// Order:     (Add+ Finish)*; Finish begins anew.
// Ownership: borrows the chunks, which must outlive the pack that Finish returns.
// Threads:   not synchronised.
// Format:    FORMAT.md.
class PackWriter {
 public:
  PackWriter() = default;
  PackWriter(const PackWriter&) = delete;
  PackWriter& operator=(const PackWriter&) = delete;

  // Returns where the chunk stands.
  const PackEntry& Add(model::TenantId tenant, std::shared_ptr<const model::Labels> labels,
                       model::Fingerprint fingerprint, const FinishedChunk& chunk);

  bool empty() const { return entries_.empty(); }
  // Of the chunks so far.
  uint64_t bytes() const { return bytes_; }

  struct Pack {
    std::string head;
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
  std::vector<PackEntry> entries_;
  uint64_t bytes_ = 0;
};

// What a pack begins with.
inline constexpr size_t kPackHeadBytes = 8;
// kDataLoss unless `bytes` begin with it.
Status CheckPackHead(std::string_view bytes);

// The fixed part at a pack's end, which tells where the directory is.
inline constexpr size_t kPackFooterBytes = 40;

struct PackFooter {
  uint64_t directory_offset = 0;  // From the start of the pack.
  uint64_t directory_bytes = 0;   // Stored.
  uint64_t directory_raw_bytes = 0;
  uint32_t directory_crc32c = 0;
};

// From the last kPackFooterBytes of a pack of `pack_bytes`. kDataLoss for damage; kUnimplemented
// for a version from the future.
Result<PackFooter> DecodePackFooter(std::string_view footer, uint64_t pack_bytes);

// From the bytes that the footer names. kDataLoss for damage, and unless the chunks lie one after
// the other from the pack's head to its directory.
Result<std::vector<PackEntry>> DecodePackDirectory(const PackFooter& footer,
                                                   std::string_view directory);

// Both, of a pack that is wholly in memory; checks its head too.
Result<std::vector<PackEntry>> ReadPackDirectory(std::string_view pack);

}  // namespace skald::chunkstore
