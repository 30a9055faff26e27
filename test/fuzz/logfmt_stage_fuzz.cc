// | logfmt on any line: what it knows from lines before must not show, flags agree where nothing is
// malformed, and each label is the same whether all are needed or that one alone.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "parser_stage.h"

using skald::fuzz::CheckLabelsAlone;
using skald::fuzz::MayNameItsError;
using skald::fuzz::ParsedLine;
using skald::fuzz::ParserStage;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static auto& known = *new ParserStage("| logfmt");
  static auto& strict = *new ParserStage("| logfmt --strict");
  static auto& keep_empty = *new ParserStage("| logfmt --keep-empty");
  static auto& listed = *new ParserStage("| logfmt --strict a, b=\"\\\"a.b\\\"\"");
  const std::string line(data, data + size);
  const ParsedLine whole = known.Run(line);
  if (ParserStage("| logfmt").Run(line) != whole) std::abort();
  if (MayNameItsError(whole, line)) return 0;
  if (whole.error) std::abort();
  CheckLabelsAlone("| logfmt", line, whole);
  const ParsedLine checked = strict.Run(line);
  if (!checked.error && checked != whole) std::abort();
  if (listed.Run(line).error != checked.error) std::abort();
  const ParsedLine all = keep_empty.Run(line);
  for (const skald::model::LabelView label : whole.labels) {
    if (!all.labels.Has(label.name)) std::abort();
  }
  return 0;
}
