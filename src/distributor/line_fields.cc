#include "distributor/line_fields.h"

#include <cstring>
#include <optional>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace skald::distributor {
namespace {

constexpr bool IsJsonBlank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// The next quote or backslash at or after `p`, or `end`.
const char* FindQuoteOrBackslash(const char* p, const char* end) {
#if defined(__SSE2__)
  const __m128i quote = _mm_set1_epi8('"');
  const __m128i backslash = _mm_set1_epi8('\\');
  for (; end - p >= 16; p += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    const int hits = _mm_movemask_epi8(
        _mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, backslash)));
    if (hits != 0) return p + __builtin_ctz(static_cast<unsigned>(hits));
  }
#endif
  while (p < end && *p != '"' && *p != '\\') ++p;
  return p;
}

// The quote that ends the string whose first character is at `p`, or `end`.
const char* FindStringEnd(const char* p, const char* end) {
  for (;;) {
    p = FindQuoteOrBackslash(p, end);
    if (p == end || *p == '"') return p;
    p = end - p > 2 ? p + 2 : end;
  }
}

// Walks the members of nested objects.
class JsonWalker {
 public:
  explicit JsonWalker(std::string_view line) : p_(line.data()), end_(p_ + line.size()) {}

  std::string_view Find(const FieldNames& fields, size_t max_depth) {
    if (!Take('{')) return {};
    for (size_t depth = 1; depth > 0;) {
      if (Take('}')) {
        --depth;
        Take(',');
        continue;
      }
      std::string_view key;
      if (!TakeString(key) || !Take(':')) return {};
      const char next = Peek();
      if (next == '{' && (max_depth == 0 || depth < max_depth)) {
        ++p_;
        ++depth;
        continue;
      }
      if (next == '"') {
        std::string_view value;
        if (!TakeString(value)) return {};
        if (fields.Find(key)) return value;
      } else if (!SkipValue(next)) {
        return {};
      }
      if (!Take(',') && Peek() != '}') return {};
    }
    return {};
  }

  // Goes down the path's members one after the other.
  std::string_view FindPath(std::string_view path) {
    while (Take('{')) {
      const size_t dot = path.find('.');
      const std::string_view wanted = path.substr(0, dot);
      std::string_view key;
      for (;;) {
        if (!TakeString(key) || !Take(':')) return {};
        if (key == wanted) break;
        if (!SkipAny() || !Take(',')) return {};
      }
      if (dot == std::string_view::npos) return TakeScalar();
      path.remove_prefix(dot + 1);
    }
    return {};
  }

 private:
  // The next character past blanks; '\0' at the end.
  char Peek() {
    while (p_ < end_ && IsJsonBlank(*p_)) ++p_;
    return p_ < end_ ? *p_ : '\0';
  }
  bool Take(char c) {
    if (Peek() != c) return false;
    ++p_;
    return true;
  }
  bool TakeString(std::string_view& text) {
    if (!Take('"')) return false;
    const char* begin = p_;
    const char* close = FindStringEnd(begin, end_);
    if (close == end_) return false;
    text = {begin, static_cast<size_t>(close - begin)};
    p_ = close + 1;
    return true;
  }
  std::string_view TakeScalar() {
    const char first = Peek();
    std::string_view text;
    if (first == '"') return TakeString(text) ? text : std::string_view();
    const char* begin = p_;
    if (first == '{' || first == '[' || !SkipValue(first)) return {};
    return {begin, static_cast<size_t>(p_ - begin)};
  }
  bool SkipAny() {
    std::string_view text;
    const char first = Peek();
    return first == '"' ? TakeString(text) : SkipValue(first);
  }
  // Passes over a value that begins with `first` and is no string.
  bool SkipValue(char first) {
    if (first == '{' || first == '[') return SkipNested();
    const char* begin = p_;
    while (p_ < end_ && *p_ != ',' && *p_ != '}' && *p_ != ']' && !IsJsonBlank(*p_)) ++p_;
    return p_ > begin;
  }
  bool SkipNested() {
    for (size_t open = 0; p_ < end_;) {
      const char c = *p_++;
      if (c == '"') {
        p_ = FindStringEnd(p_, end_);
        if (p_ < end_) ++p_;
      } else if (c == '{' || c == '[') {
        ++open;
      } else if ((c == '}' || c == ']') && --open == 0) {
        return true;
      }
    }
    return false;
  }

  const char* p_;
  const char* const end_;
};

