#include "logql/template/template_parser.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "common/quote.h"
#include "common/unquote.h"
#include "logql/template/template_functions.h"

namespace skald::logql {
namespace {

constexpr int kMaxDepth = 200;  // Of nested blocks and parentheses; bounds the stack.

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsNameByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || IsDigit(c) ||
         static_cast<signed char>(c) < 0;
}

}  // namespace

Status TemplateParser::Fail(const std::string& cause) const {
  const auto line =
      1 + std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(at_), '\n');
  return InvalidArgument("template: " + result_.name_ + ":" + std::to_string(line) + ": " + cause);
}

TemplateParser::Node TemplateParser::NewNode(TemplateNodeType type) const {
  auto node = std::make_unique<TemplateNode>();
  node->type = type;
  node->position = static_cast<uint32_t>(at_);
  return node;
}

uint32_t TemplateParser::FieldIndex(const std::string& name) {
  auto& fields = result_.fields_;
  const auto known = std::find(fields.begin(), fields.end(), name);
  if (known != fields.end()) {
    return static_cast<uint32_t>(known - fields.begin());
  }
  fields.push_back(name);
  return static_cast<uint32_t>(fields.size() - 1);
}

Status TemplateParser::Parse() {
  Stop stop = Stop::kEof;
  SKALD_RETURN_IF_ERROR(ParseList(result_.root_, stop));
  return stop == Stop::kEof
             ? Status()
             : Fail(stop == Stop::kEnd ? "unexpected {{end}}" : "unexpected {{else}}");
}

// Takes text up to the next action.
void TemplateParser::ReadText(TemplateNodes& out) {
  const size_t open = std::min(text_.find("{{", at_), text_.size());
  std::string_view text = text_.substr(at_, open - at_);
  if (trim_next_) {
    text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
  }
  trim_next_ = false;
  at_ = open;
  if (open + 3 < text_.size() && text_[open + 2] == '-' && IsBlank(text_[open + 3])) {
    text = text.substr(0, text.find_last_not_of(" \t\r\n") + 1);
  }
  if (!text.empty()) {
    out.push_back(NewNode(TemplateNodeType::kText));
    out.back()->text = text;
  }
}

void TemplateParser::SkipBlank() {
  while (at_ < text_.size() && IsBlank(text_[at_])) {
    ++at_;
  }
}

bool TemplateParser::AtActionEnd() const {
  const std::string_view rest = text_.substr(at_);
  return rest.starts_with("}}") || rest.starts_with("-}}");
}

Status TemplateParser::CloseAction() {
  SkipBlank();
  if (at_ >= text_.size()) {
    return Fail("unclosed action");
  }
  if (!AtActionEnd()) {
    return Fail("unexpected " + GoQuote(text_.substr(at_, 1)) + " in command");
  }
  trim_next_ = text_[at_] == '-';
  at_ += trim_next_ ? 3 : 2;
  return Status();
}

// Whether there was a comment behind the opening braces.
bool TemplateParser::SkipComment(Status& status) {
  if (!text_.substr(at_).starts_with("/*")) {
    return false;
  }
  const size_t end = text_.find("*/", at_);
  if (end == std::string_view::npos) {
    status = Fail("unclosed comment");
    return true;
  }
  at_ = end + 2;
  SkipBlank();
  status = AtActionEnd() ? CloseAction() : Fail("comment ends before closing delimiter");
  return true;
}

Status TemplateParser::ParseList(TemplateNodes& out, Stop& stop) {
  if (++depth_ > kMaxDepth) {
    return Fail("blocks are nested too deeply");
  }
  stop = Stop::kEof;
  bool stopped = false;
  while (!stopped) {
    ReadText(out);
    if (at_ >= text_.size()) {
      break;
    }
    at_ += 2;
    if (at_ + 1 < text_.size() && text_[at_] == '-' && IsBlank(text_[at_ + 1])) {
      ++at_;
      SkipBlank();
    }
    Status status;
    if (!SkipComment(status)) {
      SkipBlank();
      status = ParseStatement(out, stop, stopped);
    }
    SKALD_RETURN_IF_ERROR(std::move(status));
  }
  --depth_;
  return Status();
}

std::string TemplateParser::ReadName() {
  const size_t begin = at_;
  while (at_ < text_.size() && IsNameByte(text_[at_])) {
    ++at_;
  }
  return std::string(text_.substr(begin, at_ - begin));
}

