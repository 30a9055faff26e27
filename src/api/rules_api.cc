#include "api/rules_api.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "api/error_response.h"
#include "api/rules_json.h"
#include "ruler/rule_checks.h"
#include "ruler/rule_yaml.h"

namespace skald::api {
namespace {

constexpr std::string_view kNoGroups = "no rule groups found";

const Status& StatusOf(const Status& status) { return status; }
template <typename T>
const Status& StatusOf(const Result<T>& result) {
  return result.status();
}

net::Response Json(int status, std::string body) {
  net::Response response = net::MakeResponse(status, "application/json", std::move(body));
  response.compressible = true;
  return response;
}
net::Response Yaml(std::string body) {
  net::Response response = net::MakeResponse(200, "application/yaml", std::move(body));
  response.compressible = true;
  return response;
}

net::Response Refusal(int status, std::string_view message) {
  return ErrorResponse(status, message, Audience::kWriter);
}

// What the store says is wrong: the caller's fault in plain text, ours in Prometheus' form.
net::Response StoreError(const Status& status) {
  switch (status.code()) {
    case StatusCode::kNotFound:
    case StatusCode::kInvalidArgument:
      return ErrorResponse(status, Audience::kWriter);
    case StatusCode::kUnimplemented:
      return Refusal(500, status.message());
    default:
      return net::TextResponse(500, RulesError("server_error", status.message()));
  }
}

// The names that a part of the path may mean. Compat: Loki unescapes before and after it takes the
// path apart, so its clients write a slash as %252F; %2F, which Loki takes for a separator, names
// the same here. Where there is something whose name itself is an escape, such as "a%2Fb", that is
// meant, so the first of these that is there counts; of what is new, the last.
std::vector<std::string> Readings(const net::Request& request, std::string_view param) {
  std::vector<std::string> names = {std::string(request.PathParam(param))};
  auto again = net::DecodePathSegment(names.front());
  if (again.ok() && *again != names.front()) names.push_back(*std::move(again));
  return names;
}

// What `ask(namespace, group)` gives for what the path means.
template <typename Ask>
auto ForGroup(const net::Request& request, const Ask& ask) {
  const auto groups = Readings(request, "group");
  std::optional<decltype(ask("", ""))> answer;
  for (const std::string& name_space : Readings(request, "namespace")) {
    for (const std::string& group : groups) {
      answer = ask(name_space, group);
      if (StatusOf(*answer).code() != StatusCode::kNotFound) return *std::move(answer);
    }
  }
  return *std::move(answer);
}

// The namespace that the path means, of a tenant that has `listing`.
std::string NamespaceIn(const ruler::RuleListing& listing, const net::Request& request) {
  std::vector<std::string> names = Readings(request, "namespace");
  for (std::string& name : names) {
    const bool damaged = std::ranges::any_of(
        listing.damaged, [&](const auto& group) { return group.name_space == name; });
    if (damaged || listing.namespaces.contains(name)) return std::move(name);
  }
  return std::move(names.back());
}

using LabelPairs = std::vector<std::pair<std::string, std::string>>;

// The pairs of `labels=k:v,k2:v2`; nothing if one is none.
std::optional<LabelPairs> ReadLabels(std::string_view text) {
  LabelPairs pairs;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find(',', begin), text.size());
    const std::string_view pair = text.substr(begin, end - begin);
    const size_t colon = pair.find(':');
    if (colon == std::string_view::npos || colon == 0) return std::nullopt;
    pairs.emplace_back(pair.substr(0, colon), pair.substr(colon + 1));
    begin = end + 1;
  }
  return pairs;
}

bool HasLabels(const ruler::Rule& rule, const LabelPairs& wanted) {
  return std::all_of(wanted.begin(), wanted.end(), [&](const auto& pair) {
    const auto found = rule.labels.find(pair.first);
    return found != rule.labels.end() && found->second == pair.second;
  });
}

