#include "common/config.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <utility>

#include "common/config_secrets.h"
#include "common/loki_keys.h"
#include "common/nearest_name.h"
#include "common/split.h"

namespace skald {
namespace {

ConfigNode ScalarNode(std::string text) {
  ConfigNode node;
  node.kind = ConfigNode::Kind::kScalar;
  node.scalar = std::move(text);
  return node;
}

Status ParseBool(std::string_view text, bool& out) {
  SKALD_ASSIGN_OR_RETURN(out, ParseYamlBool(text));
  return Status();
}

template <typename T>
Status ParseNumber(std::string_view text, T& out) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    return InvalidArgument("'" + std::string(text) + "' is no number of the right size");
  }
  out = value;
  return Status();
}

std::string PrintDouble(double value) {
  char buffer[32];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
  return std::string(buffer, end);
}

std::string DidYouMean(const std::string& name) {
  return name.empty() ? "" : "; did you mean " + name + "?";
}

// Whether `name` is one of `known` but for a slip, in what stands after its last point.
bool AllButIs(std::string_view name, const std::vector<std::string>& known) {
  const std::string_view section = name.substr(0, name.rfind('.') + 1);
  // Short names may well differ in a letter, and those of a family in some.
  constexpr size_t kLettersPerMistake = 4;
  constexpr size_t kMostMistakes = 2;
  const size_t letters = name.size() - section.size();
  NearestName nearest(name, std::min(letters / kLettersPerMistake, kMostMistakes));
  for (const std::string_view one : known) {
    const bool beside = one.substr(0, one.rfind('.') + 1) == section;
    if (beside) nearest.Offer(one);
  }
  return !nearest.best().empty();
}

}  // namespace

void Settings::AddSetting(Setting setting, std::string flag) {
  if (flag.empty()) {
    flag = setting.key;
    std::replace(flag.begin(), flag.end(), '_', '-');
  }
  if (flag != "-") setting.flag = std::move(flag);
  setting.KeepDefault();
  settings_.push_back(std::move(setting));
}

void Settings::AddForeignFlag(std::string name) { foreign_flags_.push_back(std::move(name)); }

void Settings::TakeAsDefault(std::string_view key) {
  Setting* setting = FindKey(key);
  SKALD_DCHECK(setting != nullptr);
  setting->KeepDefault();
}

void Settings::Conceal(std::string_view key) {
  Setting* setting = FindKey(key);
  SKALD_DCHECK(setting != nullptr);
  setting->print = [print = std::move(setting->print)] {
    ConfigNode node = print();
    if (!node.scalar.empty()) node.scalar = kSecret;
    return node;
  };
}

void Settings::Setting::KeepDefault() {
  default_node = print();
  default_text = PrintYaml(default_node);
}

template <typename T>
void Settings::AddScalar(std::string key, Kind kind, T* value, std::string help, std::string flag,
                         std::function<Status(std::string_view, T&)> parse,
                         std::function<std::string(const T&)> print) {
  Setting setting{.key = std::move(key), .flag = {}, .help = std::move(help)};
  setting.kind = kind;
  setting.read = [value, parse = std::move(parse)](const ConfigNode& node) -> Status {
    if (node.kind == ConfigNode::Kind::kNull) return Status();  // `key:` keeps the default.
    if (node.kind != ConfigNode::Kind::kScalar) return InvalidArgument("a single value is wanted");
    return parse(node.scalar, *value);
  };
  setting.print = [value, print = std::move(print)] { return ScalarNode(print(*value)); };
  AddSetting(std::move(setting), std::move(flag));
}

void Settings::Add(std::string key, bool* value, std::string help, std::string flag) {
  AddScalar<bool>(std::move(key), Kind::kBool, value, std::move(help), std::move(flag), ParseBool,
                  [](const bool& v) -> std::string { return v ? "true" : "false"; });
}

