#include "ruler/query_functions.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "logql/template/template_executor.h"

namespace skald::ruler {
namespace {

using Type = logql::TemplateType;
using Call = logql::TemplateCall;
using Kind = logql::TemplateValue::Kind;
using logql::TemplateFunction;
using logql::TemplateHeap;
using logql::TemplateList;
using logql::TemplateMap;
using logql::TemplateValue;

constexpr int kMaxDepth = 20;     // Of templates that run templates by `tmpl`.
constexpr int kMaxQueries = 100;  // Of one text: a loop over series must not be a load.

AlertTemplateHost& Host(const Call& call) {
  return static_cast<AlertTemplateHost&>(*call.input.host);
}

// A sample as templates see it: .Labels, in which what is missing is an empty text, and .Value.
TemplateValue MakeSample(const EvaluatedSample& sample, TemplateHeap& heap) {
  TemplateMap labels;
  for (const model::LabelView label : sample.labels) {
    labels.members.emplace_back(heap.texts.Copy(label.name),
                                TemplateValue::String(heap.texts.Copy(label.value)));
  }
  TemplateValue shown = TemplateValue::Map(heap.maps.emplace_back(std::move(labels)));
  shown.kind = Kind::kLabels;
  TemplateMap members;
  members.members = {{"Labels", shown}, {"Value", TemplateValue::Float(sample.value)}};
  return TemplateValue::Map(heap.maps.emplace_back(std::move(members)));
}

bool Query(Call& call) {
  AlertTemplateHost& host = Host(call);
  if (!host.data.query) return call.Fail("there is nothing to query");
  if (++host.queries > kMaxQueries) {
    return call.Fail("more than " + std::to_string(kMaxQueries) + " queries in one text");
  }
  const auto samples = host.data.query(std::string(call.text(0)));
  if (!samples.ok()) return call.Fail(std::string(samples.status().message()));
  TemplateList list;
  for (const EvaluatedSample& sample : *samples) {
    constexpr size_t kSampleBytes = 512;  // About: two maps and their members.
    if (!call.heap.Charge(kSampleBytes + 2 * sample.labels.encoded().size())) {
      return call.Fail("the template uses too much memory");
    }
    list.items.push_back(MakeSample(sample, call.heap));
  }
  return call.Give(TemplateValue::List(call.heap.lists.emplace_back(std::move(list))));
}

// A member of a sample; null, with the error, if `value` is none.
const TemplateValue* MemberOf(Call& call, const TemplateValue& value, std::string_view name) {
  const TemplateValue* member = value.kind == Kind::kMap ? value.map->Find(name) : nullptr;
  if (member == nullptr) {
    call.Fail("wrong type for value; expected a sample; got " +
              std::string(logql::TypeName(value)));
  }
  return member;
}

bool GiveLabel(Call& call, const TemplateValue& sample, std::string_view name) {
  const TemplateValue* labels = MemberOf(call, sample, "Labels");
  if (labels == nullptr) return false;
  const TemplateValue* label = labels->map->Find(name);
  return call.Give(label == nullptr ? TemplateValue::String("") : *label);
}

bool Label(Call& call) { return GiveLabel(call, call.args[1], call.text(0)); }
bool StrValue(Call& call) { return GiveLabel(call, call.args[0], "__value__"); }

bool Value(Call& call) {
  const TemplateValue* value = MemberOf(call, call.args[0], "Value");
  return value != nullptr && call.Give(*value);
}

bool IsList(Call& call, const TemplateValue& value) {
  return value.kind == Kind::kList || call.Fail("wrong type for value; expected samples; got " +
                                                std::string(logql::TypeName(value)));
}

bool First(Call& call) {
  if (!IsList(call, call.args[0])) return false;
  const TemplateList& list = *call.args[0].list;
  if (list.items.empty()) return call.Fail("first() called on vector with no elements");
  return call.Give(list.items.front());
}

bool SortByLabel(Call& call) {
  if (!IsList(call, call.args[1])) return false;
  std::vector<std::pair<std::string_view, TemplateValue>> keyed;
  for (const TemplateValue& sample : call.args[1].list->items) {
    const TemplateValue* labels = MemberOf(call, sample, "Labels");
    if (labels == nullptr) return false;
    const TemplateValue* label = labels->map->Find(call.text(0));
    keyed.emplace_back(label == nullptr ? std::string_view() : label->text, sample);
  }
  if (!call.heap.Charge(keyed.size() * sizeof(TemplateValue))) {
    return call.Fail("the template uses too much memory");
  }
  std::stable_sort(keyed.begin(), keyed.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  TemplateList sorted;
  for (auto& [key, sample] : keyed) sorted.items.push_back(sample);
  return call.Give(TemplateValue::List(call.heap.lists.emplace_back(std::move(sorted))));
}

// {arg0: ..., arg1: ...}, for templates that take several values.
bool Args(Call& call) {
  if (!call.heap.Charge(call.args.size() * sizeof(TemplateMap::Member))) {
    return call.Fail("the template uses too much memory");
  }
  TemplateMap map;
  for (size_t i = 0; i < call.args.size(); ++i) {
    map.members.emplace_back(call.heap.texts.Copy("arg" + std::to_string(i)), call.args[i]);
  }
  std::sort(map.members.begin(), map.members.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  return call.Give(TemplateValue::Map(call.heap.maps.emplace_back(std::move(map))));
}

bool RunTemplate(Call& call) {
  AlertTemplateHost& host = Host(call);
  if (host.depth >= kMaxDepth) {
    return call.Fail("exceeded maximum template depth (" + std::to_string(kMaxDepth) + ")");
  }
  logql::TemplateExecutor executor;
  std::string out;
  ++host.depth;
  const bool ran = executor.RunDefinition(host.text, call.text(0), call.args[1], call.input, out);
  --host.depth;
  return ran ? call.GiveText(out) : call.Fail(executor.error());
}

bool ExternalUrl(Call& call) { return call.GiveText(Host(call).data.external_url); }

// What of the external URL follows host and port.
bool PathPrefix(Call& call) {
  const std::string_view url = Host(call).data.external_url;
  const size_t scheme = url.find("://");
  const size_t path = url.find('/', scheme == std::string_view::npos ? 0 : scheme + 3);
  if (path == std::string_view::npos) return call.GiveText("");
  return call.GiveText(url.substr(path, url.find_first_of("?#", path) - path));
}

bool Now(Call& call) {
  return call.Give(TemplateValue::Float(static_cast<double>(Host(call).data.time_ns) / 1e9));
}

}  // namespace

std::span<const TemplateFunction> QueryFunctions() {
  static const std::vector<TemplateFunction> table = {
      {"query", {Type::kString}, false, Query},
      {"first", {Type::kAny}, false, First},
      {"label", {Type::kString, Type::kAny}, false, Label},
      {"value", {Type::kAny}, false, Value},
      {"strvalue", {Type::kAny}, false, StrValue},
      {"sortByLabel", {Type::kString, Type::kAny}, false, SortByLabel},
      {"args", {Type::kAny}, true, Args},
      {"tmpl", {Type::kString, Type::kAny}, false, RunTemplate},
      {"externalURL", {}, false, ExternalUrl},
      {"pathPrefix", {}, false, PathPrefix},
      {"now", {}, false, Now},
  };
  return table;
}

}  // namespace skald::ruler
