#include "logql/template/template_executor.h"

#include "common/quote.h"

namespace skald::logql {
namespace {

using Type = TemplateNodeType;
using Kind = TemplateValue::Kind;

constexpr int kMaxTemplateDepth = 100;  // Of templates calling templates.

}  // namespace

void TemplateExecutor::Begin(const Template& text, const TemplateInput& input, std::string& out) {
  template_ = &text;
  out_ = &out;
  depth_ = 0;
  evaluator_.Begin(text, input);
}

bool TemplateExecutor::Run(const Template& text, const TemplateInput& input, std::string& out) {
  Begin(text, input, out);
  TemplateValue dot;
  dot.kind = Kind::kLabels;
  dot.map = input.labels;
  if (input.dot != nullptr) dot = TemplateValue::Map(*input.dot);
  evaluator_.Push("$", dot);
  return RunNodes(text.root(), dot) != Flow::kError;
}

bool TemplateExecutor::RunDefinition(const Template& text, std::string_view name,
                                     const TemplateValue& dot, const TemplateInput& input,
                                     std::string& out) {
  Begin(text, input, out);
  TemplateNode call;
  call.type = Type::kTemplate;
  call.text = name;
  evaluator_.At(call);
  evaluator_.Push("$", dot);
  const TemplateNodes* nodes = text.Find(name);
  if (nodes == nullptr) {
    return evaluator_.Fail("template " + GoQuote(name) + " not defined");
  }
  return RunNodes(*nodes, dot) != Flow::kError;
}

TemplateExecutor::Flow TemplateExecutor::RunNodes(const TemplateNodes& nodes,
                                                  const TemplateValue& dot) {
  for (const auto& node : nodes) {
    evaluator_.At(*node);
    if (!evaluator_.Spend(1)) {
      return Flow::kError;
    }
    if (out_->size() > kMaxTemplateTextBytes) {
      evaluator_.Fail("the output is too long");
      return Flow::kError;
    }
    const Flow flow = RunNode(*node, dot);
    if (flow != Flow::kOn) {
      return flow;
    }
  }
  return Flow::kOn;
}

TemplateExecutor::Flow TemplateExecutor::RunNode(const TemplateNode& node,
                                                 const TemplateValue& dot) {
  switch (node.type) {
    case Type::kText:
      *out_ += node.text;
      return Flow::kOn;
    case Type::kIf:
    case Type::kWith:
      return RunBranch(node, dot);
    case Type::kRange:
      return RunRange(node, dot);
    case Type::kBreak:
      return Flow::kBreak;
    case Type::kContinue:
      return Flow::kContinue;
    case Type::kTemplate:
      return RunTemplate(node, dot);
    default:
      return RunAction(node, dot);
  }
}

// A pipeline that declares or assigns prints nothing.
TemplateExecutor::Flow TemplateExecutor::RunAction(const TemplateNode& node,
                                                   const TemplateValue& dot) {
  TemplateValue value;
  if (!evaluator_.Pipeline(*node.children[0], dot, value)) {
    return Flow::kError;
  }
  if (node.children[0]->variables.empty()) {
    if (value.kind == Kind::kNil) {
      *out_ += "<no value>";
    } else {
      AppendValue(*out_, value);
    }
  }
  return Flow::kOn;
}

TemplateExecutor::Flow TemplateExecutor::RunBranch(const TemplateNode& node,
                                                   const TemplateValue& dot) {
  const size_t scope = evaluator_.scope();
  TemplateValue value;
  if (!evaluator_.Pipeline(*node.children[0], dot, value)) {
    return Flow::kError;
  }
  const bool truth = IsTruth(value);
  const bool rebinds = truth && node.type == Type::kWith;
  const Flow flow = RunNodes(truth ? node.body : node.otherwise, rebinds ? value : dot);
  evaluator_.Leave(scope);
  return flow;
}

TemplateExecutor::Flow TemplateExecutor::RunRange(const TemplateNode& node,
                                                  const TemplateValue& dot) {
  const size_t scope = evaluator_.scope();
  TemplateValue over;
  if (!evaluator_.Pipeline(*node.children[0], dot, over)) {
    return Flow::kError;
  }
  size_t count = 0;
  if (over.kind == Kind::kList) {
    count = over.list->items.size();
  } else if (over.kind == Kind::kMap || over.kind == Kind::kLabels) {
    count = over.map == nullptr ? 0 : over.map->members.size();
  } else if (over.IsInteger()) {
    if (node.children[0]->variables.size() > 1) {
      std::string shown;
      AppendValue(shown, over);
      evaluator_.Fail("can't use " + shown + " to iterate over more than one variable");
      return Flow::kError;
    }
    count = over.integer < 0 ? 0 : static_cast<size_t>(over.integer);
  } else if (over.kind != Kind::kNil) {
    std::string shown;
    AppendValue(shown, over);
    evaluator_.Fail("range can't iterate over " + shown);
    return Flow::kError;
  }
  const Flow flow = count == 0 ? RunNodes(node.otherwise, dot) : RunItems(node, over, count);
  evaluator_.Leave(scope);
  return flow;
}

TemplateExecutor::Flow TemplateExecutor::RunItems(const TemplateNode& node,
                                                  const TemplateValue& over, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    TemplateValue key = TemplateValue::Int(static_cast<int64_t>(i));
    TemplateValue item = TemplateValue::Int(key.integer, over.kind);
    if (over.kind == Kind::kList) {
      item = over.list->items[i];
      item.boxed = true;
    } else if (over.map != nullptr) {
      key = TemplateValue::String(over.map->members[i].first);
      item = over.map->members[i].second;
      item.boxed = over.kind == Kind::kMap;
    }
    if (!evaluator_.Spend(1)) {
      return Flow::kError;
    }
    const Flow flow = RunItem(node, key, item);
    if (flow == Flow::kBreak) {
      return Flow::kOn;
    }
    if (flow == Flow::kError) {
      return flow;
    }
  }
  return Flow::kOn;
}

