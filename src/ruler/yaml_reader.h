#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>

#include "common/duration.h"
#include "common/status.h"
#include "ruler/rule_group.h"

namespace YAML {
class Node;
}

namespace skald::ruler {

// Takes documents apart whose form is known. Every member returns kInvalidArgument
// `line N: what is wrong there`; null leaves what is read as it was.
//
// Threads: not synchronised.
class YamlReader {
 public:
  enum class UnknownKeys { kPassed, kRefused };
  using VisitMember = std::function<Status(const std::string& key, const YAML::Node& value)>;
  using VisitItem = std::function<Status(const YAML::Node& item)>;

  explicit YamlReader(UnknownKeys unknown) : unknown_(unknown) {}

  // Calls `visit` for each member of a map, or each item of a list. Members of maps that are merged
  // into it (`<<`) are its own unless it has that key itself.
  Status ReadMap(const YAML::Node& node, std::string_view what, const VisitMember& visit);
  Status ReadList(const YAML::Node& node, const std::string& key, const VisitItem& visit);
  // What a visitor of ReadMap says to a key that it does not know, before it reads anything.
  Status Unknown(const std::string& key) const;

  Status ReadTexts(const YAML::Node& node, const std::string& key, TextMap& texts);
  static Status ReadText(const YAML::Node& node, const std::string& key, std::string& text);
  static Status ReadInteger(const YAML::Node& node, const std::string& key, int64_t& number);
  static Status ReadFloat(const YAML::Node& node, const std::string& key, double& number);
  static Status ReadDuration(const YAML::Node& node, const std::string& key, Nanoseconds& length);

  static bool IsNull(const YAML::Node& node);
  static SourceLine LineOf(const YAML::Node& node);
  static Status Fail(const YAML::Node& node, const std::string& what);

 private:
  Status ReadMembers(const YAML::Node& map, const VisitMember& visit, int depth,
                     std::set<std::string>& seen);
  Status ReadMerged(const YAML::Node& node, const VisitMember& visit, int depth,
                    std::set<std::string>& seen);
  Status Count(const YAML::Node& node);
  // Whether the tag of a scalar fits its text.
  static Status CheckTag(const YAML::Node& node, const std::string& key);

  const UnknownKeys unknown_;
  size_t nodes_ = 0;
  SourceLine key_line_;  // Of the key that was visited last; its value may be on another one.
};

// Gives `read` the first document of `text`. kInvalidArgument also for what is no YAML.
Status ReadYamlDocument(std::string_view text,
                        const std::function<Status(const YAML::Node& root)>& read);

}  // namespace skald::ruler
