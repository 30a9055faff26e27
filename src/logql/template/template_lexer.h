#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace skald::logql {

struct TemplateToken {
  enum class Kind : uint8_t {
    kEof,
    kError,  // text: why nothing can be read here; always the last
    kText,   // What stands outside of actions.
    kLeftDelim,
    kRightDelim,
    // Within actions.
    kSpace,
    kAssign,   // =
    kDeclare,  // :=
    kPipe,
    kLeftParen,
    kRightParen,
    kChar,  // Any other printable ASCII character, such as a comma.
    kBool,
    kCharConstant,
    kNumber,
    kString,     // In double quotes.
    kRawString,  // In back quotes.
    kField,      // .name
    kVariable,   // $name
    kIdentifier,
    // Words; kDot is the first of what errors show as <word>.
    kDot,
    kBlock,
    kBreak,
    kContinue,
    kDefine,
    kElse,
    kEnd,
    kIf,
    kNil,
    kRange,
    kTemplate,
    kWith,
  };

  Kind kind = Kind::kEof;
  std::string_view text;  // As the template has it.
  uint32_t position = 0;
  uint32_t line = 1;
};

// The tokens of a template, as Go's text/template cuts it: comments are dropped, and blanks next to
// trimming delimiters. Ends with kEof or kError.
//
// Ownership: tokens view `text`, and for an error's text `error`.
std::vector<TemplateToken> LexTemplate(std::string_view text, std::string& error);

}  // namespace skald::logql