void Settings::Add(std::string key, int* value, std::string help, std::string flag) {
  AddScalar<int>(std::move(key), Kind::kNumber, value, std::move(help), std::move(flag),
                 ParseNumber<int>, [](const int& v) { return std::to_string(v); });
}

void Settings::Add(std::string key, uint64_t* value, std::string help, std::string flag,
                   Unit unit) {
  const auto parse = [unit](std::string_view text, uint64_t& out) -> Status {
    if (unit == Unit::kNone) return ParseNumber(text, out);
    SKALD_ASSIGN_OR_RETURN(out, ParseByteSize(text));
    return Status();
  };
  const Kind kind = unit == Unit::kNone ? Kind::kNumber : Kind::kText;
  AddScalar<uint64_t>(std::move(key), kind, value, std::move(help), std::move(flag), parse,
                      [unit](const uint64_t& v) {
                        return unit == Unit::kNone ? std::to_string(v) : FormatByteSize(v);
                      });
}

void Settings::Add(std::string key, double* value, std::string help, std::string flag) {
  AddScalar<double>(std::move(key), Kind::kNumber, value, std::move(help), std::move(flag),
                    ParseNumber<double>, PrintDouble);
}

void Settings::Add(std::string key, std::string* value, std::string help, std::string flag) {
  AddScalar<std::string>(
      std::move(key), Kind::kText, value, std::move(help), std::move(flag),
      [](std::string_view text, std::string& out) {
        out = text;
        return Status();
      },
      WithoutPasswords);
}

void Settings::Add(std::string key, Nanoseconds* value, std::string help, std::string flag,
                   DurationStyle style) {
  AddScalar<Nanoseconds>(
      std::move(key), Kind::kText, value, std::move(help), std::move(flag),
      [](std::string_view text, Nanoseconds& out) -> Status {
        SKALD_ASSIGN_OR_RETURN(out, ParseDuration(text));
        return Status();
      },
      [style](const Nanoseconds& v) {
        return style == DurationStyle::kGo ? FormatGoDuration(v) : FormatPrometheusDuration(v);
      });
}

void Settings::Add(std::string key, std::vector<std::string>* value, std::string help,
                   std::string flag) {
  Setting setting{.key = std::move(key), .flag = {}, .help = std::move(help), .kind = Kind::kList};
  setting.read = [value](const ConfigNode& node) -> Status {
    std::vector<std::string> list;
    if (node.kind == ConfigNode::Kind::kList) {
      for (const ConfigNode& item : node.items) {
        if (item.kind != ConfigNode::Kind::kScalar) {
          return InvalidArgument("a list of texts is wanted");
        }
        list.push_back(item.scalar);
      }
    } else if (node.kind == ConfigNode::Kind::kScalar) {
      for (const std::string_view item : SplitAtCommas(node.scalar)) list.emplace_back(item);
    } else if (node.kind == ConfigNode::Kind::kMap) {
      return InvalidArgument("a list is wanted");
    }
    *value = std::move(list);
    return Status();
  };
  setting.print = [value] {
    ConfigNode node;
    node.kind = ConfigNode::Kind::kList;
    for (const std::string& item : *value) node.items.push_back(ScalarNode(item));
    return node;
  };
  AddSetting(std::move(setting), std::move(flag));
}

void Settings::Add(std::string key, ConfigNode* value, std::string help) {
  Setting setting{
      .key = std::move(key), .flag = {}, .help = std::move(help), .kind = Kind::kStructure};
  setting.read = [value](const ConfigNode& node) {
    *value = node;
    return Status();
  };
  setting.print = [value] { return WithoutSecrets(*value); };
  AddSetting(std::move(setting), "-");
}

