#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/hash.h"
#include "common/status.h"
#include "deletes/delete_request.h"

namespace skald::deletes {

// All that is known of delete requests, as it is kept in one file.
//
// Threads: a value.
struct RequestList {
  std::vector<DeleteRequest> requests;  // By creation.
  // When a tenant's requests last changed, in nanoseconds since the epoch: what queriers of a
  // cluster compare. A tenant without requests may have one.
  StringMap<int64_t> generations;

  friend bool operator==(const RequestList&, const RequestList&) = default;
};

std::string EncodeRequestList(const RequestList& list);

// kDataLoss for bytes that are no such file, kUnimplemented for one of a later version.
Result<RequestList> DecodeRequestList(std::string_view bytes);

}  // namespace skald::deletes
