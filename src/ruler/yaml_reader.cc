#include "ruler/yaml_reader.h"

#include <yaml-cpp/yaml.h>

#include <charconv>
#include <set>
#include <vector>

#include "common/utf8.h"

namespace skald::ruler {
namespace {

constexpr size_t kMaxYamlBytes = 16 << 20;  // Of a group or file; a thousand rules are some 400 KB.
constexpr size_t kMaxNodes = 1'000'000;     // Aliases may make a small document huge.
constexpr int kMaxMergeDepth = 16;          // And a map a part of itself.

// Whether all of `text` has been read.
bool ReadsAll(const std::string& text, const std::from_chars_result& result) {
  return result.ec == std::errc() && !text.empty() && result.ptr == text.data() + text.size();
}

// Takes what names the base off the front of a number.
int TakeBase(std::string_view& digits) {
  if (digits.size() < 2 || digits[0] != '0') return 10;
  const char letter = static_cast<char>(digits[1] | 0x20);
  const bool named = letter == 'x' || letter == 'b' || letter == 'o';
  digits.remove_prefix(named ? 2 : 1);
  return letter == 'x' ? 16 : letter == 'b' ? 2 : 8;
}

// What Go's library takes for a whole number: 10, -1, 0x1f, 0b11, 0o17, 017, 1_000, and of 1.5 or
// 1e3 what stands before the point.
bool ParseYamlInteger(std::string_view written, int64_t& number) {
  if (written.starts_with('_')) return false;
  std::string text(written);
  std::erase(text, '_');
  const bool negative = text.starts_with('-');
  if (text.starts_with('+')) text.erase(0, 1);
  std::string_view digits = std::string_view(text).substr(negative ? 1 : 0);
  if (digits.starts_with('-') || digits.starts_with('+')) return false;
  const int base = TakeBase(digits);
  const std::string whole = (negative ? "-" : "") + std::string(digits);
  if (ReadsAll(whole, std::from_chars(whole.data(), whole.data() + whole.size(), number, base))) {
    return true;
  }
  constexpr double kLimit = 9223372036854775808.0;
  double value = 0;
  const bool decimal = text.find_first_not_of("0123456789+-.eE") == std::string::npos;
  if (!decimal || !ReadsAll(text, std::from_chars(text.data(), text.data() + text.size(), value)) ||
      !(value > -kLimit && value < kLimit)) {
    return false;
  }
  number = static_cast<int64_t>(value);
  return true;
}

// The line of the first byte that no YAML has: zero, or one that is no UTF-8; 0 if there is none.
SourceLine UnreadableLine(std::string_view text) {
  int line = 1;
  while (!text.empty()) {
    const Rune rune = DecodeRune(text);
    if (!rune.valid || rune.value == 0) return {line};
    line += rune.value == '\n' ? 1 : 0;
    text.remove_prefix(rune.length);
  }
  return {};
}

}  // namespace

bool YamlReader::IsNull(const YAML::Node& node) {
  return node.IsNull() || (node.IsScalar() && node.Tag() != "!" &&
                           (node.Scalar().empty() || node.Scalar() == "~" ||
                            node.Scalar() == "null" || node.Scalar() == "Null"));
}

SourceLine YamlReader::LineOf(const YAML::Node& node) { return {node.Mark().line + 1}; }

Status YamlReader::Fail(const YAML::Node& node, const std::string& what) {
  return InvalidArgument(AtLine(LineOf(node), what));
}

Status YamlReader::Unknown(const std::string& key) const {
  return unknown_ == UnknownKeys::kPassed
             ? Status()
             : InvalidArgument(AtLine(key_line_, "unknown key '" + key + "'"));
}

Status YamlReader::Count(const YAML::Node& node) {
  return ++nodes_ <= kMaxNodes ? Status() : Fail(node, "the document is too large");
}

Status YamlReader::ReadMap(const YAML::Node& node, std::string_view what,
                           const VisitMember& visit) {
  if (!node.IsMap()) return Fail(node, std::string(what) + " must be a map");
  std::set<std::string> seen;
  return ReadMembers(node, visit, 0, seen);
}

Status YamlReader::ReadMembers(const YAML::Node& map, const VisitMember& visit, int depth,
                               std::set<std::string>& seen) {
  if (depth > kMaxMergeDepth) return Fail(map, "maps are merged into each other too often");
  std::set<std::string> own;
  std::vector<YAML::Node> merged;
  for (const auto& member : map) {
    if (!member.first.IsScalar()) return Fail(map, "a key must be a text");
    const std::string& key = member.first.Scalar();
    if (!own.insert(key).second) return Fail(member.first, "'" + key + "' is given twice");
    SKALD_RETURN_IF_ERROR(Count(map));
    if (key == "<<" && member.first.Tag() != "!") {
      merged.push_back(member.second);
    } else if (seen.insert(key).second) {  // Else the map that this one is merged into has it.
      key_line_ = LineOf(member.first);
      SKALD_RETURN_IF_ERROR(visit(key, member.second));
    }
  }
  for (const YAML::Node& of : merged) SKALD_RETURN_IF_ERROR(ReadMerged(of, visit, depth, seen));
  return Status();
}

Status YamlReader::ReadMerged(const YAML::Node& node, const VisitMember& visit, int depth,
                              std::set<std::string>& seen) {
  if (node.IsMap()) return ReadMembers(node, visit, depth + 1, seen);
  if (!node.IsSequence()) return Fail(node, "'<<' must be a map or a list of maps");
  for (const YAML::Node& map : node) {
    if (!map.IsMap()) return Fail(map, "'<<' must be a map or a list of maps");
    SKALD_RETURN_IF_ERROR(ReadMembers(map, visit, depth + 1, seen));
  }
  return Status();
}

Status YamlReader::ReadList(const YAML::Node& node, const std::string& key,
                            const VisitItem& visit) {
  if (IsNull(node)) return Status();
  if (!node.IsSequence()) return Fail(node, "'" + key + "' must be a list");
  for (const YAML::Node& item : node) {
    SKALD_RETURN_IF_ERROR(Count(node));
    SKALD_RETURN_IF_ERROR(visit(item));
  }
  return Status();
}

Status YamlReader::ReadTexts(const YAML::Node& node, const std::string& key, TextMap& texts) {
  if (IsNull(node)) return Status();
  return ReadMap(node, "'" + key + "'", [&](const std::string& name, const YAML::Node& value) {
    return ReadText(value, key + "." + name, texts[name]);
  });
}

Status YamlReader::ReadText(const YAML::Node& node, const std::string& key, std::string& text) {
  if (IsNull(node)) return Status();
  if (!node.IsScalar()) return Fail(node, "'" + key + "' must be a text");
  text = node.Scalar();
  return Status();
}

Status YamlReader::ReadInteger(const YAML::Node& node, const std::string& key, int64_t& number) {
  if (IsNull(node)) return Status();
  const bool plain = node.IsScalar() && node.Tag() != "!";
  return plain && ParseYamlInteger(node.Scalar(), number)
             ? Status()
             : Fail(node, "'" + key + "' must be a whole number");
}

Status YamlReader::ReadFloat(const YAML::Node& node, const std::string& key, double& number) {
  if (IsNull(node)) return Status();
  const std::string text = node.IsScalar() ? node.Scalar() : "";
  const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
  return ReadsAll(text, result) ? Status() : Fail(node, "'" + key + "' must be a number");
}

Status YamlReader::ReadDuration(const YAML::Node& node, const std::string& key,
                                Nanoseconds& length) {
  if (IsNull(node)) return Status();
  if (!node.IsScalar()) return Fail(node, "'" + key + "' must be a duration");
  const auto parsed = ParsePrometheusDuration(node.Scalar());
  if (!parsed.ok()) return Fail(node, std::string(parsed.status().message()));
  length = *parsed;
  return Status();
}

Status ReadYamlDocument(std::string_view text,
                        const std::function<Status(const YAML::Node& root)>& read) {
  if (text.size() > kMaxYamlBytes) return InvalidArgument("the document is too large");
  // yaml-cpp takes zero bytes for a sign of UTF-16 or UTF-32.
  if (const SourceLine line = UnreadableLine(text); line.number != 0) {
    return InvalidArgument(AtLine(line, "the text is not UTF-8"));
  }
  try {
    return read(YAML::Load(std::string(text)));
  } catch (const YAML::Exception& e) {
    return InvalidArgument(AtLine({e.mark.line + 1}, e.msg));  // Without a mark: 0.
  }
}

}  // namespace skald::ruler