void Settings::AddMemberFlag(ConfigNode* structure, std::string member, Kind kind, std::string help,
                             std::string flag) {
  Setting setting{.key = {}, .flag = std::move(flag), .help = std::move(help), .kind = kind};
  setting.read = [structure, member = std::move(member)](const ConfigNode& node) {
    ConfigNode map;
    map.kind = ConfigNode::Kind::kMap;
    map.members.push_back({.name = member, .node = node});
    *structure = MergeNodes(std::move(*structure), map);
    return Status();
  };
  member_flags_.push_back(std::move(setting));
}

Status Settings::ReadYaml(std::string_view text, std::string_view file,
                          const std::vector<std::string>& lenient,
                          std::vector<std::string>& ignored) {
  auto root = ParseYaml(text);
  if (!root.ok()) return Annotate(root.status(), file);
  return ReadNode(*root, file, lenient, ignored);
}

Status Settings::ReadNode(const ConfigNode& root, std::string_view file,
                          const std::vector<std::string>& lenient,
                          std::vector<std::string>& ignored) {
  if (root.kind == ConfigNode::Kind::kNull) return Status();
  if (root.kind != ConfigNode::Kind::kMap) {
    return InvalidArgument(std::string(file) + ": the document is no map of settings");
  }
  return ReadMap(root, "", file, lenient, ignored);
}

Status Settings::ReadMap(const ConfigNode& map, const std::string& prefix, std::string_view file,
                         const std::vector<std::string>& lenient,
                         std::vector<std::string>& ignored) {
  for (const auto& [name, node] : map.members) {
    const std::string key = prefix.empty() ? name : prefix + "." + name;
    const std::string where = std::string(file) + ": line " + std::to_string(node.line);
    if (Setting* setting = FindKey(key)) {
      if (Status status = setting->read(node); !status.ok()) {
        return Annotate(std::move(status), where + ": " + key);
      }
    } else if (IsSection(key)) {
      if (node.kind == ConfigNode::Kind::kMap) {
        SKALD_RETURN_IF_ERROR(ReadMap(node, key, file, lenient, ignored));
      } else if (node.kind != ConfigNode::Kind::kNull) {
        return InvalidArgument(where + ": " + key + " is a section, not a value");
      }
    } else if (IsOnlyLokis(key)) {
      SKALD_RETURN_IF_ERROR(CheckLokiSection(node, key, file));
      ignored.push_back(key);
    } else if (std::find(lenient.begin(), lenient.end(), prefix) != lenient.end() &&
               !IsAlmostKnown(key)) {
      ignored.push_back(key);
    } else {
      return UnknownKey(node, key, file);
    }
  }
  return Status();
}

Status Settings::CheckLokiSection(const ConfigNode& node, const std::string& key,
                                  std::string_view file) const {
  if (KindOfLokiKey(key) == LokiKey::kAnything) return Status();
  for (const auto& [name, member] : node.members) {
    const std::string below = key + "." + name;
    if (KindOfLokiKey(below) == LokiKey::kNone) return UnknownKey(member, below, file);
    SKALD_RETURN_IF_ERROR(CheckLokiSection(member, below, file));
  }
  return Status();
}

Status Settings::ReadFlags(const std::vector<std::string>& arguments,
                           std::vector<std::string>& ignored) {
  for (size_t i = 0; i < arguments.size(); ++i) {
    std::string_view argument = arguments[i];
    const size_t dashes = argument.starts_with("--") ? 2 : argument.starts_with("-") ? 1 : 0;
    argument.remove_prefix(dashes);
    const size_t equal = argument.find('=');
    const std::string_view name = argument.substr(0, equal);
    Setting* setting = dashes == 0 ? nullptr : FindFlag(name);
    if (dashes == 0) return InvalidArgument("argument without a flag: " + arguments[i]);
    if (setting == nullptr) {
      SKALD_RETURN_IF_ERROR(CheckLokiFlag(name));
      ignored.push_back("-" + std::string(name));
      // Whether it is a switch is not known here: what follows is its value if it is no flag.
      const bool takes_next = equal == std::string_view::npos && i + 1 < arguments.size() &&
                              !arguments[i + 1].starts_with("-");
      i += takes_next ? 1 : 0;
      continue;
    }
    std::string value = "true";
    if (equal != std::string_view::npos) {
      value = argument.substr(equal + 1);
    } else if (setting->kind != Kind::kBool) {
      if (i + 1 == arguments.size()) {
        return InvalidArgument("flag needs an argument: -" + std::string(name));
      }
      value = arguments[++i];
    }
    if (Status status = setting->read(ScalarNode(std::move(value))); !status.ok()) {
      return Annotate(std::move(status), "invalid value for flag -" + std::string(name));
    }
  }
  return Status();
}