// Leaves the rules that have the labels, and what has rules then.
void KeepLabelled(ruler::RuleNamespaces& namespaces, const LabelPairs& wanted) {
  if (wanted.empty()) return;
  for (auto& [name, groups] : namespaces) {
    for (ruler::RuleGroup& group : groups) {
      std::erase_if(group.rules, [&](const ruler::Rule& rule) { return !HasLabels(rule, wanted); });
    }
    std::erase_if(groups, [](const ruler::RuleGroup& group) { return group.rules.empty(); });
  }
  std::erase_if(namespaces, [](const auto& entry) { return entry.second.empty(); });
}

// Groups that cannot be shown, as comments of YAML, which clients pass over.
std::string DamageComments(const std::vector<ruler::DamagedGroup>& damaged) {
  std::string text;
  for (const ruler::DamagedGroup& group : damaged) {
    text.append("# damaged: ").append(group.status.message()).append("\n");
  }
  return text;
}

// The groups of a listing, or the error.
net::Response AnswerList(const net::Request& request, Result<ruler::RuleListing> listing) {
  if (!listing.ok()) return StoreError(listing.status());
  const auto params = net::ParseForm(request);
  if (!params.ok()) return ErrorResponse(params.status(), Audience::kWriter);
  const auto wanted = ReadLabels(params->Get("labels"));
  if (!wanted.has_value()) {
    return Refusal(
        400, "labels: " + std::string(params->Get("labels")) + " is no list of name:value pairs");
  }
  KeepLabelled(listing->namespaces, *wanted);
  if (!listing->namespaces.empty()) {
    return Yaml(ruler::PrintNamespacesYaml(listing->namespaces) + DamageComments(listing->damaged));
  }
  return listing->damaged.empty() ? Refusal(404, kNoGroups)
                                  : StoreError(listing->damaged.front().status);
}

std::string Joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) all += (all.empty() ? "" : ", ") + text;
  return all;
}

std::string LimitText(std::string_view what, int limit, size_t actual) {
  return "per-user " + std::string(what) + " limit (limit: " + std::to_string(limit) +
         " actual: " + std::to_string(actual) + ") exceeded";
}

}  // namespace

net::Response RulesApi::ForTenant(const net::Request& request, const WithTenant& answer) const {
  const auto tenant = auth_.ForWrite(request);
  return tenant.ok() ? answer(tenant->value()) : ErrorResponse(tenant.status(), Audience::kWriter);
}

net::Response RulesApi::ForStates(const net::Request& request, const WithTenant& answer) const {
  const auto tenant = auth_.ForWrite(request);
  if (tenant.ok()) return answer(tenant->value());
  if (tenant.status().code() == StatusCode::kUnauthenticated) {
    return ErrorResponse(tenant.status(), Audience::kWriter);
  }
  // Compat: clients know these words for several tenants.
  const bool several = tenant.status().message() == "multiple org IDs present";
  return net::TextResponse(
      400, RulesError("bad_data", several ? "too many org ids found" : tenant.status().message()));
}

net::Response RulesApi::List(net::Request& request) {
  return ForTenant(
      request, [&](const std::string& tenant) { return AnswerList(request, store_.List(tenant)); });
}

net::Response RulesApi::ListNamespace(net::Request& request) {
  return ForTenant(request, [&](const std::string& tenant) {
    auto listing = store_.List(tenant);
    if (listing.ok()) {
      const std::string name = NamespaceIn(*listing, request);
      std::erase_if(listing->namespaces, [&](const auto& entry) { return entry.first != name; });
      std::erase_if(listing->damaged, [&](const auto& group) { return group.name_space != name; });
    }
    return AnswerList(request, std::move(listing));
  });
}

net::Response RulesApi::GetGroup(net::Request& request) {
  return ForTenant(request, [&](const std::string& tenant) {
    const auto group = ForGroup(request, [&](const auto& name_space, const auto& name) {
      return store_.Get(tenant, name_space, name);
    });
    return group.ok() ? Yaml(ruler::PrintGroupYaml(*group)) : StoreError(group.status());
  });
}