Status TemplateParser::ParseStatement(TemplateNodes& out, Stop& stop, bool& stopped) {
  const size_t begin = at_;
  const std::string word = IsDigit(at_ < text_.size() ? text_[at_] : ' ') ? "" : ReadName();
  const auto position = static_cast<uint32_t>(begin);
  if (word == "if") {
    return ParseBlock(TemplateNodeType::kIf, position, out);
  }
  if (word == "with") {
    return ParseBlock(TemplateNodeType::kWith, position, out);
  }
  if (word == "range") {
    return ParseBlock(TemplateNodeType::kRange, position, out);
  }
  if (word == "end" || word == "else") {
    stopped = true;
    stop = word == "end" ? Stop::kEnd : Stop::kElse;
    return word == "end" ? CloseAction() : Status();
  }
  if (word == "break" || word == "continue") {
    if (range_depth_ == 0) {
      return Fail("{{" + word + "}} outside {{range}}");
    }
    out.push_back(
        NewNode(word == "break" ? TemplateNodeType::kBreak : TemplateNodeType::kContinue));
    return CloseAction();
  }
  if (word == "define") {
    return ParseDefinition();
  }
  if (word == "template") {
    return ParseTemplateCall(position, out);
  }
  at_ = begin;
  Node action = NewNode(TemplateNodeType::kAction);
  Node pipeline;
  SKALD_RETURN_IF_ERROR(ParsePipeline("command", false, pipeline));
  action->children.push_back(std::move(pipeline));
  out.push_back(std::move(action));
  return CloseAction();
}

Status TemplateParser::ParseBlock(TemplateNodeType type, uint32_t position, TemplateNodes& out) {
  const size_t scope = variables_.size();
  const bool range = type == TemplateNodeType::kRange;
  Node node = NewNode(type);
  node->position = position;
  Node pipeline;
  SKALD_RETURN_IF_ERROR(ParsePipeline(range                           ? "range"
                                      : type == TemplateNodeType::kIf ? "if"
                                                                      : "with",
                                      false, pipeline));
  node->children.push_back(std::move(pipeline));
  SKALD_RETURN_IF_ERROR(CloseAction());
  range_depth_ += range ? 1 : 0;
  Stop stop = Stop::kEof;
  SKALD_RETURN_IF_ERROR(ParseList(node->body, stop));
  range_depth_ -= range ? 1 : 0;
  if (stop == Stop::kElse) {
    SKALD_RETURN_IF_ERROR(ParseElse(*node));
  } else if (stop == Stop::kEof) {
    return Fail("unexpected EOF");
  }
  variables_.resize(scope);
  out.push_back(std::move(node));
  return Status();
}

Status TemplateParser::ParseElse(TemplateNode& node) {
  SkipBlank();
  const size_t begin = at_;
  const std::string word = ReadName();
  if ((word == "if" && node.type == TemplateNodeType::kIf) ||
      (word == "with" && node.type == TemplateNodeType::kWith)) {
    return ParseBlock(node.type, static_cast<uint32_t>(begin), node.otherwise);
  }
  at_ = begin;
  SKALD_RETURN_IF_ERROR(CloseAction());
  Stop stop = Stop::kEof;
  SKALD_RETURN_IF_ERROR(ParseList(node.otherwise, stop));
  return stop == Stop::kEnd    ? Status()
         : stop == Stop::kElse ? Fail("expected end; found {{else}}")
                               : Fail("unexpected EOF");
}

Status TemplateParser::ParseDefinition() {
  SkipBlank();
  std::string name;
  std::string source;
  SKALD_RETURN_IF_ERROR(ParseString(name, source));
  SKALD_RETURN_IF_ERROR(CloseAction());
  TemplateNodes nodes;
  Stop stop = Stop::kEof;
  SKALD_RETURN_IF_ERROR(ParseList(nodes, stop));
  if (stop != Stop::kEnd) {
    return Fail("unexpected EOF");
  }
  result_.definitions_[name] = std::move(nodes);
  return Status();
}

Status TemplateParser::ParseTemplateCall(uint32_t position, TemplateNodes& out) {
  SkipBlank();
  Node node = NewNode(TemplateNodeType::kTemplate);
  (void)position;
  std::string source;
  SKALD_RETURN_IF_ERROR(ParseString(node->text, source));
  SkipBlank();
  if (!AtActionEnd()) {
    Node pipeline;
    SKALD_RETURN_IF_ERROR(ParsePipeline("template clause", false, pipeline));
    node->children.push_back(std::move(pipeline));
  }
  out.push_back(std::move(node));
  return CloseAction();
}

