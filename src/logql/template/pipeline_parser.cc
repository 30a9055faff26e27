#include "logql/template/pipeline_parser.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "common/quote.h"
#include "common/unquote.h"
#include "common/utf8.h"
#include "logql/stages/value_text.h"
#include "logql/template/template_functions.h"

namespace skald::logql {
namespace {

using Kind = TemplateToken::Kind;
using Type = TemplateNodeType;

PipelineParser::Node NewNode(Type type, const TemplateToken& token) {
  auto node = std::make_unique<TemplateNode>();
  node->type = type;
  node->position = token.position;
  node->text = token.text;
  return node;
}

bool BeginsOperand(Kind kind) {
  switch (kind) {
    case Kind::kBool:
    case Kind::kCharConstant:
    case Kind::kDot:
    case Kind::kField:
    case Kind::kIdentifier:
    case Kind::kNumber:
    case Kind::kNil:
    case Kind::kRawString:
    case Kind::kString:
    case Kind::kVariable:
    case Kind::kLeftParen:
      return true;
    default:
      return false;
  }
}

// Reads digits with a sign, a prefix for their base and underscores, as Go's literals have them.
bool ReadInteger(std::string_view text, int64_t& value) {
  const bool negative = text.starts_with('-');
  text.remove_prefix(negative || text.starts_with('+') ? 1 : 0);
  int base = 10;
  if (text.size() > 1 && text[0] == '0') {
    const char letter = static_cast<char>(text[1] | 0x20);
    base = letter == 'x' ? 16 : letter == 'b' ? 2 : 8;
    text.remove_prefix(letter == 'x' || letter == 'b' || letter == 'o' ? 2 : 1);
  }
  std::string digits(text);
  if (base != 10 || text.find("__") == std::string_view::npos) {
    std::erase(digits, '_');
  }
  uint64_t magnitude = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, magnitude, base);
  constexpr uint64_t kMost = uint64_t{1} << 63;
  if (error != std::errc() || stop != end || magnitude > kMost - (negative ? 0 : 1)) {
    return false;
  }
  value = static_cast<int64_t>(negative ? 0 - magnitude : magnitude);
  return true;
}

}  // namespace

Status PipelineParser::Enter() {
  return ++depth_ > kMaxTemplateNesting ? in_.Fail("template nested too deeply") : Status();
}

std::vector<std::string> PipelineParser::Isolate() {
  return std::exchange(variables_, std::vector<std::string>{"$"});
}

Status PipelineParser::Unquote(const TemplateToken& token, std::string& value) const {
  Result<std::string> unquoted = GoUnquote(token.text);
  if (!unquoted.ok()) {
    return in_.Fail(std::string(unquoted.status().message()));
  }
  value = *std::move(unquoted);
  return Status();
}

Status PipelineParser::Parse(std::string_view context, Kind end, Node& out) {
  SKALD_RETURN_IF_ERROR(Enter());
  out = NewNode(Type::kPipeline, in_.PeekNonSpace());
  SKALD_RETURN_IF_ERROR(ParseDeclarations(context, *out));
  for (;;) {
    const size_t place = in_.place();
    const TemplateToken& token = in_.NextNonSpace();
    if (token.kind == end) {
      Exit();
      return CheckCommands(context, *out);
    }
    if (!BeginsOperand(token.kind)) {
      return in_.Unexpected(token, context);
    }
    in_.Return(place);
    Node command;
    SKALD_RETURN_IF_ERROR(ParseCommand(command));
    out->children.push_back(std::move(command));
  }
}

// `$a :=`, `$a =`; in a range also `$i, $e :=`, and then nothing may follow.
Status PipelineParser::ParseDeclarations(std::string_view context, TemplateNode& pipeline) {
  while (in_.PeekNonSpace().kind == Kind::kVariable) {
    const size_t place = in_.place();
    std::string name(in_.Next().text);
    const TemplateToken& next = in_.PeekNonSpace();
    const bool comma = next.kind == Kind::kChar && next.text == ",";
    if (!comma && next.kind != Kind::kAssign && next.kind != Kind::kDeclare) {
      in_.Return(place);
      return Status();
    }
    pipeline.assigns = next.kind == Kind::kAssign;
    in_.NextNonSpace();
    variables_.push_back(name);
    pipeline.variables.push_back(std::move(name));
    if (!comma) {
      return Status();
    }
    if (context != "range" || pipeline.variables.size() >= 2) {
      return in_.Fail("too many declarations in " + std::string(context));
    }
    const Kind kind = in_.PeekNonSpace().kind;
    if (kind != Kind::kVariable && kind != Kind::kRightDelim && kind != Kind::kRightParen) {
      return in_.Fail("range can only initialize variables");
    }
  }
  return Status();
}

Status PipelineParser::CheckCommands(std::string_view context, const TemplateNode& pipeline) const {
  if (pipeline.children.empty()) {
    return in_.Fail("missing value for " + std::string(context));
  }
  for (size_t c = 1; c < pipeline.children.size(); ++c) {
    const Type first = pipeline.children[c]->children[0]->type;
    if (first == Type::kConstant || first == Type::kDot || first == Type::kNil) {
      return in_.Fail("non executable command in pipeline stage " + std::to_string(c + 1));
    }
  }
  return Status();
}

