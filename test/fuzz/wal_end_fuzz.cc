#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "ingester/wal_end.h"

// What is read of a log's end is what would be written for it.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using skald::ingester::DecodeWalEnd;
  const auto end = DecodeWalEnd({reinterpret_cast<const char*>(data), size});
  if (!end.ok()) return 0;
  const auto again = DecodeWalEnd(skald::ingester::EncodeWalEnd(*end));
  if (!again.ok() || again->segments != end->segments) std::abort();
  return 0;
}
