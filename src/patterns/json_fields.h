#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace skald::patterns {

// The fields of JSON lines, at any depth, whose text is cut into words. The text of another is one
// token: it stays as it is, or becomes a placeholder as a whole.
//
// Threads: a value.
class JsonFields {
 public:
  // Every field.
  static const JsonFields& All() {
    static const JsonFields all;
    return all;
  }

  JsonFields() = default;
  // The named ones alone. Comma lists; blanks around names are passed over.
  JsonFields(std::string_view names, std::string_view further, std::string_view without);

  bool Has(std::string_view name) const {
    return all_ || std::find(names_.begin(), names_.end(), name) != names_.end();
  }
  bool all() const { return all_; }

 private:
  bool all_ = true;
  std::vector<std::string> names_;
};

}  // namespace skald::patterns
