#include "api/profile_api.h"

#include <charconv>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>

#include "api/error_response.h"
#include "api/html_page.h"
#include "common/profile/cpu_profile.h"
#include "common/profile/heap_profile.h"

namespace skald::api {
namespace {

constexpr int kDefaultSeconds = 30;
constexpr int kMaxSeconds = 300;  // A thread of the server is held so long.

// The parameter `seconds`; what is no number above 0 counts as none, as in Go.
Result<int> ReadSeconds(const net::Request& request) {
  SKALD_ASSIGN_OR_RETURN(const net::Form params, net::ParseForm(request));
  const std::string_view text = params.Get("seconds");
  int seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error == std::errc::result_out_of_range || seconds > kMaxSeconds) {
    return InvalidArgument("seconds: " + std::string(text) + " is more than " +
                           std::to_string(kMaxSeconds));
  }
  const bool usable = error == std::errc() && end == text.data() + text.size() && seconds > 0;
  return usable ? seconds : kDefaultSeconds;
}

// Text that `go tool pprof` prints as it is.
net::Response ProfileError(int http_status, const Status& status) {
  net::Response response = ErrorResponse(http_status, status.message(), Audience::kWriter);
  response.headers.Add("X-Go-Pprof", "1");
  return response;
}

net::Response ProfileResponse(const Profile& profile, std::string_view name) {
  net::Response response = net::MakeResponse(200, "application/octet-stream",
                                             EncodeProfile(profile, CodeMap::OfThisProcess()));
  response.headers.Add("Content-Disposition", "attachment; filename=\"" + std::string(name) + "\"");
  return response;
}

}  // namespace

net::Response ProfileApi::Index(net::Request&) {
  return net::MakeResponse(
      200, "text/html; charset=utf-8",
      HtmlPage("Profiles",
               "<h1>Profiles</h1><table>"
               "<tr><td><a href=\"profile?seconds=10\">profile</a></td><td>What processor time is "
               "spent on, for so many seconds.</td></tr>"
               "<tr><td><a href=\"heap\">heap</a>, <a href=\"allocs\">allocs</a></td><td>Who holds "
               "memory, and who asked for it; with MALLOC_CONF=prof:true,prof_accum:true in the "
               "environment.</td></tr></table>"
               "<p>Read them with <code>go tool pprof http://.../debug/pprof/profile</code>.</p>"));
}

net::Response ProfileApi::CpuProfile(net::Request& request) {
  const Result<int> seconds = ReadSeconds(request);
  if (!seconds.ok()) {
    return ProfileError(400, seconds.status());
  }
  const auto profile = CollectCpuProfile(clock_, std::chrono::seconds(*seconds), request.cancel);
  return profile.ok() ? ProfileResponse(*profile, "profile") : ProfileError(500, profile.status());
}

net::Response ProfileApi::HeapProfile(net::Request&) {
  const auto profile = CollectHeapProfile(clock_);
  if (profile.ok()) {
    return ProfileResponse(*profile, "heap");
  }
  const bool off = profile.status().code() == StatusCode::kFailedPrecondition;
  return ProfileError(off ? 404 : 500, profile.status());
}

net::Response ProfileApi::Missing(net::Request& request) {
  const std::string name(request.PathParam("name"));
  return ProfileError(404, NotFound("no profile \"" + name +
                                    "\" here: there are profile, heap and allocs; others are of "
                                    "Go's runtime, which Skald has not"));
}

net::Response ProfileApi::NoWallClock(net::Request&) {
  return ProfileError(404,
                      NotFound("no profile by wall clock here; /debug/pprof/profile has one by "
                               "time on the processor"));
}

}  // namespace skald::api