// `$a :=`, `$a =`, `$i, $e :=` at the front of a pipeline, if there is such.
Status TemplateParser::ParseDeclaration(TemplateNode& pipeline) {
  const size_t begin = at_;
  std::vector<std::string> names;
  while (at_ < text_.size() && text_[at_] == '$') {
    ++at_;
    names.push_back("$" + ReadName());
    SkipBlank();
    if (at_ < text_.size() && text_[at_] == ',' && names.size() < 2) {
      ++at_;
      SkipBlank();
    } else {
      break;
    }
  }
  const bool declares = text_.substr(at_).starts_with(":=");
  if (names.empty() || (!declares && !text_.substr(at_).starts_with("="))) {
    at_ = begin;
    return Status();
  }
  at_ += declares ? 2 : 1;
  pipeline.assigns = !declares;
  for (const std::string& name : names) {
    if (declares) {
      variables_.push_back(name);
    } else if (std::find(variables_.begin(), variables_.end(), name) == variables_.end()) {
      return Fail("undefined variable " + GoQuote(name));
    }
  }
  pipeline.variables = std::move(names);
  return Status();
}

Status TemplateParser::ParsePipeline(std::string_view context, bool in_parens, Node& out) {
  if (++depth_ > kMaxDepth) {
    return Fail("pipelines are nested too deeply");
  }
  SkipBlank();
  out = NewNode(TemplateNodeType::kPipeline);
  SKALD_RETURN_IF_ERROR(ParseDeclaration(*out));
  for (;;) {
    SkipBlank();
    Node command;
    SKALD_RETURN_IF_ERROR(ParseCommand(context, in_parens, command));
    if (!out->children.empty()) {
      const TemplateNodeType first = command->children[0]->type;
      if (first == TemplateNodeType::kConstant || first == TemplateNodeType::kDot ||
          first == TemplateNodeType::kNil) {
        return Fail("non executable command in pipeline stage " +
                    std::to_string(out->children.size() + 1));
      }
    }
    out->children.push_back(std::move(command));
    SkipBlank();
    if (at_ >= text_.size() || text_[at_] != '|') {
      break;
    }
    ++at_;
  }
  --depth_;
  return Status();
}

Status TemplateParser::ParseCommand(std::string_view context, bool in_parens, Node& out) {
  out = NewNode(TemplateNodeType::kCommand);
  for (;;) {
    SkipBlank();
    if (at_ >= text_.size()) {
      return Fail(in_parens ? "unclosed left paren" : "unclosed action");
    }
    if (AtActionEnd() || text_[at_] == '|' || text_[at_] == ')') {
      break;
    }
    Node operand;
    SKALD_RETURN_IF_ERROR(ParseOperand(operand));
    out->children.push_back(std::move(operand));
  }
  if (out->children.empty()) {
    return Fail("missing value for " + std::string(context));
  }
  return Status();
}

// `.a.b` behind an operand.
void TemplateParser::ParseChain(TemplateNode& node) {
  while (at_ + 1 < text_.size() && text_[at_] == '.' && IsNameByte(text_[at_ + 1])) {
    node.position = static_cast<uint32_t>(at_);
    ++at_;
    node.idents.push_back(ReadName());
  }
}

Status TemplateParser::ParseOperand(Node& out) {
  const char c = text_[at_];
  out = NewNode(TemplateNodeType::kDot);
  if (c == '.' && at_ + 1 < text_.size() && IsNameByte(text_[at_ + 1]) &&
      !IsDigit(text_[at_ + 1])) {
    out->type = TemplateNodeType::kField;
    ParseChain(*out);
    out->field = FieldIndex(out->idents[0]);
    return Status();
  }
  if (c == '.' && (at_ + 1 >= text_.size() || !IsDigit(text_[at_ + 1]))) {
    ++at_;
    result_.uses_all_labels_ = true;
    return Status();
  }
  if (c == '$') {
    ++at_;
    out->type = TemplateNodeType::kVariable;
    out->text = "$" + ReadName();
    if (std::find(variables_.begin(), variables_.end(), out->text) == variables_.end()) {
      return Fail("undefined variable " + GoQuote(out->text));
    }
    ParseChain(*out);
    result_.uses_all_labels_ = result_.uses_all_labels_ || out->text == "$";
    return Status();
  }
  if (c == '(') {
    ++at_;
    out->type = TemplateNodeType::kParens;
    Node pipeline;
    SKALD_RETURN_IF_ERROR(ParsePipeline("parenthesized pipeline", true, pipeline));
    if (at_ >= text_.size() || text_[at_] != ')') {
      return Fail("unclosed left paren");
    }
    ++at_;
    out->children.push_back(std::move(pipeline));
    ParseChain(*out);
    return Status();
  }
  if (c == '"' || c == '`') {
    out->type = TemplateNodeType::kConstant;
    std::string value;
    SKALD_RETURN_IF_ERROR(ParseString(value, out->text));
    result_.literals_.push_back(std::move(value));
    out->value = TemplateValue::String(result_.literals_.back());
    return Status();
  }
  if (IsDigit(c) || c == '-' || c == '+' || c == '.' || c == '\'') {
    return ParseNumber(*out);
  }
  out->text = ReadName();
  if (out->text == "true" || out->text == "false") {
    out->type = TemplateNodeType::kConstant;
    out->value = TemplateValue::Bool(out->text == "true");
  } else if (out->text == "nil") {
    out->type = TemplateNodeType::kNil;
  } else if (out->text.empty()) {
    return Fail("unexpected " + GoQuote(text_.substr(at_, 1)) + " in command");
  } else {
    out->type = TemplateNodeType::kIdentifier;
    out->function = FindTemplateFunction(out->text);
    if (out->function == nullptr) {
      return Fail("function " + GoQuote(out->text) + " not defined");
    }
    ParseChain(*out);
  }
  return Status();
}

