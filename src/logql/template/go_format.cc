#include "logql/template/go_format.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include "common/utf8.h"
#include "logql/template/printf_verb.h"

namespace skald::logql {
namespace {

using Kind = TemplateValue::Kind;

constexpr int kMaxWidth = 1'000'000;  // As in Go; wider is a bad width.

// Walks over a format and its operands.
class Printer {
 public:
  Printer(std::string& out, std::string_view format, std::span<const TemplateValue> args,
          size_t max_bytes)
      : out_(out), rest_(format), args_(args), max_bytes_(max_bytes) {}

  void Run() {
    while (!rest_.empty() && out_.size() <= max_bytes_) {
      const size_t percent = rest_.find('%');
      out_ += rest_.substr(0, percent);
      if (percent == std::string_view::npos) {
        break;
      }
      rest_.remove_prefix(percent + 1);
      PrintVerb();
    }
    AppendExtra();
  }

 private:
  void PrintVerb() {
    PrintfVerb verb;
    bad_index_ = false;
    while (!rest_.empty() && ReadFlag(verb)) {
      rest_.remove_prefix(1);
    }
    ReadIndex();
    verb.width = ReadNumber();
    if (verb.width < -1) {
      verb.minus = true;
      verb.width = -verb.width;
    }
    if (!rest_.empty() && rest_[0] == '.') {
      rest_.remove_prefix(1);
      ReadIndex();
      verb.precision = std::max(ReadNumber(), 0);
    }
    ReadIndex();
    verb.zero = verb.zero && !verb.minus;
    if (rest_.empty()) {
      out_ += "%!(NOVERB)";
      return;
    }
    const Rune letter = DecodeRune(rest_);
    rest_.remove_prefix(letter.length);
    verb.letter = letter.value;
    verb.plus = verb.plus && verb.letter != 'v';  // It names the fields of structs there.
    if (verb.letter == '%') {
      out_.push_back('%');
    } else if (bad_index_) {
      out_ += "%!";
      AppendRune(out_, verb.letter);
      out_ += "(BADINDEX)";
    } else if (next_ >= args_.size()) {
      out_ += "%!";
      AppendRune(out_, verb.letter);
      out_ += "(MISSING)";
      missing_ = true;
    } else {
      AppendVerb(out_, verb, args_[next_++]);
    }
  }

  // `[2]`: the operand that comes next.
  void ReadIndex() {
    if (rest_.empty() || rest_[0] != '[') {
      return;
    }
    chosen_ = true;
    const size_t close = rest_.find(']');
    size_t index = 0;
    const char* const end = rest_.data() + (close == std::string_view::npos ? 1 : close);
    const auto [stop, error] = std::from_chars(rest_.data() + 1, end, index);
    bad_index_ = error != std::errc() || stop != end || index < 1 || index > args_.size();
    rest_.remove_prefix(close == std::string_view::npos ? 1 : close + 1);
    next_ = bad_index_ ? next_ : index - 1;
  }

  bool ReadFlag(PrintfVerb& verb) const {
    switch (rest_[0]) {
      case '-':
        return verb.minus = true;
      case '+':
        return verb.plus = true;
      case '#':
        return verb.sharp = true;
      case ' ':
        return verb.space = true;
      case '0':
        return verb.zero = true;
      default:
        return false;
    }
  }

  // Digits, or `*` for the next operand; -1 if there is neither.
  int ReadNumber() {
    if (!rest_.empty() && rest_[0] == '*') {
      rest_.remove_prefix(1);
      if (next_ < args_.size() && args_[next_].IsInteger() &&
          std::abs(args_[next_].integer) <= kMaxWidth) {
        return static_cast<int>(args_[next_++].integer);
      }
      ++next_;
      out_ += "%!(BADWIDTH)";
      return -1;
    }
    int value = -1;
    while (!rest_.empty() && rest_[0] >= '0' && rest_[0] <= '9') {
      value = std::max(value, 0) * 10 + (rest_[0] - '0');
      value = std::min(value, kMaxWidth);
      rest_.remove_prefix(1);
    }
    return value;
  }

  void AppendExtra() {
    if (missing_ || chosen_ || next_ >= args_.size()) {
      return;
    }
    out_ += "%!(EXTRA ";
    for (size_t i = next_; i < args_.size() && out_.size() <= max_bytes_; ++i) {
      out_.append(i == next_ ? "" : ", ");
      out_ += TypeName(args_[i]);
      if (args_[i].kind != Kind::kNil) {
        out_.push_back('=');
        AppendValue(out_, args_[i]);
      }
    }
    out_.push_back(')');
  }

  std::string& out_;
  std::string_view rest_;
  std::span<const TemplateValue> args_;
  const size_t max_bytes_;
  size_t next_ = 0;
  bool missing_ = false;
  bool chosen_ = false;  // Operands were named by number; then none is called extra.
  bool bad_index_ = false;
};

}  // namespace

void AppendPrintf(std::string& out, std::string_view format, std::span<const TemplateValue> args,
                  size_t max_bytes) {
  Printer(out, format, args, max_bytes).Run();
}

void AppendPrint(std::string& out, std::span<const TemplateValue> args, size_t max_bytes) {
  for (size_t i = 0; i < args.size() && out.size() <= max_bytes; ++i) {
    if (i > 0 && args[i].kind != Kind::kString && args[i - 1].kind != Kind::kString) {
      out.push_back(' ');
    }
    AppendValue(out, args[i]);
  }
}

void AppendPrintln(std::string& out, std::span<const TemplateValue> args, size_t max_bytes) {
  for (size_t i = 0; i < args.size() && out.size() <= max_bytes; ++i) {
    out.append(i == 0 ? "" : " ");
    AppendValue(out, args[i]);
  }
  out.push_back('\n');
}

}  // namespace skald::logql