// The pipeline has declared the variables, each with all there is to range over; one of two is
// the key.
TemplateExecutor::Flow TemplateExecutor::RunItem(const TemplateNode& node, const TemplateValue& key,
                                                 const TemplateValue& item) {
  const TemplateNode& pipeline = *node.children[0];
  const size_t count = pipeline.variables.size();
  const size_t scope = evaluator_.scope();
  for (size_t v = 0; v < count; ++v) {
    const TemplateValue& value = v + 1 < count ? key : item;
    if (!pipeline.assigns) {
      evaluator_.Pushed(count - v) = value;
    } else if (!evaluator_.Assign(pipeline.variables[v], value)) {
      return Flow::kError;
    }
  }
  const Flow flow = RunNodes(node.body, item);
  evaluator_.Leave(scope);
  return flow;
}

TemplateExecutor::Flow TemplateExecutor::RunTemplate(const TemplateNode& node,
                                                     const TemplateValue& dot) {
  const TemplateNodes* nodes = template_->Find(node.text);
  if (nodes == nullptr || depth_ >= kMaxTemplateDepth) {
    evaluator_.Fail(nodes == nullptr ? "template " + GoQuote(node.text) + " not defined"
                                     : "exceeded maximum template depth (" +
                                           std::to_string(kMaxTemplateDepth) + ")");
    return Flow::kError;
  }
  TemplateValue argument;
  if (!node.children.empty() && !evaluator_.Pipeline(*node.children[0], dot, argument)) {
    return Flow::kError;
  }
  TemplateEvaluator::Frame frame{.variables = {{"$", argument}}, .name = node.text};
  evaluator_.ExchangeFrame(frame);
  ++depth_;
  const Flow flow = RunNodes(*nodes, argument);
  --depth_;
  if (flow != Flow::kError) {
    evaluator_.ExchangeFrame(frame);
  }
  return flow;
}

}  // namespace skald::logql
