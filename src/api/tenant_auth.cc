#include "api/tenant_auth.h"

#include <algorithm>
#include <utility>

namespace skald::api {
namespace {

constexpr size_t kMaxIdBytes = 150;

bool IsIdCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("!-_.*'()").find(c) != std::string_view::npos;
}

// The ids of `a|b:key=value|a`: a, b.
Result<std::vector<model::TenantId>> ReadHeader(const net::Request& request) {
  const std::string_view header = request.headers.Get("X-Scope-OrgID");
  if (header.empty()) {
    return Status(StatusCode::kUnauthenticated, "no org id");
  }
  std::vector<model::TenantId> ids;
  for (size_t begin = 0; begin <= header.size();) {
    const size_t end = std::min(header.find('|', begin), header.size());
    std::string_view id = header.substr(begin, end - begin);
    id = id.substr(0, id.find(':'));
    SKALD_RETURN_IF_ERROR(CheckTenantId(id));
    ids.emplace_back(std::string(id));
    begin = end + 1;
  }
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

Result<model::TenantId> TheOne(Result<std::vector<model::TenantId>> ids) {
  if (!ids.ok()) {
    return std::move(ids).status();
  }
  if (ids->size() > 1) {
    return InvalidArgument("multiple org IDs present");
  }
  return std::move(ids->front());
}

}  // namespace

Status CheckTenantId(std::string_view id) {
  if (id.size() > kMaxIdBytes) {
    return InvalidArgument("tenant ID is too long: max 150 characters");
  }
  const auto bad = std::find_if_not(id.begin(), id.end(), IsIdCharacter);
  if (bad != id.end()) {
    return InvalidArgument("tenant ID '" + std::string(id) + "' contains unsupported character '" +
                           std::string(1, *bad) + "'");
  }
  if (id.empty()) {
    return InvalidArgument("tenant ID is empty");
  }
  if (id == "." || id == "..") {
    return InvalidArgument("tenant ID is '.' or '..'");
  }
  return {};
}

Result<model::TenantId> TenantAuth::ForWrite(const net::Request& request) const {
  return options_.enabled ? Named(request) : model::TenantId(options_.no_auth_tenant);
}

Result<std::vector<model::TenantId>> TenantAuth::ForRead(const net::Request& request) const {
  if (!options_.enabled) {
    return std::vector{model::TenantId(options_.no_auth_tenant)};
  }
  SKALD_ASSIGN_OR_RETURN(auto ids, ReadHeader(request));
  if (ids.size() > 1 && !options_.multi_tenant_queries) {
    return InvalidArgument("multiple org IDs present");
  }
  return ids;
}

Result<model::TenantId> TenantAuth::Named(const net::Request& request) const {
  return TheOne(ReadHeader(request));
}

}  // namespace skald::api
