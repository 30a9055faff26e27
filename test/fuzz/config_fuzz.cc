// Configuration files: what is read and printed must read back as the same.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "common/config.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto node = skald::ParseYaml(input);
  if (!node.ok()) return 0;
  const std::string printed = skald::PrintYaml(*node);
  const auto again = skald::ParseYaml(printed);
  if (!again.ok() || skald::PrintYaml(*again) != printed) std::abort();
  return 0;
}
