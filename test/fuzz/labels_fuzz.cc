// Label texts and encodings: what is accepted must come back.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "model/labels.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using skald::model::Labels;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  if (const auto labels = skald::model::ParseLabels(input); labels.ok()) {
    const auto again = skald::model::ParseLabels(labels->ToString());
    if (!again.ok() || *again != *labels) std::abort();
  }
  if (const auto labels = Labels::Decode(input); labels.ok()) {
    if (labels->encoded() != input) std::abort();
    labels->ToString();
    if (*labels < *labels || labels->Get("app").size() > size) std::abort();
  }
  return 0;
}
