#include "logql/script_reader.h"

#include <cstdlib>

#include "common/duration.h"
#include "common/unquote.h"

namespace skald::test {
namespace {

bool IsBlank(char c) { return c == ' ' || c == '\t'; }
bool IsWordByte(char c) { return !IsBlank(c) && c != '{' && c != '}' && c != ',' && c != '='; }

}  // namespace

std::string_view ScriptReader::rest() {
  while (!rest_.empty() && IsBlank(rest_[0])) rest_.remove_prefix(1);
  return rest_;
}

std::string_view ScriptReader::PeekWord() {
  const std::string_view text = rest();
  size_t length = 0;
  while (length < text.size() && IsWordByte(text[length])) ++length;
  return text.substr(0, length);
}

std::string_view ScriptReader::Word() {
  const std::string_view word = PeekWord();
  rest_.remove_prefix(word.size());
  return word;
}

bool ScriptReader::Take(std::string_view word) {
  if (PeekWord() != word) return false;
  Word();
  return true;
}

bool ScriptReader::TakeByte(char c) {
  if (Peek() != c) return false;
  rest_.remove_prefix(1);
  return true;
}

Result<std::string> ScriptReader::String() {
  if (!AtString()) return Refuse("a string");
  size_t end = 1;
  while (end < rest_.size() && rest_[end] != rest_[0]) {
    end += rest_[0] == '"' && rest_[end] == '\\' ? 2 : 1;
  }
  const std::string_view literal = rest_.substr(0, end + 1);
  rest_.remove_prefix(literal.size());
  return GoUnquote(literal);
}

Result<int64_t> ScriptReader::Time() {
  SKALD_ASSIGN_OR_RETURN(const Nanoseconds time, ParseGoDuration(Word()));
  return int64_t{time.count()};
}

Result<double> ScriptReader::Number() {
  const std::string word(Word());
  char* end = nullptr;
  const double number = std::strtod(word.c_str(), &end);
  if (word.empty() || *end != '\0') return Refuse("a number instead of " + word);
  return number;
}

Result<model::Labels> ScriptReader::LabelSet() {
  Pairs pairs;
  if (!TakeByte('{')) return Refuse("a label set");
  while (!TakeByte('}')) {
    if (!pairs.empty() && !TakeByte(',')) return Refuse("a comma");
    SKALD_RETURN_IF_ERROR(ReadPair(pairs));
  }
  return MakeLabels(pairs);
}

Result<ScriptReader::Pairs> ScriptReader::NamedStrings() {
  Pairs pairs;
  for (;;) {
    const size_t name = PeekWord().size();
    if (name == 0 || name == rest_.size() || rest_[name] != '=') return pairs;
    SKALD_RETURN_IF_ERROR(ReadPair(pairs));
  }
}

Status ScriptReader::ReadPair(Pairs& pairs) {
  std::string name(Word());
  if (name.empty() || !TakeByte('=')) return Refuse("name=\"value\"");
  SKALD_ASSIGN_OR_RETURN(std::string value, String());
  pairs.emplace_back(std::move(name), std::move(value));
  return Status();
}

Status ScriptReader::Refuse(std::string_view expected) {
  return InvalidArgument("expected " + std::string(expected) + " at: " + std::string(rest()));
}

model::Labels MakeLabels(const ScriptReader::Pairs& pairs) {
  std::vector<model::LabelView> views;
  for (const auto& [name, value] : pairs) views.push_back({name, value});
  return model::Labels(std::move(views));
}

}  // namespace skald::test
