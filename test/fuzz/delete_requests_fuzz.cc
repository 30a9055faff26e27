#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "common/bytes.h"
#include "common/hash.h"
#include "deletes/delete_request.h"
#include "deletes/request_file.h"

namespace skald::deletes {
namespace {

// What is read is written again, and must read back the same; its requests can be asked.
void Read(std::string_view bytes) {
  const auto list = DecodeRequestList(bytes);
  if (!list.ok()) return;
  const auto again = DecodeRequestList(EncodeRequestList(*list));
  if (!again.ok() || again->requests != list->requests || again->generations != list->generations) {
    std::abort();
  }
  for (const DeleteRequest& request : list->requests) {
    (void)StatusText(request);
    (void)WholeRange(request);
  }
}

}  // namespace
}  // namespace skald::deletes

// The input as a file, and as one whose checksum is right.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  skald::deletes::Read(input);
  std::string sealed(input);
  skald::PutFixed32(sealed, skald::Crc32c(sealed));
  skald::deletes::Read(sealed);
  return 0;
}
