#include "logql/stages/logfmt_text.h"

#include <string>

#include "logql/stages/json_text.h"
#include "logql/stages/text_scan.h"

namespace skald::logql {
namespace {

bool IsBlank(char c) { return static_cast<unsigned char>(c) <= ' '; }

}  // namespace

void LogfmtReader::Begin(std::string_view line) {
  begin_ = p_ = line.data();
  end_ = p_ + line.size();
  error_ = Error::kNone;
}

bool LogfmtReader::Fail(Error error, const char* at) {
  error_ = error;
  error_at_ = at;
  while (p_ != end_ && !IsBlank(*p_)) {
    ++p_;
  }
  return false;
}

bool LogfmtReader::Next() {
  while (p_ != end_ && IsBlank(*p_)) {
    ++p_;
  }
  if (p_ == end_) {
    return false;
  }
  const char* const key = p_;
  p_ = FindLogfmtDelimiter(p_, end_);
  key_ = {key, static_cast<size_t>(p_ - key)};
  value_ = {};
  if (p_ == end_ || IsBlank(*p_)) {
    return true;
  }
  if (*p_ == '"' || key_.empty()) {
    return Fail(Error::kUnexpected, p_);
  }
  ++p_;
  if (p_ == end_ || IsBlank(*p_)) {
    return true;
  }
  if (*p_ == '"') {
    return ReadQuoted();
  }
  const char* const value = p_;
  p_ = FindLogfmtDelimiter(p_, end_);
  if (p_ != end_ && !IsBlank(*p_)) {
    return Fail(Error::kUnexpected, p_);
  }
  value_ = {value, static_cast<size_t>(p_ - value)};
  return true;
}

bool LogfmtReader::ReadQuoted() {
  JsonValue quoted;
  const char* const next = ReadJsonString(p_ + 1, end_, quoted);
  if (next == nullptr) {
    p_ = end_;
    return Fail(Error::kUnterminated, end_);
  }
  p_ = next;
  value_ = quoted.text;
  if (quoted.escaped && !UnescapeJson(quoted.text, *arena_, value_)) {
    return Fail(Error::kInvalidQuoted, p_);
  }
  return true;
}

std::string_view LogfmtReader::ErrorText() const {
  std::string text = "logfmt syntax error at pos " + std::to_string(error_at_ - begin_ + 1) + " : ";
  switch (error_) {
    case Error::kNone:
      return "";
    case Error::kUnexpected:
      text += std::string("unexpected '") + *error_at_ + "'";
      break;
    case Error::kUnterminated:
      text += "unterminated quoted value";
      break;
    case Error::kInvalidQuoted:
      text += "invalid quoted value";
      break;
    case Error::kInvalidKey:
      text += "invalid key";
      break;
  }
  return arena_->Copy(text);
}

}  // namespace skald::logql
