#include "logql/parse_error.h"

#include <string>

namespace skald::logql {

Status ParseError(std::string_view message) { return ParseErrorAt(0, 0, message); }

Status ParseErrorAt(int line, int column, std::string_view message) {
  std::string text = "parse error ";
  if (line == 0 && column == 0) {
    text += ": ";
  } else {
    text += "at line " + std::to_string(line) + ", col " + std::to_string(column) + ": ";
  }
  text += message;
  return InvalidArgument(std::move(text));
}

}  // namespace skald::logql
