#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/status.h"
#include "model/labels.h"

namespace skald::test {

// Reads a line of a script: words, strings and label sets, one after the other, blanks between.
//
// Ownership: borrows the text.
// Threads:   not synchronised.
class ScriptReader {
 public:
  using Pairs = std::vector<std::pair<std::string, std::string>>;

  explicit ScriptReader(std::string_view text) : rest_(text) {}

  bool AtEnd() { return rest().empty(); }
  // The byte ahead; 0 at the end.
  char Peek() { return AtEnd() ? '\0' : rest_[0]; }
  bool AtString() { return Peek() == '"' || Peek() == '`'; }
  std::string_view rest();

  // The word ahead, which may be empty.
  std::string_view PeekWord();
  std::string_view Word();
  // Reads the word if it is this one.
  bool Take(std::string_view word);

  // In double quotes with Go's escapes, or raw in back-quotes.
  Result<std::string> String();
  // A duration as Go writes it: 10s, -1m30s.
  Result<int64_t> Time();
  Result<double> Number();
  // {name="value", ...}; empty values stay.
  Result<model::Labels> LabelSet();
  // name="value" name="value" ... as far as they go.
  Result<Pairs> NamedStrings();

  // kInvalidArgument `expected ... at: <rest>`.
  Status Refuse(std::string_view expected);

 private:
  bool TakeByte(char c);
  Status ReadPair(Pairs& pairs);

  std::string_view rest_;
};

model::Labels MakeLabels(const ScriptReader::Pairs& pairs);

}  // namespace skald::test
