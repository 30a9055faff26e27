#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "common/bytes.h"
#include "common/hash.h"
#include "ingester/wal_end.h"

namespace skald::ingester {
namespace {

// What is read of a log's end reads back the same once it is written again.
void Read(std::string_view bytes) {
  const auto end = DecodeWalEnd(bytes);
  if (!end.ok()) return;
  const auto again = DecodeWalEnd(EncodeWalEnd(*end));
  if (!again.ok() || again->segments != end->segments) std::abort();
}

}  // namespace
}  // namespace skald::ingester

// The input as a file, and with its checksum put right: in place of its last four bytes.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  skald::ingester::Read(input);
  std::string sealed(input.substr(0, size < 4 ? 0 : size - 4));
  skald::PutFixed32(sealed, skald::Crc32c(sealed));
  skald::ingester::Read(sealed);
  return 0;
}
