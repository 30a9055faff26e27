#include "logql/stages/logfmt_outline.h"

#include <string_view>

#include "logql/stages/outline_cursor.h"

namespace skald::logql {
namespace {

using Range = model::LineExcerpt::Range;

constexpr char kHole = OutlineCursor::kHole;

// As LogfmtReader has it, of which holes are none.
bool IsBlank(char c) { return c != kHole && static_cast<unsigned char>(c) <= ' '; }

class LogfmtOutline {
 public:
  LogfmtOutline(const model::LineOutline& outline, const FieldKeys& fields)
      : cursor_(outline), fields_(fields) {}

  bool Cut(std::vector<Range>& kept) {
    kept.clear();
    while (PassBlanks()) {
      const size_t begin = cursor_.at();
      bool keep = true;
      if (!PassPair(keep)) return false;
      if (!cursor_.AtEnd()) cursor_.Skip();  // The blank: what comes next is a pair of its own.
      if (keep) kept.push_back({begin, cursor_.at()});
    }
    return true;
  }

 private:
  // Whether there is more.
  bool PassBlanks() {
    while (!cursor_.AtEnd() && IsBlank(cursor_.Peek())) cursor_.Skip();
    return !cursor_.AtEnd();
  }
  bool AtPairsEnd() const { return cursor_.AtEnd() || IsBlank(cursor_.Peek()); }

  // Reads up to a blank or the end. Sets `keep` unless it is sure that the reader passes over it.
  // False if the outline does not tell where it ends.
  bool PassPair(bool& keep) {
    const size_t begin = cursor_.at();
    bool plain = true;
    PassPlain(plain);
    const std::string_view key = cursor_.Since(begin);
    const bool known = key.find(kHole) == std::string_view::npos && !key.empty();
    keep = !known || fields_.Wants(key);
    if (AtPairsEnd()) return true;
    if (!key.empty() && cursor_.Take('=') && cursor_.Is('"')) {
      const Passing quoted = cursor_.PassQuoted();
      keep = keep || quoted != Passing::kSurely;
      return quoted != Passing::kUndecided && AtPairsEnd();
    }
    do {  // A second equals sign is an error, up to the next blank, that changes nothing.
      PassPlain(plain);
    } while (cursor_.Take('='));
    keep = keep || !plain;
    return AtPairsEnd();
  }

  // Up to a blank, a quote or an equals sign. Holes that may hold such make it not plain.
  void PassPlain(bool& plain) {
    while (!AtPairsEnd() && !cursor_.Is('"') && !cursor_.Is('=')) {
      if (cursor_.Is(kHole)) {
        plain = cursor_.TakeHole().plain && plain;
      } else {
        cursor_.Skip();
      }
    }
  }

  OutlineCursor cursor_;
  const FieldKeys& fields_;
};

}  // namespace

bool CutLogfmt(const model::LineOutline& outline, const FieldKeys& fields,
               std::vector<model::LineExcerpt::Range>& kept) {
  return LogfmtOutline(outline, fields).Cut(kept);
}

}  // namespace skald::logql
