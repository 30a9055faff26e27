#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace skald::ruler {

// Writes a map of a YAML document, laid out as Go's library does, which is how people know it from
// Loki: four spaces, items two deeper than their dash, texts of several lines as blocks.
//
// Order:     members one after the other; a map or list that a member opens is written before the
//            next one.
// Ownership: borrows `out`, and appends to it.
// Threads:   not synchronised.
class YamlMapWriter {
 public:
  // The outermost map.
  explicit YamlMapWriter(std::string& out) : YamlMapWriter(out, 0) {}

  void Text(std::string_view key, std::string_view text);
  void Number(std::string_view key, int64_t number);
  void EmptyList(std::string_view key);
  // A map, or an item that is one of the list that was opened last.
  YamlMapWriter Map(std::string_view key);
  void List(std::string_view key);
  YamlMapWriter Item();

 private:
  YamlMapWriter(std::string& out, size_t indent) : out_(out), indent_(indent) {}

  void Begin(std::string_view key);
  size_t inner() const { return (indent_ / 4 + 1) * 4; }

  std::string& out_;
  const size_t indent_;
  bool behind_dash_ = false;  // The first member stands on the line of its item's dash.
};

}  // namespace skald::ruler
