#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/executor.h"
#include "common/hash.h"
#include "common/status.h"
#include "net/gate.h"
#include "net/http_types.h"

namespace skald::net {

// Answers one request. May block and may throw: a throw becomes a 500.
using Handler = std::function<Response(Request&)>;

struct RouteOptions {
  uint64_t max_body_bytes = 0;  // 0: as the server's options say.
  // Answers a request whose body is too large to be read; empty: a plain text with status 413.
  // Must not block: it runs on an I/O thread.
  std::function<Response(const Request&, const Status&)> on_refused_body;
  // Where the handler runs, null for the server's own threads; must outlive the server.
  Executor* executor = nullptr;
  // Says when that happens and where, in place of `executor`; null for at once.
  Gate* gate = nullptr;
  // Whether a {name} may hold an encoded slash; if not, such a path is unknown.
  bool slash_in_names = true;
};

struct Route {
  std::string name;  // As metrics call it.
  Handler handler;
  RouteOptions options;
};

// Finds the handler of a request by its method and its path.
//
// A pattern is a path whose segments may be {name}: "/label/{name}/values". A path is split at
// '/' before its segments are decoded, so that %2F is part of a name. A path without names wins
// over a pattern that matches as well; among patterns the first added wins.
//
// Order:     Add everything, then Find.
// Ownership: found routes live as long as the router.
// Threads:   Find from any thread, once Add is over.
// Cost:      one hash for a path without {name}; else a walk over the patterns with as many
//            segments.
class Router {
 public:
  struct Match {
    const Route* route = nullptr;  // Never null after Find.
    std::vector<std::pair<std::string, std::string>> path_params;
  };

  Router();
  ~Router();
  Router(const Router&) = delete;
  Router& operator=(const Router&) = delete;

  // Serves `pattern` for each of `methods`; "*" stands for all of them.
  // Requires: a pair of method and pattern is added once.
  void Add(std::initializer_list<std::string_view> methods, std::string_view pattern,
           std::string name, Handler handler, RouteOptions options = {});

  // The route of a request, or one of the router's own, named "notfound": 404 for an unknown
  // path, 405 with an empty body and an Allow header for another method on a known one, 301 to
  // the clean path for one with empty segments or dots, escaped or not, 400 for a broken escape.
  Match Find(std::string_view method, std::string_view path) const;

 private:
  struct Pattern;

  Match FindByPattern(std::string_view method, std::string_view path) const;

  StringMap<Pattern*> plain_;  // Those without {name}, by their text.
  std::vector<std::unique_ptr<Pattern>> patterns_;
  const Route not_found_;
  const Route redirect_;
  const Route bad_escape_;
};

}  // namespace skald::net
