#include "ruler/yaml_writer.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>

#include "common/utf8.h"

namespace skald::ruler {
namespace {

// Whether a text of one line may stand in single quotes: all of it can be seen.
bool IsPrintableLine(std::string_view text) {
  while (!text.empty()) {
    const Rune rune = DecodeRune(text);
    if (!rune.valid || !IsPrintable(rune.value)) return false;
    text.remove_prefix(rune.length);
  }
  return true;
}

// Whether readers may take a plain text for something else: true, null, a number, a time.
bool LooksTyped(std::string_view text) {
  static constexpr std::array<std::string_view, 12> kWords = {
      "true", "false", "yes", "no", "on", "off", "null", "y", "n", "~", ".inf", ".nan"};
  if (text.empty() || text == "<<") return true;
  if (text.front() == '+' || text.front() == '-') text.remove_prefix(1);
  const auto same = [&](std::string_view word) {
    return std::ranges::equal(word, text, [](char a, char b) { return a == (b | 0x20) || a == b; });
  };
  if (std::ranges::any_of(kWords, same)) return true;
  for (const std::string_view base : {"0x", "0b", "0o"}) {
    if (text.starts_with(base)) return true;
  }
  return text.find_first_of("0123456789.") == 0 &&
         text.find_first_not_of("0123456789+-._:eETZtz ") == std::string_view::npos;
}

// Whether a block says just what the text says.
bool FitsBlock(std::string_view text) {
  if (text.front() == ' ' || text.find_first_not_of('\n') != 0) return false;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    if (line.ends_with(' ') || !IsPrintableLine(line)) return false;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return true;
}

void AppendBlock(std::string& out, std::string_view text, size_t indent) {
  const size_t last = text.find_last_not_of('\n');
  const size_t breaks = text.size() - 1 - last;
  out += breaks == 0 ? "|-" : breaks == 1 ? "|" : "|+";
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    out += '\n';
    if (end > at) out.append(indent, ' ').append(text.substr(at, end - at));
    at = end + 1;
  }
}

// Whether a text that does not look typed means itself without quotes.
bool IsPlain(const std::string& text) {
  YAML::Emitter plain;
  plain << text;
  return plain.c_str() == text;
}

// On the line on which it begins, whatever is in it.
void AppendLine(std::string& out, std::string_view text) {
  const std::string copy(text);
  const bool simple = IsPrintableLine(text) && !LooksTyped(text);
  if (simple && IsPlain(copy)) {
    out += copy;
    return;
  }
  YAML::Emitter quoted;
  quoted << (simple ? YAML::SingleQuoted : YAML::DoubleQuoted) << copy;
  out.append(quoted.c_str(), quoted.size());
}

}  // namespace

void YamlMapWriter::Begin(std::string_view key) {
  if (!behind_dash_) out_.append(indent_, ' ');
  behind_dash_ = false;
  AppendLine(out_, key);
  out_ += ':';
}

void YamlMapWriter::Text(std::string_view key, std::string_view text) {
  Begin(key);
  out_ += ' ';
  if (text.find('\n') != std::string_view::npos && FitsBlock(text)) {
    AppendBlock(out_, text, inner());
  } else {
    AppendLine(out_, text);
  }
  out_ += '\n';
}

void YamlMapWriter::Number(std::string_view key, int64_t number) {
  Begin(key);
  out_ += ' ' + std::to_string(number) + '\n';
}

void YamlMapWriter::EmptyList(std::string_view key) {
  Begin(key);
  out_ += " []\n";
}

YamlMapWriter YamlMapWriter::Map(std::string_view key) {
  Begin(key);
  out_ += '\n';
  return YamlMapWriter(out_, inner());
}

void YamlMapWriter::List(std::string_view key) {
  Begin(key);
  out_ += '\n';
}

YamlMapWriter YamlMapWriter::Item() {
  out_.append(inner(), ' ').append("- ");
  YamlMapWriter item(out_, inner() + 2);
  item.behind_dash_ = true;
  return item;
}

}  // namespace skald::ruler
