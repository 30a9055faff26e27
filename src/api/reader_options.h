#pragma once

namespace skald::api {

// What all adapters of queries and of questions about what there is have in common.
struct ReaderOptions {
  bool per_request_limits = false;  // Whether requests may tighten their limits by a header.
};

}  // namespace skald::api
