#include "common/regex.h"

#include <re2/re2.h>

#include <algorithm>

#include "common/regex_literals.h"
#include "common/utf8.h"

namespace skald {
namespace {

// Of compiled program and DFA caches together; beyond it RE2 falls back to slower engines.
constexpr int64_t kMaxMemory = 64 << 20;

using Spans = std::vector<std::pair<int, int>>;

std::string_view GoErrorText(RE2::ErrorCode code) {
  switch (code) {
    case RE2::ErrorBadEscape:
      return "invalid escape sequence";
    case RE2::ErrorBadCharClass:
      return "invalid character class";
    case RE2::ErrorBadCharRange:
      return "invalid character class range";
    case RE2::ErrorMissingBracket:
      return "missing closing ]";
    case RE2::ErrorMissingParen:
      return "missing closing )";
    case RE2::ErrorUnexpectedParen:
      return "unexpected )";
    case RE2::ErrorTrailingBackslash:
      return "trailing backslash at end of expression";
    case RE2::ErrorRepeatArgument:
      return "missing argument to repetition operator";
    case RE2::ErrorRepeatSize:
      return "invalid repeat count";
    case RE2::ErrorRepeatOp:
      return "invalid nested repetition operator";
    case RE2::ErrorBadPerlOp:
      return "invalid or unsupported Perl syntax";
    case RE2::ErrorBadUTF8:
      return "invalid UTF-8";
    case RE2::ErrorBadNamedCapture:
      return "invalid named capture";
    case RE2::ErrorPatternTooLarge:
      return "expression too large";
    default:
      return "regexp/syntax: internal error";
  }
}

// Go writes named groups as (?<name>...) too, which this RE2 does not know.
std::string WithPythonGroupNames(std::string_view pattern) {
  std::string out;
  bool in_class = false;
  for (size_t i = 0; i < pattern.size(); ++i) {
    const std::string_view rest = pattern.substr(i);
    if (rest.starts_with("\\Q") && !in_class) {
      const size_t end = std::min(pattern.find("\\E", i), pattern.size());
      out.append(pattern.substr(i, end - i));
      i = end - 1;
      continue;
    }
    out.push_back(rest[0]);
    if (rest[0] == '\\' && rest.size() > 1) {
      out.push_back(pattern[++i]);
    } else if (in_class) {
      in_class = rest[0] != ']';
    } else if (rest[0] == '[') {
      in_class = true;
      // A bracket that comes first, with or without ^, is one of the characters.
      if (rest.substr(1).starts_with('^')) out.push_back(pattern[++i]);
      if (pattern.substr(i + 1).starts_with(']')) out.push_back(pattern[++i]);
    } else if (rest.starts_with("(?<")) {
      out.append("?P<");
      i += 2;
    }
  }
  return out;
}

// A text with bytes that are no UTF-8, as Go sees it: U+FFFD for each of them.
struct RepairedText {
  explicit RepairedText(std::string_view original) {
    for (size_t at = 0; at < original.size();) {
      const Rune rune = DecodeRune(original.substr(at));
      AppendRune(text, rune.value);
      origin.resize(text.size(), static_cast<int>(at));
      at += rune.length;
    }
    origin.push_back(static_cast<int>(original.size()));
  }

  // Spans of `text` as spans of the original.
  void MapBack(Spans& spans) const {
    for (auto& [begin, end] : spans) {
      if (begin < 0) continue;
      begin = origin[static_cast<size_t>(begin)];
      end = origin[static_cast<size_t>(end)];
    }
  }

  std::string text;
  std::vector<int> origin;  // For each byte of `text` and its end, where it came from.
};

bool IsWordByte(char c) {
  return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

}  // namespace

struct Regex::Rep {
  Rep(std::string_view shown, const std::string& compiled, const RE2::Options& options)
      : pattern(shown), re2(compiled, options) {}

  bool Find(std::string_view text, size_t from, Spans& groups) const {
    if (text.data() == nullptr) text = "";  // Groups that took no part have null data, only they.
    std::vector<re2::StringPiece> matches(group_names.size());
    const re2::StringPiece piece(text.data(), text.size());
    if (from > text.size() || !re2.Match(piece, from, text.size(), RE2::UNANCHORED, matches.data(),
                                         static_cast<int>(matches.size()))) {
      return false;
    }
    for (const re2::StringPiece& match : matches) {
      if (match.data() == nullptr) {
        groups.emplace_back(-1, -1);
      } else {
        const auto begin = static_cast<int>(match.data() - text.data());
        groups.emplace_back(begin, begin + static_cast<int>(match.size()));
      }
    }
    return true;
  }

  // The span of the group that `name` (digits or a name) stands for; {-1, -1} if there is none.
  std::pair<int, int> GroupSpan(std::string_view name, const Spans& groups) const {
    const bool digits =
        std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (digits) {
      constexpr size_t kMaxDigits = 4;  // RE2 has no more groups than that.
      if (name.size() > kMaxDigits) return {-1, -1};
      size_t index = 0;
      for (const char c : name) index = index * 10 + static_cast<size_t>(c - '0');
      return index < groups.size() ? groups[index] : std::pair(-1, -1);
    }
    for (size_t i = 1; i < group_names.size() && i < groups.size(); ++i) {
      if (group_names[i] == name && groups[i].first >= 0) return groups[i];
    }
    return {-1, -1};
  }

