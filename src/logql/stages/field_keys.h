#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "logql/stages/label_needs.h"
#include "logql/stages/text_scan.h"

namespace skald::logql {

// Which fields of a line a parser has to find, told by their keys as they stand in the line.
//
// Threads: a value.
struct FieldKeys {
  LabelNeeds labels{.all = false, .names = {}};  // Fields that become these ...
  std::vector<std::string> keys;                 // ... and those with these very keys.

  bool Wants(std::string_view key) const {
    if (std::ranges::find(keys, key) != keys.end()) return true;
    std::string name;
    AppendLabelName(name, key, true);
    return !name.empty() && (labels.Wants(name) || labels.Wants(name + "_extracted"));
  }
  // Whether one within a field with that key, which is an object.
  bool WantsWithin(std::string_view key) const {
    std::string name;
    AppendLabelName(name, key, true);
    return !name.empty() && labels.WantsUnder(name + "_");
  }

  bool Includes(const FieldKeys& other) const {
    const auto all_in = [](const std::vector<std::string>& some, const auto& texts) {
      return std::ranges::all_of(
          some, [&](const auto& text) { return std::ranges::find(texts, text) != texts.end(); });
    };
    return all_in(other.labels.names, labels.names) && all_in(other.keys, keys);
  }
  void Add(const FieldKeys& other) {
    AddTo(other.labels.names, labels.names);
    AddTo(other.keys, keys);
  }

 private:
  static void AddTo(const std::vector<std::string>& more, std::vector<std::string>& texts) {
    texts.insert(texts.end(), more.begin(), more.end());
    std::ranges::sort(texts);
    texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
  }
};

}  // namespace skald::logql
