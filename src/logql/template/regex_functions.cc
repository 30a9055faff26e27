#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "common/utf8.h"
#include "logql/template/template_functions.h"

namespace skald::logql {
namespace {

using Type = TemplateType;
using Call = TemplateCall;

constexpr size_t kMaxReplacedBytes = 64 << 20;  // What a replacement could come to.

bool RegexReplace(Call& call, bool literal) {
  const std::string_view text = call.text(1);
  const std::string_view replacement = call.text(2);
  const auto regex = call.heap.regexes.Compile(call.text(0));
  if (!regex.ok()) {
    return call.Fail(std::string(regex.status().message()));
  }
  // At most so many matches; each `$` stands for a part of the text at most once per match.
  const auto dollars = static_cast<size_t>(std::count(replacement.begin(), replacement.end(), '$'));
  if ((text.size() + 1) * (replacement.size() + dollars + 1) > kMaxReplacedBytes) {
    return call.Fail("the result could be too long");
  }
  return call.GiveText((*regex)->ReplaceAll(text, replacement, literal));
}
bool RegexReplaceAll(Call& call) { return RegexReplace(call, false); }
bool RegexReplaceAllLiteral(Call& call) { return RegexReplace(call, true); }

// An empty match right behind another one is none.
bool CountMatches(Call& call) {
  const auto regex = call.heap.regexes.Compile(call.text(0));
  if (!regex.ok()) {
    return call.Fail(std::string(regex.status().message()));
  }
  const std::string_view text = call.text(1);
  std::vector<std::pair<int, int>> groups;
  int64_t count = 0;
  size_t last_end = 0;
  for (size_t at = 0; at <= text.size() && (*regex)->Find(text, at, groups);) {
    const auto begin = static_cast<size_t>(groups[0].first);
    const auto end = static_cast<size_t>(groups[0].second);
    count += end > begin || end > last_end || end == 0 ? 1 : 0;
    last_end = end;
    const size_t step = at < text.size() ? DecodeRune(text.substr(at)).length : 1;
    at = end > begin ? end : std::max(end, at + step);
  }
  return call.Give(TemplateValue::Int(count));
}

}  // namespace

std::span<const TemplateFunction> RegexTemplateFunctions() {
  static const std::vector<TemplateFunction> table = {
      {"regexReplaceAll", {Type::kString, Type::kString, Type::kString}, false, RegexReplaceAll},
      {"regexReplaceAllLiteral",
       {Type::kString, Type::kString, Type::kString},
       false,
       RegexReplaceAllLiteral},
      {"count", {Type::kString, Type::kString}, false, CountMatches},
  };
  return table;
}

}  // namespace skald::logql
