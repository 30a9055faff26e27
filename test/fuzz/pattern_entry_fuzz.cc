// Any line as a pattern's entry: what is read can be written, and reads as the same again.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "patterns/pattern_entry.h"

using skald::patterns::FormatPatternEntry;
using skald::patterns::ParsePatternEntry;
using skald::patterns::PatternEntry;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  PatternEntry entry;
  if (!ParsePatternEntry(std::string_view(reinterpret_cast<const char*>(data), size), entry)) {
    return 0;
  }
  PatternEntry again;
  if (!ParsePatternEntry(FormatPatternEntry(entry), again)) std::abort();
  if (again.samples != entry.samples || again.origin != entry.origin ||
      again.pattern != entry.pattern || again.level != entry.level) {
    std::abort();
  }
  skald::model::Labels labels;
  skald::patterns::ParseFields(entry.labels, labels);
  return 0;
}