Status RulesApi::CheckLimits(const std::string& tenant, const std::string& name_space,
                             const ruler::RuleGroup& group) {
  const auto limits = limits_.For(tenant);
  const int max_rules = limits->ruler_max_rules_per_rule_group;
  if (max_rules > 0 && group.rules.size() > static_cast<size_t>(max_rules)) {
    return InvalidArgument(LimitText("rules per rule group", max_rules, group.rules.size()));
  }
  const int max_groups = limits->ruler_max_rule_groups_per_tenant;
  if (max_groups <= 0) return Status();
  SKALD_ASSIGN_OR_RETURN(const auto listing, store_.List(tenant));
  size_t groups = 1;
  const auto count = [&](const std::string& of, const std::string& name) {
    groups += of == name_space && name == group.name ? 0 : 1;  // That one is replaced.
  };
  for (const auto& [name, of] : listing.namespaces) {
    for (const ruler::RuleGroup& each : of) count(name, each.name);
  }
  for (const ruler::DamagedGroup& each : listing.damaged) {
    count(each.name_space, each.group.value_or(""));
  }
  return groups <= static_cast<size_t>(max_groups)
             ? Status()
             : InvalidArgument(LimitText("rule groups", max_groups, groups));
}

Status RulesApi::SetWithinLimits(const std::string& tenant, const std::string& name_space,
                                 const ruler::RuleGroup& group) {
  const MutexLock lock(write_mutex_);
  SKALD_RETURN_IF_ERROR(CheckLimits(tenant, name_space, group));
  return store_.Set(tenant, name_space, group);
}

Result<std::string> RulesApi::NamespaceToWrite(const std::string& tenant,
                                               const net::Request& request) {
  std::vector<std::string> names = Readings(request, "namespace");
  if (names.size() == 1) return std::move(names.front());  // Nothing to find out.
  SKALD_ASSIGN_OR_RETURN(const auto listing, store_.List(tenant));
  return NamespaceIn(listing, request);
}

net::Response RulesApi::SetGroup(net::Request& request) {
  return ForTenant(request, [&](const std::string& tenant) {
    auto group = ruler::ParseGroupYaml(request.body);
    if (!group.ok()) return Refusal(400, "unable to decoded rule group");
    if (const auto errors = ruler::CheckGroup(*group); !errors.empty()) {
      return Refusal(400, Joined(errors));
    }
    const auto name_space = NamespaceToWrite(tenant, request);
    if (!name_space.ok()) return StoreError(name_space.status());
    return Written(SetWithinLimits(tenant, *name_space, *group));
  });
}

net::Response RulesApi::DeleteGroup(net::Request& request) {
  return ForTenant(request, [&](const std::string& tenant) {
    const Status status = ForGroup(request, [&](const auto& name_space, const auto& name) {
      return store_.DeleteGroup(tenant, name_space, name);
    });
    // Compat: what is gone may be deleted again.
    return Written(status.code() == StatusCode::kNotFound ? Status() : status);
  });
}

net::Response RulesApi::DeleteNamespace(net::Request& request) {
  return ForTenant(request, [&](const std::string& tenant) {
    Status status;
    for (const std::string& name : Readings(request, "namespace")) {
      status = store_.DeleteNamespace(tenant, name);
      if (status.code() != StatusCode::kNotFound) break;
    }
    return Written(status);
  });
}

net::Response RulesApi::Written(const Status& status) {
  if (!status.ok()) return StoreError(status);
  ruler_.Reload();
  return Json(202, RulesSuccess("null"));
}

net::Response RulesApi::States(net::Request& request) {
  return ForStates(request, [&](const std::string& tenant) {
    const auto params = net::ParseForm(request);
    if (!params.ok()) {
      return net::TextResponse(400, RulesError("bad_data", params.status().message()));
    }
    const auto filter = RuleFilter::Read(*params);
    return filter.ok() ? Json(200, RulesSuccess(RulesJson(ruler_.Groups(tenant), *filter)))
                       : net::TextResponse(400, RulesError("bad_data", filter.status().message()));
  });
}

net::Response RulesApi::Alerts(net::Request& request) {
  return ForStates(request, [&](const std::string& tenant) {
    return Json(200, RulesSuccess(AlertsJson(ruler_.Groups(tenant))));
  });
}

}  // namespace skald::api
