// Packs as a reader meets them: the input as a whole pack, and as a directory that a sound footer
// names.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "chunkstore/format/pack.h"
#include "common/compress.h"
#include "common/hash.h"

namespace skald::chunkstore {
namespace {

void ReadDirectoryOf(std::string_view raw) {
  std::string stored;
  Compress(Codec::kZstd, raw, stored, 1);
  const PackFooter footer = {.directory_offset = 1000,
                             .directory_bytes = stored.size(),
                             .directory_raw_bytes = raw.size(),
                             .directory_crc32c = Crc32c(stored)};
  const auto entries = DecodePackDirectory(footer, stored);
  if (!entries.ok()) return;
  for (const PackEntry& entry : *entries) {
    if (entry.offset + entry.bytes > footer.directory_offset) __builtin_trap();
    if (entry.head_bytes > entry.bytes) __builtin_trap();
  }
}

}  // namespace
}  // namespace skald::chunkstore

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  (void)skald::chunkstore::ReadPackDirectory(bytes);
  skald::chunkstore::ReadDirectoryOf(bytes);
  return 0;
}
