#include "api/ring_api.h"

#include <utility>

#include "api/error_response.h"
#include "api/html_page.h"
#include "common/html_escape.h"
#include "common/json_writer.h"
#include "common/logging.h"
#include "wire/rfc3339.h"

namespace skald::api {
namespace {

// What a time that never was looks like.
constexpr std::string_view kNoTime = "0001-01-01T00:00:00Z";

std::string TimeText(int64_t time_ns) {
  std::string text;
  wire::AppendRfc3339(text, time_ns);
  return text;
}

void AppendMember(const ring::Member& member, int64_t heartbeat_ns, const std::string& address,
                  JsonWriter& json) {
  const std::pair<std::string_view, std::string> texts[] = {
      {"id", member.id},
      {"state", std::string(ring::MemberStateName(member.state))},
      {"address", address},
      {"timestamp", TimeText(heartbeat_ns)},
      {"registered_timestamp",
       member.registered_ns == 0 ? std::string(kNoTime) : TimeText(member.registered_ns)},
      {"read_only_updated_timestamp", std::string(kNoTime)},
      {"zone", member.zone}};
  json.BeginObject();
  for (const auto& [name, text] : texts) {
    json.Key(name);
    json.String(text);
  }
  json.Key("read_only");
  json.Bool(false);
  json.Key("tokens");
  json.BeginArray();
  for (const uint32_t token : member.tokens) {
    json.Uint(token);
  }
  json.EndArray();
  json.EndObject();
}

}  // namespace

RingApi::RingApi(Options options, ring::MemberStore& ring, const Clock& clock)
    : options_(std::move(options)), ring_(ring), clock_(clock) {}

net::Response RingApi::Ring(net::Request& request) {
  const auto params = net::ParseForm(request);
  if (!params.ok()) {
    return ErrorResponse(params.status(), Audience::kWriter);
  }
  if (const std::string_view id = params->Get("forget"); request.method == "POST" && !id.empty()) {
    return Forget(request, std::string(id));
  }
  if (request.headers.HasToken("Accept", "application/json")) {
    return net::MakeResponse(200, "application/json", Json());
  }
  return net::MakeResponse(200, "text/html", Page(params->Get("tokens") == "true"));
}

net::Response RingApi::Memberlist(net::Request&) {
  return net::MakeResponse(200, "text/plain", "This instance doesn't use memberlist.");
}

// Whoever is alive joins again with the next heartbeat, so this process is passed over.
net::Response RingApi::Forget(const net::Request& request, const std::string& id) {
  if (id != options_.own_id) {
    if (const Status status = ring_.Remove(id); !status.ok()) {
      return ErrorResponse(500, "can't forget " + id + ": " + std::string(status.message()),
                           Audience::kWriter);
    }
    LogWarn("member taken out of the ring", {{"id", id}});
  }
  net::Response response{.status = 302};
  response.headers.Add("Location", request.path);
  return response;
}

int64_t RingApi::HeartbeatOf(const ring::Member& member) const {
  return member.id == options_.own_id ? clock_.NowNs() : member.heartbeat_ns;
}

const std::string& RingApi::AddressOf(const ring::Member& member) const {
  return member.id == options_.own_id ? options_.own_address : member.address;
}

std::string RingApi::Json() const {
  const auto ring = ring_.ring();
  std::string body;
  JsonWriter json(body);
  json.BeginObject();
  json.Key("shards");
  json.BeginArray();
  for (const ring::Member& member : ring->members()) {
    AppendMember(member, HeartbeatOf(member), AddressOf(member), json);
  }
  json.EndArray();
  json.Key("now");
  json.String(TimeText(clock_.NowNs()));
  json.EndObject();
  return body;
}

std::string RingApi::Page(bool show_tokens) const {
  const auto ring = ring_.ring();
  std::string body = "<h1>" + options_.title + "</h1><p>Current time: " + TimeText(clock_.NowNs()) +
                     "</p><form method=\"post\"><table><tr><th>Instance</th><th>Zone</th>"
                     "<th>State</th><th>Address</th><th>Registered</th><th>Last heartbeat</th>"
                     "<th>Tokens</th><th></th></tr>";
  for (const ring::Member& member : ring->members()) {
    body += Row(member, show_tokens);
  }
  body += "</table></form>";
  body +=
      show_tokens ? "<a href=\"?\">Hide tokens</a>" : "<a href=\"?tokens=true\">Show tokens</a>";
  return HtmlPage(options_.title, body);
}

std::string RingApi::Row(const ring::Member& member, bool show_tokens) const {
  std::string tokens = std::to_string(member.tokens.size());
  if (show_tokens) {
    for (const uint32_t token : member.tokens) {
      tokens += " " + std::to_string(token);
    }
  }
  std::string row = "<tr>";
  for (const std::string& cell :
       {EscapeHtml(member.id), EscapeHtml(member.zone),
        std::string(ring::MemberStateName(member.state)), EscapeHtml(AddressOf(member)),
        member.registered_ns == 0 ? std::string() : TimeText(member.registered_ns),
        TimeText(HeartbeatOf(member)), tokens}) {
    row += "<td>" + cell + "</td>";
  }
  return row + "<td><button name=\"forget\" value=\"" + EscapeHtml(member.id) +
         "\">Forget</button></td></tr>";
}

}  // namespace skald::api
