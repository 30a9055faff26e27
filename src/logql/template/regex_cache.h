#pragma once

#include <memory>
#include <string_view>

#include "common/hash.h"
#include "common/regex.h"

namespace skald::logql {

// The expressions that a template's rows have compiled.
//
// Threads: not synchronised.
// Cost:    kMaxEntries expressions; one more, and all are forgotten.
class RegexCache {
 public:
  // As Regex::Compile.
  Result<std::shared_ptr<const Regex>> Compile(std::string_view pattern) {
    const auto known = entries_.find(pattern);
    if (known != entries_.end()) {
      return known->second;
    }
    SKALD_ASSIGN_OR_RETURN(std::shared_ptr<const Regex> regex, Regex::Compile(pattern));
    if (entries_.size() >= kMaxEntries) {
      entries_.clear();
    }
    entries_.emplace(pattern, regex);
    return regex;
  }

 private:
  static constexpr size_t kMaxEntries = 16;  // Templates that make patterns of labels are rare.

  StringMap<std::shared_ptr<const Regex>> entries_;
};

}  // namespace skald::logql
