#include "logql/template/template_functions.h"

#include "common/hash.h"

namespace skald::logql {

bool TemplateCall::GiveText(std::string_view text) {
  if (text.size() > kMaxTemplateTextBytes) {
    return Fail("the result is too long");
  }
  if (!heap.Charge(text.size())) {
    return Fail("the template uses too much memory");
  }
  return Give(TemplateValue::String(heap.texts.Copy(text)));
}

const TemplateFunction* FindTemplateFunction(std::string_view name) {
  static const auto* functions = [] {
    auto* map = new ViewMap<const TemplateFunction*>();
    for (const auto table :
         {BasicTemplateFunctions(), CompareTemplateFunctions(), StringTemplateFunctions(),
          EncodingTemplateFunctions(), RegexTemplateFunctions(), NumberTemplateFunctions(),
          TimeTemplateFunctions()}) {
      for (const TemplateFunction& function : table) (*map)[function.name] = &function;
    }
    return map;
  }();
  const auto found = functions->find(name);
  return found == functions->end() ? nullptr : found->second;
}

}  // namespace skald::logql