  std::string pattern;
  RE2 re2;
  std::vector<std::string> group_names;
  RegexLiterals literals;
};

Regex::Regex(std::unique_ptr<Rep> rep) : rep_(std::move(rep)) {}
Regex::~Regex() = default;

Result<std::shared_ptr<const Regex>> Regex::Compile(std::string_view pattern, Anchor anchor) {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kMaxMemory);
  std::string compiled(pattern);
  if (anchor == Anchor::kBoth) compiled = "^(?s:" + compiled + ")$";
  if (compiled.find("(?<") != std::string::npos) compiled = WithPythonGroupNames(compiled);
  auto rep = std::make_unique<Rep>(pattern, compiled, options);
  if (!rep->re2.ok()) {
    // Clients know the message about the pattern as they wrote it.
    if (anchor == Anchor::kBoth) {
      if (auto alone = Compile(pattern, Anchor::kNone); !alone.ok()) return alone;
    }
    return InvalidArgument(
        "error parsing regexp: " + std::string(GoErrorText(rep->re2.error_code())) + ": `" +
        rep->re2.error_arg() + "`");
  }
  rep->group_names.resize(static_cast<size_t>(rep->re2.NumberOfCapturingGroups()) + 1);
  for (const auto& [index, name] : rep->re2.CapturingGroupNames()) {
    rep->group_names[static_cast<size_t>(index)] = name;
  }
  rep->literals = AnalyseLiterals(pattern);
  if (anchor == Anchor::kBoth) {
    rep->literals.matches_all = false;
    rep->literals.sufficient.clear();
  }
  return std::shared_ptr<const Regex>(new Regex(std::move(rep)));
}

bool Regex::Matches(std::string_view text) const {
  const auto matches = [this](std::string_view valid) {
    const re2::StringPiece piece(valid.data(), valid.size());
    return rep_->re2.Match(piece, 0, valid.size(), RE2::UNANCHORED, nullptr, 0);
  };
  if (matches(text)) return true;
  // RE2 lets no byte that is not UTF-8 match anything; Go takes each for U+FFFD.
  return !IsValidUtf8(text) && matches(RepairedText(text).text);
}

bool Regex::Find(std::string_view text, size_t from, Spans& groups) const {
  groups.clear();
  if (IsValidUtf8(text)) return rep_->Find(text, from, groups);
  const RepairedText repaired(text);
  const auto start =
      std::lower_bound(repaired.origin.begin(), repaired.origin.end(), static_cast<int>(from));
  if (!rep_->Find(repaired.text, static_cast<size_t>(start - repaired.origin.begin()), groups)) {
    return false;
  }
  repaired.MapBack(groups);
  return true;
}

std::string Regex::ReplaceAll(std::string_view text, std::string_view replacement,
                              bool literal) const {
  std::string out;
  Spans groups;
  size_t copied = 0;  // End of the last match.
  for (size_t from = 0; from <= text.size() && Find(text, from, groups);) {
    const auto begin = static_cast<size_t>(groups[0].first);
    const auto end = static_cast<size_t>(groups[0].second);
    out.append(text.substr(copied, begin - copied));
    // An empty match right behind another one is none.
    if (end > copied || begin == 0) {
      if (literal) {
        out.append(replacement);
      } else {
        Expand(text, groups, replacement, out);
      }
    }
    copied = end;
    const size_t step = from < text.size() ? DecodeRune(text.substr(from)).length : 1;
    from = std::max(from + step, end);
  }
  out.append(text.substr(copied));
  return out;
}

void Regex::Expand(std::string_view text, const Spans& groups, std::string_view replacement,
                   std::string& out) const {
  while (!replacement.empty()) {
    const size_t dollar = replacement.find('$');
    out.append(replacement.substr(0, dollar));
    if (dollar == std::string_view::npos) return;
    replacement.remove_prefix(dollar + 1);
    if (replacement.starts_with('$')) {
      out.push_back('$');
      replacement.remove_prefix(1);
      continue;
    }
    const bool braces = replacement.starts_with('{');
    std::string_view name = replacement.substr(braces ? 1 : 0);
    const auto name_end = std::find_if_not(name.begin(), name.end(), IsWordByte);
    name = name.substr(0, static_cast<size_t>(name_end - name.begin()));
    const size_t length = name.size() + (braces ? 2 : 0);
    if (name.empty() || (braces && !replacement.substr(0, length).ends_with('}'))) {
      out.push_back('$');  // Not a reference.
      continue;
    }
    replacement.remove_prefix(length);
    const auto [begin, end] = rep_->GroupSpan(name, groups);
    if (begin >= 0)
      out.append(text.substr(static_cast<size_t>(begin), static_cast<size_t>(end - begin)));
  }
}

const std::vector<std::string>& Regex::group_names() const { return rep_->group_names; }
const std::string& Regex::pattern() const { return rep_->pattern; }
const std::optional<std::vector<std::string>>& Regex::literal_set() const {
  return rep_->literals.exact;
}
bool Regex::matches_all() const { return rep_->literals.matches_all; }
const Regex::RequiredLiterals& Regex::required_literals() const { return rep_->literals.required; }
const std::vector<std::string>& Regex::sufficient_literals() const {
  return rep_->literals.sufficient;
}

}  // namespace skald
