#include "ruler/yaml_reader.h"

#include <yaml-cpp/yaml.h>

#include <charconv>
#include <set>
#include <vector>

#include "common/utf8.h"
#include "ruler/yaml_scalar.h"

namespace skald::ruler {
namespace {

constexpr size_t kMaxYamlBytes = 16 << 20;  // Of a group or file; a thousand rules are some 400 KB.
constexpr size_t kMaxNodes = 1'000'000;     // Aliases may make a small document huge.
constexpr int kMaxMergeDepth = 16;          // And a map a part of itself.

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
  return node.IsNull() || (node.IsScalar() && IsNullScalar(node.Tag(), node.Scalar()));
}

Status YamlReader::CheckTag(const YAML::Node& node, const std::string& key) {
  if (!node.IsScalar()) return Status();
  const Status fits = CheckYamlTag(node.Tag(), node.Scalar());
  return fits.ok() ? Status() : Fail(node, "'" + key + "': " + std::string(fits.message()));
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
    SKALD_RETURN_IF_ERROR(CheckTag(member.first, key));
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
  SKALD_RETURN_IF_ERROR(CheckTag(node, key));
  if (IsNull(node)) return Status();
  if (!node.IsScalar()) return Fail(node, "'" + key + "' must be a text");
  text = node.Scalar();
  const Status decoded = DecodeYamlBinary(node.Tag(), text);
  return decoded.ok() ? Status() : Fail(node, "'" + key + "': " + std::string(decoded.message()));
}

Status YamlReader::ReadInteger(const YAML::Node& node, const std::string& key, int64_t& number) {
  SKALD_RETURN_IF_ERROR(CheckTag(node, key));
  if (IsNull(node)) return Status();
  const bool plain = node.IsScalar() && !IsTextTag(node.Tag());
  return plain && ParseYamlInteger(node.Scalar(), number)
             ? Status()
             : Fail(node, "'" + key + "' must be a whole number");
}

Status YamlReader::ReadFloat(const YAML::Node& node, const std::string& key, double& number) {
  SKALD_RETURN_IF_ERROR(CheckTag(node, key));
  if (IsNull(node)) return Status();
  const std::string text = node.IsScalar() ? node.Scalar() : "";
  const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
  return ReadsAll(text, result) ? Status() : Fail(node, "'" + key + "' must be a number");
}

Status YamlReader::ReadDuration(const YAML::Node& node, const std::string& key,
                                Nanoseconds& length) {
  SKALD_RETURN_IF_ERROR(CheckTag(node, key));
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