// Loki's flags are not all known by name: one that all but is one of ours is a mistake.
Status Settings::CheckLokiFlag(std::string_view name) const {
  std::vector<std::string> flags = foreign_flags_;
  for (const Setting& setting : settings_) flags.push_back(setting.flag);
  for (const Setting& setting : member_flags_) flags.push_back(setting.flag);
  if (IsLokiFlag(name) && !AllButIs(name, flags)) return Status();
  NearestName nearest(name);
  for (const std::string_view flag : flags) nearest.Offer(flag);
  const std::string& flag = nearest.best();
  return InvalidArgument("flag provided but not defined: -" + std::string(name) +
                         DidYouMean(flag.empty() ? flag : "-" + flag));
}

Settings::Setting* Settings::FindKey(std::string_view key) {
  const auto it = std::find_if(settings_.begin(), settings_.end(),
                               [&](const Setting& s) { return s.key == key; });
  return it == settings_.end() ? nullptr : &*it;
}

Settings::Setting* Settings::FindFlag(std::string_view flag) {
  for (std::vector<Setting>* settings : {&settings_, &member_flags_}) {
    const auto it = std::find_if(settings->begin(), settings->end(), [&](const Setting& s) {
      return !s.flag.empty() && s.flag == flag;
    });
    if (it != settings->end()) return &*it;
  }
  return nullptr;
}

bool Settings::IsSection(std::string_view key) const {
  return std::any_of(settings_.begin(), settings_.end(), [&](const Setting& s) {
    return s.key.size() > key.size() && s.key.starts_with(key) && s.key[key.size()] == '.';
  });
}

std::vector<std::string> Settings::KeysAndSections() const {
  std::vector<std::string> names;
  for (const Setting& setting : settings_) {
    const std::string& key = setting.key;
    for (size_t dot = key.find('.'); dot != key.npos; dot = key.find('.', dot + 1)) {
      names.push_back(key.substr(0, dot));
    }
    names.push_back(key);
  }
  return names;
}

bool Settings::IsOnlyLokis(std::string_view key) const {
  switch (KindOfLokiKey(key)) {
    case LokiKey::kNone:
      return false;
    case LokiKey::kNamed:
      return true;
    case LokiKey::kAnything:
      break;
  }
  return !IsAlmostKnown(key);
}

bool Settings::IsAlmostKnown(std::string_view key) const {
  return AllButIs(key, KeysAndSections()) || AllButIs(key, LokiKeysBeside(key));
}

Status Settings::UnknownKey(const ConfigNode& node, std::string_view key,
                            std::string_view file) const {
  NearestName nearest(key);
  for (const std::string& known : KeysAndSections()) nearest.Offer(known);
  for (const std::string& known : LokiKeysBeside(key)) nearest.Offer(known);
  const size_t dot = key.rfind('.');
  const bool in_section = dot != std::string_view::npos;
  const std::string name(in_section ? key.substr(dot + 1) : key);
  const std::string section(in_section ? key.substr(0, dot) : "the document");
  return InvalidArgument("failed parsing config: " + std::string(file) + ": line " +
                         std::to_string(node.line) + ": field " + name + " not found in " +
                         section + DidYouMean(nearest.best()));
}

}  // namespace skald
