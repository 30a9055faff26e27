#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/status.h"

namespace skald {

// A regular expression with Go's syntax and meaning (RE2).
//
// Threads: immutable; any thread may match.
class Regex {
 public:
  enum class Anchor {
    kNone,  // Matches anywhere; `.` stops at newline.
    kBoth,  // ^(?s:...)$, as selectors want it.
  };

  // kInvalidArgument with Go's words: "error parsing regexp: missing closing ]: `[a`".
  static Result<std::shared_ptr<const Regex>> Compile(std::string_view pattern,
                                                      Anchor anchor = Anchor::kNone);
  ~Regex();
  Regex(const Regex&) = delete;
  Regex& operator=(const Regex&) = delete;

  bool Matches(std::string_view text) const;

  // Appends the spans [begin, end) of the whole first match at or after `from` and of its groups
  // to `groups` (cleared first; {-1,-1} for groups that took no part). False if there is none.
  bool Find(std::string_view text, size_t from, std::vector<std::pair<int, int>>& groups) const;

  // All matches replaced; `$1`, `${name}` expand as Go's do unless `literal`.
  std::string ReplaceAll(std::string_view text, std::string_view replacement, bool literal) const;

  // Appends `replacement` with `$1`, `${name}` expanded from `groups`, spans of `text`.
  void Expand(std::string_view text, const std::vector<std::pair<int, int>>& groups,
              std::string_view replacement, std::string& out) const;

  // One entry for each group, the first (index 0) being the whole; "" when it has no name.
  const std::vector<std::string>& group_names() const;
  const std::string& pattern() const;

  // When the expression is nothing but a set of literal alternatives (`a|b|c`, `abc`), and
  // case-sensitive, those; else nothing. Lets index lookups avoid a scan of all values.
  const std::optional<std::vector<std::string>>& literal_set() const;

  // Literals of which every matching text contains at least one, longest usable ones; empty when
  // none could be derived. `fold_case` says that they must be searched case-insensitively (they
  // are lower-cased then).
  struct RequiredLiterals {
    std::vector<std::string> any_of;
    bool fold_case = false;
  };
  const RequiredLiterals& required_literals() const;

  // Lower-case literals of which a text needs to contain one, in whatever case of ASCII letters, to
  // match; there may be other matches. Empty unless the expression is alternatives under (?i).
  const std::vector<std::string>& sufficient_literals() const;

  // True if it surely matches every text, as `.*` does.
  bool matches_all() const;

 private:
  struct Rep;
  explicit Regex(std::unique_ptr<Rep> rep);
  std::unique_ptr<Rep> rep_;
};

}  // namespace skald
