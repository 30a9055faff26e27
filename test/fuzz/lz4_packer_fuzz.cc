// Lines packed for a block: they must come back, and what is told to be a copy must have been seen
// before. The first byte says how often the rest is there, so that there is something to copy, also
// from further back than copies reach.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "chunkstore/format/lz4_packer.h"
#include "common/compress.h"

namespace skald::chunkstore {
namespace {

// Bytes of which the last is told to be a copy.
constexpr size_t kCopied = Lz4Packer::kBefore + 1;

void CheckCopied(std::string_view text, const std::vector<uint64_t>& copied) {
  std::set<std::string_view> seen;
  for (size_t i = 0; i < copied.size() * 64; ++i) {
    const bool told = (copied[i / 64] >> i % 64 & 1) != 0;
    if (i + 1 < kCopied || i >= text.size()) {
      if (told) __builtin_trap();
      continue;
    }
    const std::string_view bytes = text.substr(i + 1 - kCopied, kCopied);
    const bool is_new = seen.insert(bytes).second;
    if (told && is_new) __builtin_trap();
  }
}

void RoundTrip(std::string_view text) {
  // Used again and again, as by a sealer: what it remembers of a text must not show in the next.
  static Lz4Packer packer;
  std::vector<uint64_t> copied;
  const std::string packed(packer.Pack(text, copied));
  std::string unpacked;
  const Status status =
      Decompress(Codec::kLz4, packed, std::max<size_t>(text.size(), 1), unpacked, text.size());
  if (!status.ok() || unpacked != text) __builtin_trap();
  CheckCopied(text, copied);
}

}  // namespace
}  // namespace skald::chunkstore

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view lines(reinterpret_cast<const char*>(data) + 1, size - 1);
  std::string text;
  for (int copies = 1 + data[0] % 4; copies > 0; --copies) text += lines;
  skald::chunkstore::RoundTrip(text);
  return 0;
}