constexpr bool IsLogfmtBlank(char c) { return static_cast<unsigned char>(c) <= ' '; }

// The first key=... of the line that may be one of the fields, quotes not heeded.
struct LogfmtKey {
  const char* begin = nullptr;  // Null: there is none.
  const char* equals = nullptr;
  size_t place = 0;  // Among the fields.
};

LogfmtKey FirstLogfmtKey(std::string_view line, const FieldNames& fields) {
  const char* const begin = line.data();
  const char* const end = begin + line.size();
  const char* p = begin;
  while (p < end) {
    const auto* equals =
        static_cast<const char*>(std::memchr(p, '=', static_cast<size_t>(end - p)));
    if (equals == nullptr) return {};
    const char* key = equals;
    while (key > p && !IsLogfmtBlank(key[-1])) --key;
    const auto place = fields.FindIgnoringCase({key, static_cast<size_t>(equals - key)});
    if (place) return {.begin = key, .equals = equals, .place = *place};
    p = equals + 1;
  }
  return {};
}

// Takes the value after key= off the front of `rest`. False if a quote is not closed.
bool TakeLogfmtValue(std::string_view& rest, std::string_view& value) {
  if (!rest.empty() && rest.front() == '"') {
    const char* begin = rest.data() + 1;
    const char* end = rest.data() + rest.size();
    const char* close = FindStringEnd(begin, end);
    if (close == end) return false;
    value = {begin, static_cast<size_t>(close - begin)};
    rest.remove_prefix(value.size() + 2);
    return true;
  }
  size_t length = 0;
  while (length < rest.size() && !IsLogfmtBlank(rest[length])) ++length;
  value = rest.substr(0, length);
  rest.remove_prefix(length);
  return true;
}

// Calls visit(key, value) for each pair until it returns false.
template <typename Visit>
void ForEachLogfmtPair(std::string_view rest, const Visit& visit) {
  while (!rest.empty()) {
    if (IsLogfmtBlank(rest.front())) {
      rest.remove_prefix(1);
      continue;
    }
    size_t length = 0;
    while (length < rest.size() && rest[length] != '=' && !IsLogfmtBlank(rest[length])) ++length;
    const std::string_view key = rest.substr(0, length);
    rest.remove_prefix(length);
    if (rest.empty() || rest.front() != '=') continue;
    rest.remove_prefix(1);
    std::string_view value;
    if (!TakeLogfmtValue(rest, value) || !visit(key, value)) return;
  }
}

}  // namespace

bool LooksLikeJsonObject(std::string_view line) {
  size_t begin = 0;
  while (begin < line.size() && IsJsonBlank(line[begin])) ++begin;
  if (begin == line.size() || line[begin] != '{') return false;
  size_t end = line.size();
  while (IsJsonBlank(line[end - 1])) --end;
  return line[end - 1] == '}';
}

std::string_view FindJsonField(std::string_view line, const FieldNames& fields, size_t max_depth) {
  return JsonWalker(line).Find(fields, max_depth);
}

std::string_view FindLogfmtField(std::string_view line, const FieldNames& fields) {
  const LogfmtKey first = FirstLogfmtKey(line, fields);
  if (first.begin == nullptr) return {};
  const auto before = static_cast<size_t>(first.begin - line.data());
  const bool parted = before == 0 || IsLogfmtBlank(first.begin[-1]);
  if (first.place == 0 && parted && std::memchr(line.data(), '"', before) == nullptr) {
    // No field is wanted more, and no quote makes it part of something else: the usual case.
    std::string_view rest = line.substr(static_cast<size_t>(first.equals + 1 - line.data()));
    std::string_view value;
    return TakeLogfmtValue(rest, value) ? value : std::string_view();
  }
  std::string_view best;
  size_t best_place = fields.names().size();
  ForEachLogfmtPair(line, [&](std::string_view key, std::string_view value) {
    const std::optional<size_t> place = fields.FindIgnoringCase(key);
    if (place && *place < best_place) {
      best = value;
      best_place = *place;
    }
    return best_place > 0;
  });
  return best;
}

std::string_view FindJsonPath(std::string_view line, std::string_view path) {
  return JsonWalker(line).FindPath(path);
}

std::string_view FindLogfmtKey(std::string_view line, std::string_view key) {
  std::string_view found;
  ForEachLogfmtPair(line, [&](std::string_view name, std::string_view value) {
    if (name != key) return true;
    found = value;
    return false;
  });
  return found;
}

}  // namespace skald::distributor
