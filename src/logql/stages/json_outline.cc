#include "logql/stages/json_outline.h"

#include <algorithm>
#include <string_view>

#include "logql/stages/outline_cursor.h"

namespace skald::logql {
namespace {

using Hole = model::LineOutline::Hole;
using Range = model::LineExcerpt::Range;

constexpr int kMaxNesting = 32;

bool IsSpace(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
bool EndsLiteral(char c) { return c == ',' || c == '}' || c == ']' || IsSpace(c); }
bool BeginsNumber(char c) { return c == '-' || (c >= '0' && c <= '9'); }

// As ReadJsonLiteral has it.
bool IsLiteral(std::string_view text) {
  return !text.empty() &&
         (BeginsNumber(text[0]) || text == "true" || text == "false" || text == "null");
}

// Whether all texts of a hole without quotes are `before` and a literal.
bool HoldsLiterals(const Hole& hole, std::string_view before) {
  switch (hole.kind) {
    case Hole::Kind::kText:
      return false;
    case Hole::Kind::kListed:
      return std::ranges::all_of(hole.values, [before](std::string_view value) {
        return value.starts_with(before) && IsLiteral(value.substr(before.size()));
      });
    case Hole::Kind::kNumber:
      return hole.prefix.starts_with(before) &&
             (hole.prefix.size() == before.size() || BeginsNumber(hole.prefix[before.size()]));
  }
  return false;
}

class JsonOutline {
 public:
  JsonOutline(const model::LineOutline& outline, const FieldKeys& fields)
      : cursor_(outline), fields_(fields) {}

  bool Cut(std::vector<Range>& kept) {
    PassSpace();
    if (!cursor_.Take('{')) return false;
    kept.assign(1, {0, cursor_.at()});
    Member member;
    size_t last_kept_end = 0;  // Of its value, in front of the comma.
    do {
      if (!ReadMember(member)) return false;
      if (!member.kept) continue;
      kept.push_back({member.begin, cursor_.at()});
      last_kept_end = member.end;
    } while (!member.last);
    if (last_kept_end > 0) kept.back().end = last_kept_end;
    kept.push_back({member.end, cursor_.size()});
    return true;
  }

 private:
  struct Member {
    size_t begin = 0;
    size_t end = 0;  // Of its value and the blanks behind it.
    bool kept = false;
    bool last = false;
  };

  void PassSpace() {
    while (!cursor_.AtEnd() && IsSpace(cursor_.Peek())) cursor_.Skip();
  }

  // Reads a member with the comma behind it, if one is there.
  bool ReadMember(Member& member) {
    PassSpace();
    member.begin = cursor_.at();
    std::string_view key;
    if (cursor_.PassQuoted(&key) == Passing::kUndecided) return false;
    const bool told = key.find_first_of(std::string_view("\\\0", 2)) == std::string_view::npos;
    const bool wanted = !told || fields_.Wants(key) || fields_.WantsWithin(key);
    const Passing value = PassMemberValue(wanted, 0);
    if (value == Passing::kUndecided) return false;
    member.kept = wanted || value != Passing::kSurely;
    PassSpace();
    member.end = cursor_.at();
    member.last = !cursor_.Take(',');
    return !member.last || cursor_.Is('}');
  }

  // What is behind a key. `strictly`: as PassValue has it.
  Passing PassMemberValue(bool strictly, int depth) {
    PassSpace();
    if (cursor_.Take(':')) {
      PassSpace();
      return PassValue(strictly, depth);
    }
    // No separator stands between the colon and a number.
    return cursor_.Is(OutlineCursor::kHole) ? PassLiteral(":") : Passing::kUndecided;
  }

  // A block of brackets is read as parsers pass over it, or, strictly, as they look into it.
  Passing PassValue(bool strictly, int depth) {
    if (cursor_.AtEnd()) return Passing::kUndecided;
    switch (cursor_.Peek()) {
      case '"':
        return cursor_.PassQuoted();
      case '{':
        return strictly ? PassObject(depth + 1) : PassBlock('{', '}');
      case '[':
        return strictly ? PassArray(depth + 1) : PassBlock('[', ']');
      default:
        return PassLiteral("");
    }
  }

  // A number or word, or a hole of such behind `before`.
  Passing PassLiteral(std::string_view before) {
    bool literal = false;
    if (cursor_.Is(OutlineCursor::kHole)) {
      literal = HoldsLiterals(cursor_.TakeHole(), before);
    } else {
      const size_t begin = cursor_.at();
      while (!cursor_.AtEnd() && !EndsLiteral(cursor_.Peek())) {
        if (cursor_.Is(OutlineCursor::kHole) || cursor_.Is('"')) return Passing::kUndecided;
        cursor_.Skip();
      }
      literal = IsLiteral(cursor_.Since(begin));
    }
    if (cursor_.AtEnd() || !EndsLiteral(cursor_.Peek())) return Passing::kUndecided;
    return literal ? Passing::kSurely : Passing::kPerhaps;
  }

  Passing PassBlock(char open, char close) {
    int level = 0;
    Passing passing = Passing::kSurely;
    while (!cursor_.AtEnd() && passing != Passing::kUndecided) {
      if (cursor_.Is('"')) {
        passing = std::max(passing, cursor_.PassQuoted());
      } else if (cursor_.Is(OutlineCursor::kHole)) {
        cursor_.TakeHole();
      } else if (cursor_.Take(open)) {
        ++level;
      } else if (cursor_.Take(close)) {
        if (--level == 0) return passing;
      } else {
        cursor_.Skip();
      }
    }
    return Passing::kUndecided;
  }

  Passing PassObject(int depth) {
    cursor_.Skip();
    PassSpace();
    if (cursor_.Take('}')) return Passing::kPerhaps;
    do {
      PassSpace();
      if (depth > kMaxNesting || cursor_.PassQuoted() == Passing::kUndecided ||
          PassMemberValue(true, depth) == Passing::kUndecided) {
        return Passing::kUndecided;
      }
      PassSpace();
    } while (cursor_.Take(','));
    return cursor_.Take('}') ? Passing::kPerhaps : Passing::kUndecided;
  }

  Passing PassArray(int depth) {
    cursor_.Skip();
    PassSpace();
    if (cursor_.Take(']')) return Passing::kPerhaps;
    do {
      PassSpace();
      if (depth > kMaxNesting || PassValue(true, depth) == Passing::kUndecided) {
        return Passing::kUndecided;
      }
      PassSpace();
    } while (cursor_.Take(','));
    return cursor_.Take(']') ? Passing::kPerhaps : Passing::kUndecided;
  }

  OutlineCursor cursor_;
  const FieldKeys& fields_;
};

}  // namespace

bool CutJson(const model::LineOutline& outline, const FieldKeys& fields,
             std::vector<model::LineExcerpt::Range>& kept) {
  return JsonOutline(outline, fields).Cut(kept);
}

}  // namespace skald::logql
