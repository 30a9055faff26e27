#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "common/config_node.h"
#include "common/duration.h"
#include "common/status.h"

namespace skald {

// The settings of a program: each is registered once with its key, its variable and a line of
// help, and can then be read from YAML and from flags, and printed. The variable's value at the
// time it is added is its default. Secrets in structures and in URLs are not printed
// (config_secrets.h); those that are settings by themselves are to be concealed.
//
//   Settings settings;
//   settings.Add("server.http_listen_port", &options.port, "Port of the HTTP server");
//   settings.ReadYaml(text, "skald.yaml");       // server: {http_listen_port: 3100}
//   settings.ReadFlags({"-server.http-listen-port=3200"}, ignored);
//
// Order:     Add*, then ReadYaml, then ReadFlags (flags win), then the printers.
// Ownership: borrows the variables.
// Threads:   not synchronised.
class Settings {
 public:
  // What a number counts, where its type does not say it.
  enum class Unit { kNone, kBytes };
  // How a duration is printed: 721h0m0s, or 30d1h.
  enum class DurationStyle { kGo, kPrometheus };
  // What a value is, for who prints it otherwise than as YAML.
  enum class Kind { kText, kNumber, kBool, kList, kStructure };

  struct Value {
    std::string key;
    Kind kind = Kind::kText;
    ConfigNode node;
  };

  // `flag` is derived from the key (`_` becomes `-`) when empty; "-" for none.
  void Add(std::string key, bool* value, std::string help, std::string flag = "");
  void Add(std::string key, int* value, std::string help, std::string flag = "");
  void Add(std::string key, uint64_t* value, std::string help, std::string flag = "",
           Unit unit = Unit::kNone);
  void Add(std::string key, double* value, std::string help, std::string flag = "");
  void Add(std::string key, std::string* value, std::string help, std::string flag = "");
  void Add(std::string key, Nanoseconds* value, std::string help, std::string flag = "",
           DurationStyle style = DurationStyle::kGo);
  // A YAML list, or text with commas.
  void Add(std::string key, std::vector<std::string>* value, std::string help,
           std::string flag = "");
  // A structure that its user takes apart.
  void Add(std::string key, ConfigNode* value, std::string help);
  // A flag for a single value in such a structure.
  void AddMemberFlag(ConfigNode* structure, std::string member, Kind kind, std::string help,
                     std::string flag);

  // Names a flag that is read elsewhere, so that it is suggested for one that is almost it.
  void AddForeignFlag(std::string name);

  // Makes what the variable of `key` holds now its default. Requires: the key was added.
  void TakeAsDefault(std::string_view key);

  // Has the printers show `<secret>` for what the variable of `key` holds. Requires: the key was
  // added, and is of text.
  void Conceal(std::string_view key);

  // Reads a document. Keys of Loki that mean nothing here are passed over and appended to
  // `ignored`; below a key of `lenient` (as "limits_config") all unknown keys are but those that
  // are almost a known one. kInvalidArgument names file, line and key, and for an unknown key the
  // nearest known one.
  Status ReadYaml(std::string_view text, std::string_view file,
                  const std::vector<std::string>& lenient, std::vector<std::string>& ignored);
  Status ReadNode(const ConfigNode& root, std::string_view file,
                  const std::vector<std::string>& lenient, std::vector<std::string>& ignored);

  // Reads `-name=value`, `--name value` and, for bools, `-name`. kInvalidArgument for an unknown
  // flag ("flag provided but not defined: -x", with the nearest) or a bad value. Flags of Loki that
  // mean nothing here are passed over and appended to `ignored`, dash and all.
  Status ReadFlags(const std::vector<std::string>& arguments, std::vector<std::string>& ignored);

  // YAML of all settings, of those that differ from their defaults, or of the defaults.
  std::string PrintAll() const { return Print(What::kAll); }
  std::string PrintChanged() const { return Print(What::kChanged); }
  std::string PrintDefaults() const { return Print(What::kDefaults); }
  // All settings, in the order in which they were added.
  std::vector<Value> Values() const;
  // One line a setting: flag, default, help.
  std::string Help() const;
  // A table in Markdown: key, flag, default, help.
  std::string Reference() const;

 private:
  enum class What { kAll, kChanged, kDefaults };

  struct Setting {
    std::string key;
    std::string flag;
    std::string help;
    Kind kind = Kind::kText;
    std::function<Status(const ConfigNode&)> read;
    std::function<ConfigNode()> print;
    std::string default_text;
    ConfigNode default_node;

    void KeepDefault();  // As print() has it.
  };

  void AddSetting(Setting setting, std::string flag);
  template <typename T>
  void AddScalar(std::string key, Kind kind, T* value, std::string help, std::string flag,
                 std::function<Status(std::string_view, T&)> parse,
                 std::function<std::string(const T&)> print);
  Status ReadMap(const ConfigNode& map, const std::string& prefix, std::string_view file,
                 const std::vector<std::string>& lenient, std::vector<std::string>& ignored);
  Setting* FindKey(std::string_view key);
  Setting* FindFlag(std::string_view flag);
  bool IsSection(std::string_view key) const;
  Status CheckLokiFlag(std::string_view name) const;
  // All of Skald's own.
  std::vector<std::string> KeysAndSections() const;
  // Whether the key is one that Loki knows and Skald does not.
  bool IsOnlyLokis(std::string_view key) const;
  // Whether all keys below `key`, one of Loki's alone, are known.
  Status CheckLokiSection(const ConfigNode& node, const std::string& key,
                          std::string_view file) const;
  // Whether `key` is a known key of its section but for a slip.
  bool IsAlmostKnown(std::string_view key) const;
  Status UnknownKey(const ConfigNode& node, std::string_view key, std::string_view file) const;
  std::string Print(What what) const;

  std::vector<Setting> settings_;
  std::vector<Setting> member_flags_;  // Flags and what reads them alone.
  std::vector<std::string> foreign_flags_;
};

}  // namespace skald
