// The search for levels in lines: the scan for words and the walks over JSON and logfmt must stay
// within the line, whatever it holds.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "distributor/field_detection.h"
#include "distributor/line_fields.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const auto& detector =
      *new skald::distributor::LevelDetector({"level", "LEVEL", "log.level", "lvl"}, 2);
  const std::vector<char> line(data, data + size);
  const std::string_view text(line.data(), line.size());
  if (detector.Detect(std::nullopt, {}, text).empty()) std::abort();
  for (const std::string_view value : {skald::distributor::FindJsonPath(text, "a.b"),
                                       skald::distributor::FindLogfmtKey(text, "level")}) {
    if (value.empty()) continue;
    const bool inside =
        value.data() >= text.data() && value.data() + value.size() <= text.data() + text.size();
    if (!inside) std::abort();
  }
  return 0;
}
