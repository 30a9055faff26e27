#include "logql/stages/decolorize_stage.h"

#include <string>

namespace skald::logql {
namespace {

// ESC or the one-character CSI, intermediate bytes, and then either a text up to BEL (OSC) or
// parameters and a final byte (CSI).
constexpr std::string_view kSequence =
    "[\\x{1B}\\x{9B}][\\[\\]()#;?]*(?:"
    "(?:(?:[a-zA-Z\\d]*(?:;[a-zA-Z\\d]*)*)?\\x{07})|"
    "(?:(?:\\d{1,4}(?:;\\d{0,4})*)?[\\dA-PRZcf-ntqry=><~]))";

}  // namespace

DecolorizeStage::DecolorizeStage() {
  auto compiled = Regex::Compile(kSequence);
  SKALD_DCHECK(compiled.ok());
  sequence_ = *std::move(compiled);
}

void DecolorizeStage::Run(RowSlice& rows) {
  for (const uint16_t i : rows.active()) {
    const std::string_view line = rows.Line(i);
    if (line.find('\x1B') == std::string_view::npos &&
        line.find("\xC2\x9B") == std::string_view::npos) {
      continue;
    }
    rows.ReplaceLine(i, rows.arena().Copy(sequence_->ReplaceAll(line, "", true)));
  }
}

}  // namespace skald::logql
