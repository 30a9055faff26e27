// | json on any line: what it knows from lines before must not show, and of an object that is
// valid each label is the same whether all are needed or that one alone.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "parser_stage.h"

using skald::fuzz::CheckLabelsAlone;
using skald::fuzz::MayNameItsError;
using skald::fuzz::ParsedLine;
using skald::fuzz::ParserStage;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static auto& known = *new ParserStage("| json");
  static auto& paths =
      *new ParserStage("| json a, b=\"a.b\", c=\"[0]\", d=\"a[1].b\", e=\"[\\\"\\\"]\"");
  static auto& unpack = *new ParserStage("| unpack");
  const std::string line(data, data + size);
  const ParsedLine whole = known.Run(line);
  if (ParserStage("| json").Run(line) != whole) std::abort();
  const ParsedLine picked = paths.Run(line);
  const ParsedLine unpacked = unpack.Run(line);
  if (MayNameItsError(whole, line) || !nlohmann::json::accept(line)) return 0;
  const bool object = line[line.find_first_not_of(" \t\r\n")] == '{';
  if (whole.error == object || unpacked.error == object) std::abort();
  if (object && picked.error) std::abort();
  if (object) CheckLabelsAlone("| json", line, whole);
  return 0;
}
