#include "notify/oauth2_tokens.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>

#include "common/ascii.h"
#include "common/base64.h"
#include "common/config_secrets.h"
#include "notify/answer.h"
#include "notify/secret_file.h"

namespace skald::notify {
namespace {

using std::chrono::nanoseconds;

// So long before its end a token is not used any more: a request takes its time.
constexpr nanoseconds kMargin = std::chrono::seconds(10);
constexpr double kMaxSeconds = 1e9;  // As long as for ever.

// What a server says of a token.
struct Grant {
  std::string token;
  std::string type;
  std::optional<int64_t> seconds;
};

std::optional<int64_t> ToSeconds(std::string_view text) {
  int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return seconds;
}

Result<Grant> ParseJsonGrant(const std::string& body) {
  const nlohmann::json json = nlohmann::json::parse(body, nullptr, false);
  if (!json.is_object()) return Unavailable("the answer is no JSON object");
  const auto text = [&json](const char* name) {
    const auto found = json.find(name);
    return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  Grant grant{.token = text("access_token"), .type = text("token_type"), .seconds = {}};
  const auto expires = json.find("expires_in");
  if (expires != json.end()) {
    // Some servers send it as text.
    grant.seconds = expires->is_number()
                        ? static_cast<int64_t>(std::clamp(expires->get<double>(), 0.0, kMaxSeconds))
                        : ToSeconds(text("expires_in"));
  }
  return grant;
}

Result<Grant> ParseFormGrant(std::string_view body) {
  net::Form form;
  if (!net::ParseUrlEncoded(body, form).ok()) return Unavailable("the answer is no form");
  return Grant{.token = std::string(form.Get("access_token")),
               .type = std::string(form.Get("token_type")),
               .seconds = ToSeconds(form.Get("expires_in"))};
}

Result<Grant> ParseGrant(const net::Response& answer) {
  const std::string type = net::MediaType(answer.headers.Get("Content-Type"));
  const bool form = type == "application/x-www-form-urlencoded" || type == "text/plain";
  SKALD_ASSIGN_OR_RETURN(Grant grant,
                         form ? ParseFormGrant(answer.body) : ParseJsonGrant(answer.body));
  // What is no token would be no header either; and is not shown, as it may be one in part.
  const auto is_odd = [](char c) { return c <= ' ' || c > '~'; };
  if (grant.token.empty() || std::any_of(grant.token.begin(), grant.token.end(), is_odd)) {
    return Unavailable("the answer has no access_token");
  }
  if (std::any_of(grant.type.begin(), grant.type.end(), is_odd)) {
    return Unavailable("the answer has no token_type");
  }
  if (grant.type.empty() || EqualsIgnoringCase(grant.type, "bearer")) grant.type = "Bearer";
  return grant;
}

int64_t Later(int64_t now_ns, const std::optional<int64_t>& seconds) {
  constexpr int64_t kForever = std::numeric_limits<int64_t>::max();
  if (!seconds.has_value() || *seconds <= 0 || *seconds >= static_cast<int64_t>(kMaxSeconds)) {
    return kForever;
  }
  return now_ns + nanoseconds(std::chrono::seconds(*seconds)).count() - kMargin.count();
}

}  // namespace

OAuth2Tokens::OAuth2Tokens(const OAuth2Options& options, FileSystem& files, const Clock& clock)
    : options_(options), files_(files), clock_(clock), client_(options.http, clock) {}

Result<OAuth2Tokens::Token> OAuth2Tokens::Get(const CancelToken& cancel) {
  {
    MutexLock lock(mutex_);
    if (!token_.authorization.empty() && clock_.MonotonicNs() < token_.expires_ns) return token_;
  }
  auto token = Fetch(cancel);
  SKALD_RETURN_IF_ERROR(cancel.Check());
  if (!token.ok()) {
    // Whatever went wrong there, the request itself is as good as before.
    return Unavailable("oauth2: token_url " + WithoutPasswords(options_.token_url) + ": " +
                       std::string(token.status().message()));
  }
  MutexLock lock(mutex_);
  token_ = *token;
  token_.kept = true;
  return token;
}

void OAuth2Tokens::Drop(const Token& token) {
  MutexLock lock(mutex_);
  if (token_.authorization == token.authorization) token_ = Token();
}

Result<OAuth2Tokens::Token> OAuth2Tokens::Fetch(const CancelToken& cancel) {
  const int64_t now_ns = clock_.MonotonicNs();
  std::string secret = options_.client_secret;
  if (!options_.client_secret_file.empty()) {
    SKALD_ASSIGN_OR_RETURN(secret, ReadSecret(files_, options_.client_secret_file));
  }
  bool in_header = false;
  {
    MutexLock lock(mutex_);
    in_header = in_header_;
  }
  auto answer = Ask(secret, in_header, cancel);
  if (answer.ok() && answer->status / 100 == 4) {
    auto other = Ask(secret, !in_header, cancel);
    if (other.ok() && other->status / 100 == 2) {
      MutexLock lock(mutex_);
      in_header_ = !in_header;
      answer = std::move(other);
    }
  }
  SKALD_RETURN_IF_ERROR(FromAnswer(answer));
  SKALD_ASSIGN_OR_RETURN(const Grant grant, ParseGrant(*answer));
  return Token{.authorization = grant.type + " " + grant.token,
               .kept = false,
               .expires_ns = Later(now_ns, grant.seconds)};
}

Result<net::Response> OAuth2Tokens::Ask(std::string_view secret, bool in_header,
                                        const CancelToken& cancel) {
  std::string body;
  const auto add = [&body](std::string_view name, std::string_view value) {
    body.append(body.empty() ? "" : "&").append(net::EncodeUrlComponent(name));
    body.append("=").append(net::EncodeUrlComponent(value));
  };
  const auto is_grant = [](const auto& param) { return param.first == "grant_type"; };
  const auto& params = options_.endpoint_params;
  // Compat: servers that know the grant by another name can be told that.
  if (std::none_of(params.begin(), params.end(), is_grant)) add("grant_type", "client_credentials");
  std::string scopes;
  for (const std::string& scope : options_.scopes) scopes += (scopes.empty() ? "" : " ") + scope;
  if (!scopes.empty()) add("scope", scopes);
  for (const auto& [name, value] : params) add(name, value);

  net::ClientRequest request{.method = "POST", .url = options_.token_url};
  request.retry = net::RetryPolicy::kNever;
  request.headers.Add("Content-Type", "application/x-www-form-urlencoded");
  if (in_header) {
    std::string basic = "Basic ";
    AppendBase64(
        basic, net::EncodeUrlComponent(options_.client_id) + ":" + net::EncodeUrlComponent(secret));
    request.headers.Add("Authorization", basic);
  } else {
    add("client_id", options_.client_id);
    if (!secret.empty()) add("client_secret", secret);
  }
  request.body = body;
  return client_.Send(request, cancel);
}

}  // namespace skald::notify
