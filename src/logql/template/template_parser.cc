#include "logql/template/template_parser.h"

#include <algorithm>
#include <utility>

#include "common/quote.h"
#include "logql/template/template_functions.h"

namespace skald::logql {
namespace {

using Kind = TemplateToken::Kind;
using Type = TemplateNodeType;

std::unique_ptr<TemplateNode> NewNode(Type type, const TemplateToken& token) {
  auto node = std::make_unique<TemplateNode>();
  node->type = type;
  node->position = token.position;
  return node;
}

bool IsBlank(const TemplateNodes& nodes) {
  return std::all_of(nodes.begin(), nodes.end(), [](const auto& node) {
    return node->type == Type::kText &&
           node->text.find_first_not_of(" \t\n\v\f\r") == std::string::npos;
  });
}

}  // namespace

Status TemplateParser::Parse() {
  for (;;) {
    const size_t place = in_.place();
    const TemplateToken& first = in_.Next();
    if (first.kind == Kind::kEof) {
      return Status();
    }
    if (first.kind == Kind::kLeftDelim && in_.NextNonSpace().kind == Kind::kDefine) {
      SKALD_RETURN_IF_ERROR(ParseDefinition());
      continue;
    }
    in_.Return(place);
    Stop stop = Stop::kNone;
    SKALD_RETURN_IF_ERROR(ParseStatement(parts_.root, stop));
    if (stop != Stop::kNone) {
      return in_.Fail(stop == Stop::kEnd ? "unexpected {{end}}" : "unexpected {{else}}");
    }
  }
}

Status TemplateParser::ParseList(TemplateNodes& out, Stop& stop) {
  SKALD_RETURN_IF_ERROR(pipelines_.Enter());
  stop = Stop::kNone;
  while (stop == Stop::kNone) {
    if (in_.PeekNonSpace().kind == Kind::kEof) {
      return in_.Fail("unexpected EOF");
    }
    SKALD_RETURN_IF_ERROR(ParseStatement(out, stop));
  }
  pipelines_.Exit();
  return Status();
}

Status TemplateParser::ParseStatement(TemplateNodes& out, Stop& stop) {
  const TemplateToken& token = in_.NextNonSpace();
  if (token.kind == Kind::kText) {
    out.push_back(NewNode(Type::kText, token));
    out.back()->text = token.text;
    return Status();
  }
  if (token.kind != Kind::kLeftDelim) {
    return in_.Unexpected(token, "input");
  }
  in_.BeginAction(token.line);
  SKALD_RETURN_IF_ERROR(ParseAction(out, stop));
  in_.EndAction();
  return Status();
}

Status TemplateParser::ParseAction(TemplateNodes& out, Stop& stop) {
  const size_t place = in_.place();
  const TemplateToken& word = in_.NextNonSpace();
  switch (word.kind) {
    case Kind::kIf:
    case Kind::kWith:
    case Kind::kRange:
      return ParseBranch(word, out);
    case Kind::kBreak:
    case Kind::kContinue:
      return ParseLoopExit(word, out);
    case Kind::kTemplate:
      return ParseCall(out);
    case Kind::kBlock:
      return ParseBlock(out);
    case Kind::kEnd:
      stop = Stop::kEnd;
      return in_.Expect(Kind::kRightDelim, "end");
    case Kind::kElse: {
      stop = Stop::kElse;
      const Kind next = in_.PeekNonSpace().kind;
      return next == Kind::kIf || next == Kind::kWith ? Status()
                                                      : in_.Expect(Kind::kRightDelim, "else");
    }
    default:
      break;
  }
  in_.Return(place);
  Node action = NewNode(Type::kAction, in_.Peek());
  Node pipeline;
  SKALD_RETURN_IF_ERROR(pipelines_.Parse("command", Kind::kRightDelim, pipeline));
  action->children.push_back(std::move(pipeline));
  out.push_back(std::move(action));
  return Status();
}

Status TemplateParser::ParseBranch(const TemplateToken& word, TemplateNodes& out) {
  const Type type = word.kind == Kind::kIf     ? Type::kIf
                    : word.kind == Kind::kWith ? Type::kWith
                                               : Type::kRange;
  const size_t scope = pipelines_.scope();
  Node node = NewNode(type, word);
  Node pipeline;
  SKALD_RETURN_IF_ERROR(pipelines_.Parse(word.text, Kind::kRightDelim, pipeline));
  node->children.push_back(std::move(pipeline));
  SKALD_RETURN_IF_ERROR(ParseBranchBody(*node));
  pipelines_.Leave(scope);
  out.push_back(std::move(node));
  return Status();
}

Status TemplateParser::ParseBranchBody(TemplateNode& node) {
  Stop stop = Stop::kNone;
  range_depth_ += node.type == Type::kRange ? 1 : 0;
  SKALD_RETURN_IF_ERROR(ParseList(node.body, stop));
  range_depth_ -= node.type == Type::kRange ? 1 : 0;
  return stop == Stop::kElse ? ParseElse(node) : Status();
}

// `{{else if x}}` is an if within the else, which shares its end.
Status TemplateParser::ParseElse(TemplateNode& node) {
  const Kind next = in_.Peek().kind;
  if ((node.type == Type::kIf && next == Kind::kIf) ||
      (node.type == Type::kWith && next == Kind::kWith)) {
    SKALD_RETURN_IF_ERROR(pipelines_.Enter());
    SKALD_RETURN_IF_ERROR(ParseBranch(in_.Next(), node.otherwise));
    pipelines_.Exit();
    return Status();
  }
  Stop stop = Stop::kNone;
  SKALD_RETURN_IF_ERROR(ParseList(node.otherwise, stop));
  return stop == Stop::kEnd ? Status() : in_.Fail("expected end; found {{else}}");
}

Status TemplateParser::ParseLoopExit(const TemplateToken& word, TemplateNodes& out) {
  const std::string shown = "{{" + std::string(word.text) + "}}";
  SKALD_RETURN_IF_ERROR(in_.Expect(Kind::kRightDelim, shown));
  if (range_depth_ == 0) {
    return in_.Fail(shown + " outside {{range}}");
  }
  out.push_back(NewNode(word.kind == Kind::kBreak ? Type::kBreak : Type::kContinue, word));
  return Status();
}

// {{template "name"}} or {{template "name" pipeline}}
Status TemplateParser::ParseCall(TemplateNodes& out) {
  constexpr std::string_view kContext = "template clause";
  const TemplateToken& token = in_.NextNonSpace();
  Node node = NewNode(Type::kTemplate, token);
  SKALD_RETURN_IF_ERROR(ParseName(token, kContext, node->text));
  const size_t place = in_.place();
  if (in_.NextNonSpace().kind != Kind::kRightDelim) {
    in_.Return(place);
    Node pipeline;
    SKALD_RETURN_IF_ERROR(pipelines_.Parse(kContext, Kind::kRightDelim, pipeline));
    node->children.push_back(std::move(pipeline));
  }
  out.push_back(std::move(node));
  return Status();
}

// {{block "name" pipeline}} body {{end}}: a definition and its call.
Status TemplateParser::ParseBlock(TemplateNodes& out) {
  constexpr std::string_view kContext = "block clause";
  const TemplateToken& token = in_.NextNonSpace();
  Node node = NewNode(Type::kTemplate, token);
  SKALD_RETURN_IF_ERROR(ParseName(token, kContext, node->text));
  Node pipeline;
  SKALD_RETURN_IF_ERROR(pipelines_.Parse(kContext, Kind::kRightDelim, pipeline));
  node->children.push_back(std::move(pipeline));
  SKALD_RETURN_IF_ERROR(ParseDefinedBody(node->text, kContext));
  out.push_back(std::move(node));
  return Status();
}

Status TemplateParser::ParseDefinition() {
  constexpr std::string_view kContext = "define clause";
  const TemplateToken& token = in_.NextNonSpace();
  std::string name;
  SKALD_RETURN_IF_ERROR(ParseName(token, kContext, name));
  SKALD_RETURN_IF_ERROR(in_.Expect(Kind::kRightDelim, kContext));
  return ParseDefinedBody(name, kContext);
}

Status TemplateParser::ParseName(const TemplateToken& token, std::string_view context,
                                 std::string& name) {
  if (token.kind != Kind::kString && token.kind != Kind::kRawString) {
    return in_.Unexpected(token, context);
  }
  return pipelines_.Unquote(token, name);
}

// A definition may be given once; blanks alone count as none.
Status TemplateParser::ParseDefinedBody(const std::string& name, std::string_view context) {
  std::vector<std::string> variables = pipelines_.Isolate();
  const int range_depth = std::exchange(range_depth_, 0);
  TemplateNodes nodes;
  Stop stop = Stop::kNone;
  SKALD_RETURN_IF_ERROR(ParseList(nodes, stop));
  if (stop != Stop::kEnd) {
    return in_.Fail("unexpected {{else}} in " + std::string(context));
  }
  range_depth_ = range_depth;
  pipelines_.Restore(std::move(variables));
  const auto [place, added] = parts_.definitions.try_emplace(name);
  if (added || IsBlank(place->second)) {
    place->second = std::move(nodes);
  } else if (!IsBlank(nodes)) {
    return in_.Fail("template: multiple definition of template " + GoQuote(name));
  }
  return Status();
}

Result<Template> Template::Parse(std::string name, std::string text) {
  return Parse(std::move(name), std::move(text), FindTemplateFunction);
}

Result<Template> Template::Parse(std::string name, std::string text, FindFunction find_function) {
  Template result;
  result.parts_.find_function = find_function;
  result.name_ = std::move(name);
  result.text_ = std::move(text);
  SKALD_RETURN_IF_ERROR(TemplateParser(result.name_, result.text_, result.parts_).Parse());
  return result;
}

const TemplateNodes* Template::Find(std::string_view name) const {
  const auto found = parts_.definitions.find(name);
  if (found != parts_.definitions.end()) {
    return &found->second;
  }
  return name == name_ ? &parts_.root : nullptr;
}

}  // namespace skald::logql