Status TemplateParser::ParseString(std::string& value, std::string& source) {
  const char quote = at_ < text_.size() ? text_[at_] : ' ';
  if (quote != '"' && quote != '`') {
    return Fail("missing string constant");
  }
  size_t end = at_ + 1;
  while (end < text_.size() && text_[end] != quote) {
    end += quote == '"' && text_[end] == '\\' ? 2 : 1;
  }
  if (end >= text_.size()) {
    return Fail(quote == '"' ? "unterminated quoted string" : "unterminated raw quoted string");
  }
  source = text_.substr(at_, end + 1 - at_);
  Result<std::string> unquoted = GoUnquote(source);
  if (!unquoted.ok()) {
    return Fail(std::string(unquoted.status().message()));
  }
  value = *std::move(unquoted);
  at_ = end + 1;
  return Status();
}

Status TemplateParser::ParseNumber(TemplateNode& node) {
  const size_t begin = at_++;
  while (at_ < text_.size() &&
         (IsNameByte(text_[at_]) || text_[at_] == '.' ||
          ((text_[at_] == '-' || text_[at_] == '+') && (text_[at_ - 1] | 0x20) == 'e'))) {
    ++at_;
  }
  node.type = TemplateNodeType::kConstant;
  node.text = text_.substr(begin, at_ - begin);
  std::string_view digits = node.text;
  const bool negative = digits[0] == '-';
  digits.remove_prefix(negative || digits[0] == '+' ? 1 : 0);
  const char prefix =
      digits.size() > 2 && digits[0] == '0' ? static_cast<char>(digits[1] | 0x20) : 0;
  const int base = prefix == 'x' ? 16 : prefix == 'b' ? 2 : prefix == 'o' ? 8 : 10;
  const char* const end = digits.data() + digits.size();
  int64_t integer = 0;
  const auto whole = std::from_chars(digits.data() + (base == 10 ? 0 : 2), end, integer, base);
  double number = 0;
  const auto real = std::from_chars(digits.data(), end, number);
  if (whole.ec == std::errc() && whole.ptr == end) {
    node.value = TemplateValue::Int(negative ? -integer : integer);
  } else if (real.ec == std::errc() && real.ptr == end) {
    node.value = TemplateValue::Float(negative ? -number : number);
  } else {
    return Fail("bad number syntax: " + GoQuote(node.text));
  }
  return Status();
}

Result<Template> Template::Parse(std::string name, std::string text) {
  Template result;
  result.name_ = std::move(name);
  result.text_ = std::move(text);
  SKALD_RETURN_IF_ERROR(TemplateParser(result).Parse());
  return result;
}

const TemplateNodes* Template::Find(const std::string& name) const {
  const auto found = definitions_.find(name);
  return found == definitions_.end() ? nullptr : &found->second;
}

std::string PrintNode(const TemplateNode& node) {
  std::string text;
  const auto append = [&](std::string_view separator) {
    for (size_t i = 0; i < node.children.size(); ++i) {
      text.append(i == 0 ? "" : separator);
      text += PrintNode(*node.children[i]);
    }
  };
  switch (node.type) {
    case TemplateNodeType::kDot:
      return ".";
    case TemplateNodeType::kNil:
      return "nil";
    case TemplateNodeType::kParens:
      text = "(" + PrintNode(*node.children[0]) + ")";
      break;
    case TemplateNodeType::kPipeline:
      append(" | ");
      return text;
    case TemplateNodeType::kCommand:
      append(" ");
      return text;
    case TemplateNodeType::kTemplate:
      return "{{template " + GoQuote(node.text) + "}}";
    default:
      text = node.text;
  }
  for (const std::string& ident : node.idents) {
    text += "." + ident;
  }
  return text;
}

}  // namespace skald::logql