// Operands up to a bar, which is taken, or to the end of the pipeline.
Status PipelineParser::ParseCommand(Node& out) {
  out = NewNode(Type::kCommand, in_.PeekNonSpace());
  for (;;) {
    in_.PeekNonSpace();
    Node operand;
    SKALD_RETURN_IF_ERROR(ParseOperand(operand));
    if (operand != nullptr) {
      out->children.push_back(std::move(operand));
    }
    const size_t place = in_.place();
    const TemplateToken& token = in_.Next();
    if (token.kind == Kind::kSpace) {
      continue;
    }
    if (token.kind == Kind::kRightDelim || token.kind == Kind::kRightParen) {
      in_.Return(place);
    } else if (token.kind != Kind::kPipe) {
      return in_.Unexpected(token, "operand");
    }
    return out->children.empty() ? in_.Fail("empty command") : Status();
  }
}

// A term with the fields behind it; null if there is none.
Status PipelineParser::ParseOperand(Node& out) {
  SKALD_RETURN_IF_ERROR(ParseTerm(out));
  return out == nullptr || in_.Peek().kind != Kind::kField ? Status() : ParseFields(out);
}

Status PipelineParser::ParseFields(Node& term) {
  const Type type = term->type;
  if (type == Type::kConstant || type == Type::kNil || type == Type::kDot) {
    return in_.Fail("unexpected . after term " + GoQuote(PrintNode(*term)));
  }
  if (type != Type::kField && type != Type::kVariable) {
    Node chain = NewNode(Type::kChain, in_.Peek());
    chain->children.push_back(std::move(term));
    term = std::move(chain);
  }
  term->position = in_.Peek().position;
  while (in_.Peek().kind == Kind::kField) {
    term->idents.emplace_back(in_.Next().text.substr(1));
  }
  return Status();
}

Status PipelineParser::ParseTerm(Node& out) {
  const size_t place = in_.place();
  const TemplateToken& token = in_.NextNonSpace();
  out = NewNode(Type::kConstant, token);
  switch (token.kind) {
    case Kind::kIdentifier:
      out->type = Type::kIdentifier;
      out->function = parts_.find_function(token.text);
      return out->function == nullptr ? in_.Fail("function " + GoQuote(token.text) + " not defined")
                                      : Status();
    case Kind::kDot:
      out->type = Type::kDot;
      parts_.uses_all_labels = true;
      return Status();
    case Kind::kNil:
      out->type = Type::kNil;
      return Status();
    case Kind::kVariable:
      out->type = Type::kVariable;
      parts_.uses_all_labels = parts_.uses_all_labels || token.text == "$";
      return std::find(variables_.begin(), variables_.end(), token.text) == variables_.end()
                 ? in_.Fail("undefined variable " + GoQuote(token.text))
                 : Status();
    case Kind::kField:
      out->type = Type::kField;
      out->text.clear();
      out->idents.emplace_back(token.text.substr(1));
      out->field = FieldIndex(token.text.substr(1));
      return Status();
    case Kind::kBool:
      out->value = TemplateValue::Bool(token.text == "true");
      return Status();
    case Kind::kCharConstant:
      return ParseCharacter(token, *out);
    case Kind::kNumber:
      return ParseNumber(token, *out);
    case Kind::kString:
    case Kind::kRawString:
      return ParseString(token, *out);
    case Kind::kLeftParen:
      return Parse("parenthesized pipeline", Kind::kRightParen, out);
    default:
      in_.Return(place);
      out = nullptr;
      return Status();
  }
}

uint32_t PipelineParser::FieldIndex(std::string_view name) {
  std::vector<std::string>& fields = parts_.fields;
  const auto known = std::find(fields.begin(), fields.end(), name);
  const auto index = static_cast<uint32_t>(known - fields.begin());
  if (known == fields.end()) {
    fields.emplace_back(name);
  }
  return index;
}

Status PipelineParser::ParseString(const TemplateToken& token, TemplateNode& node) {
  std::string value;
  SKALD_RETURN_IF_ERROR(Unquote(token, value));
  parts_.literals.push_back(std::move(value));
  node.value = TemplateValue::String(parts_.literals.back());
  return Status();
}

Status PipelineParser::ParseCharacter(const TemplateToken& token, TemplateNode& node) const {
  const Result<std::string> text = GoUnquote(token.text);
  if (!text.ok()) {
    return in_.Fail(std::string(text.status().message()));
  }
  const Rune rune = text->empty() ? Rune() : DecodeRune(*text);
  if (rune.length != text->size()) {
    return in_.Fail("malformed character constant: " + std::string(token.text));
  }
  node.value = TemplateValue::Int(rune.valid ? rune.value : static_cast<unsigned char>((*text)[0]));
  return Status();
}

// Compat: what looks like an integer and is too large for one is no float either.
Status PipelineParser::ParseNumber(const TemplateToken& token, TemplateNode& node) const {
  int64_t integer = 0;
  double number = 0;
  if (ReadInteger(token.text, integer)) {
    node.value = TemplateValue::Int(integer);
    return Status();
  }
  if (!ParseGoFloat(token.text, number)) {
    return in_.Fail("illegal number syntax: " + GoQuote(token.text));
  }
  if (token.text.find_first_of(".eEpP") == std::string_view::npos) {
    return in_.Fail("integer overflow: " + GoQuote(token.text));
  }
  node.value = TemplateValue::Float(number);
  return Status();
}

}  // namespace skald::logql
