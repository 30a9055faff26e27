#include "net/router.h"

#include <algorithm>
#include <optional>

namespace skald::net {
namespace {

// What is read of a body that nobody will look at before the answer is sent.
constexpr uint64_t kIgnoredBodyBytes = 256 << 10;

// The segments of "/a/b/": "a", "b", "".
std::vector<std::string_view> Split(std::string_view path) {
  std::vector<std::string_view> segments;
  for (size_t begin = 1; begin <= path.size();) {
    const size_t end = std::min(path.find('/', begin), path.size());
    segments.push_back(path.substr(begin, end - begin));
    begin = end + 1;
  }
  return segments;
}

bool IsName(std::string_view segment) {
  return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

// The dots that a segment is, plain or escaped: ".", ".." or nothing.
std::string_view DotsOf(std::string_view segment) {
  constexpr std::string_view kDots = "..";
  size_t count = 0;
  while (!segment.empty()) {
    const size_t size = segment.front() == '.'                                     ? 1
                        : segment.starts_with("%2e") || segment.starts_with("%2E") ? 3
                                                                                   : 0;
    if (size == 0 || ++count > kDots.size()) return {};
    segment.remove_prefix(size);
  }
  return kDots.substr(0, count);
}

// Whether `path` has no empty segment but the last, and no "." or "..".
bool IsClean(const std::vector<std::string_view>& segments) {
  for (size_t i = 0; i < segments.size(); ++i) {
    const bool empty = segments[i].empty() && i + 1 < segments.size();
    if (empty || !DotsOf(segments[i]).empty()) {
      return false;
    }
  }
  return true;
}

std::string CleanPath(std::string_view path) {
  std::vector<std::string_view> kept;
  const std::vector<std::string_view> segments = Split(path);
  for (const std::string_view segment : segments) {
    const std::string_view dots = DotsOf(segment);
    if (dots == "..") {
      if (!kept.empty()) {
        kept.pop_back();
      }
    } else if (!segment.empty() && dots.empty()) {
      kept.push_back(segment);
    }
  }
  std::string clean;
  for (const std::string_view segment : kept) {
    clean.append("/").append(segment);
  }
  if (clean.empty() || path.back() == '/') {
    clean.push_back('/');
  }
  return clean;
}

// A route of the router itself, which answers the same whatever the body.
Route OwnRoute(std::function<Response(const Request&)> answer) {
  Route route;
  route.name = "notfound";
  route.handler = [answer](Request& request) { return answer(request); };
  route.options.max_body_bytes = kIgnoredBodyBytes;
  route.options.on_refused_body = [answer](const Request& request, const Status&) {
    return answer(request);
  };
  return route;
}

Response Redirect(const Request& request) {
  Response response{.status = 301};
  std::string location = CleanPath(request.path);
  if (!request.query.empty()) {
    location.append("?").append(request.query);
  }
  response.headers.Add("Location", location);
  return response;
}

}  // namespace

struct Router::Pattern {
  const Route* ForMethod(std::string_view method) const {
    for (const auto& [name, route] : routes) {
      if (name == method || name == "*") {
        return route.get();
      }
    }
    return &not_allowed;
  }

  // The parameters if this pattern matches the decoded `segments`.
  std::optional<std::vector<std::pair<std::string, std::string>>> Matches(
      const std::vector<std::string>& path) const {
    std::vector<std::pair<std::string, std::string>> params;
    for (size_t i = 0; i < segments.size(); ++i) {
      if (!IsName(segments[i])) {
        if (segments[i] != path[i]) {
          return std::nullopt;
        }
        continue;
      }
      if (path[i].empty() || (!slash_in_names && path[i].find('/') != std::string::npos)) {
        return std::nullopt;
      }
      params.emplace_back(segments[i].substr(1, segments[i].size() - 2), path[i]);
    }
    return params;
  }

  std::string text;
  std::vector<std::string> segments;
  bool slash_in_names = true;
  std::vector<std::pair<std::string, std::shared_ptr<const Route>>> routes;
  Route not_allowed;
};

Router::Router()
    : not_found_(
          OwnRoute([](const Request&) { return TextResponse(404, "404 page not found\n"); })),
      redirect_(OwnRoute(Redirect)),
      bad_escape_(OwnRoute(
          [](const Request&) { return TextResponse(400, "invalid URL escape in the path\n"); })) {}

Router::~Router() = default;

void Router::Add(std::initializer_list<std::string_view> methods, std::string_view pattern,
                 std::string name, Handler handler, RouteOptions options) {
  SKALD_DCHECK(!pattern.empty() && pattern.front() == '/');
  const auto known = std::find_if(patterns_.begin(), patterns_.end(),
                                  [&](const auto& p) { return p->text == pattern; });
  Pattern* entry = known == patterns_.end() ? nullptr : known->get();
  if (entry == nullptr) {
    patterns_.push_back(std::make_unique<Pattern>());
    entry = patterns_.back().get();
    entry->text = pattern;
    for (const std::string_view segment : Split(pattern)) {
      entry->segments.emplace_back(segment);
    }
    entry->slash_in_names = options.slash_in_names;
    if (std::none_of(entry->segments.begin(), entry->segments.end(), IsName)) {
      plain_[entry->text] = entry;
    }
  }
  const auto route =
      std::make_shared<const Route>(Route{std::move(name), std::move(handler), std::move(options)});
  for (const std::string_view method : methods) {
    entry->routes.emplace_back(method, route);
  }
  std::string allow;
  for (const auto& [method, unused] : entry->routes) {
    allow.append(allow.empty() ? "" : ", ").append(method);
  }
  entry->not_allowed = OwnRoute([allow](const Request&) {
    Response response{.status = 405};
    response.headers.Add("Allow", allow);
    return response;
  });
}

Router::Match Router::Find(std::string_view method, std::string_view path) const {
  if (const auto found = plain_.find(path); found != plain_.end()) {
    return {found->second->ForMethod(method), {}};
  }
  return FindByPattern(method, path);
}

Router::Match Router::FindByPattern(std::string_view method, std::string_view path) const {
  if (path.empty() || path.front() != '/') {
    return {&not_found_, {}};
  }
  const std::vector<std::string_view> raw = Split(path);
  if (!IsClean(raw)) {
    return {&redirect_, {}};
  }
  std::vector<std::string> segments;
  segments.reserve(raw.size());
  for (const std::string_view segment : raw) {
    Result<std::string> decoded = DecodePathSegment(segment);
    if (!decoded.ok()) {
      return {&bad_escape_, {}};
    }
    segments.push_back(*std::move(decoded));
  }
  Match wrong_method{&not_found_, {}};
  for (const auto& pattern : patterns_) {
    if (pattern->segments.size() != segments.size()) {
      continue;
    }
    auto params = pattern->Matches(segments);
    if (!params) {
      continue;
    }
    const Route* route = pattern->ForMethod(method);
    if (route != &pattern->not_allowed) {
      return {route, *std::move(params)};
    }
    wrong_method.route = route;
  }
  return wrong_method;
}

}  // namespace skald::net
