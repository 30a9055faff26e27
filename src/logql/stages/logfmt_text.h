#pragma once

#include <cstdint>
#include <string_view>

#include "logql/stages/text_arena.h"

namespace skald::logql {

// Walks over the key=value pairs of a line.
//
// Order:     Begin (Next)*
// Ownership: borrows the line; values with escapes are put into the arena.
// Threads:   not synchronised.
class LogfmtReader {
 public:
  enum class Error : uint8_t { kNone, kUnexpected, kUnterminated, kInvalidQuoted, kInvalidKey };

  explicit LogfmtReader(TextArena& arena) : arena_(&arena) {}

  void Begin(std::string_view line);

  // Reads the next pair. False at the end of the line, and for a malformed pair: then error() is
  // set, and reading may go on behind it.
  bool Next();
  bool AtEnd() const { return p_ == end_; }

  // Empty when the key stands alone.
  std::string_view key() const { return key_; }
  std::string_view value() const { return value_; }

  Error error() const { return error_; }
  // "logfmt syntax error at pos 12 : unexpected '='", in the arena.
  std::string_view ErrorText() const;

 private:
  bool ReadQuoted();
  bool Fail(Error error, const char* at);

  TextArena* arena_;
  const char* begin_ = nullptr;
  const char* p_ = nullptr;
  const char* end_ = nullptr;
  std::string_view key_;
  std::string_view value_;
  Error error_ = Error::kNone;
  const char* error_at_ = nullptr;
};

}  // namespace skald::logql
