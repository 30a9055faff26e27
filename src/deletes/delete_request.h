#pragma once

#include <cstdint>
#include <string>

#include "model/ids.h"

namespace skald::deletes {

// What a client asked to have deleted, and how far that has come. The entries meant are those that
// survive `query`, with times of [start_ms, end_ms], both included.
//
// The interval is worked through in pieces of `piece_ms`, the oldest first.
//
// Threads: a value.
struct DeleteRequest {
  std::string id;  // Eight hex digits, unique for the tenant.
  model::TenantId tenant;
  std::string query;  // As it was sent.
  int64_t start_ms = 0;
  int64_t end_ms = 0;
  int64_t created_ns = 0;
  int64_t piece_ms = 0;  // 0: the interval is one piece.
  uint64_t pieces_done = 0;

  friend bool operator==(const DeleteRequest&, const DeleteRequest&) = default;
};

uint64_t PieceCount(const DeleteRequest& request);

// Whether nothing is left to do: the request hides nothing any more.
bool IsProcessed(const DeleteRequest& request);

// The times of pieces [first, first + count).
// Requires: they are among the request's.
model::TimeRange PiecesRange(const DeleteRequest& request, uint64_t first, uint64_t count);
model::TimeRange WholeRange(const DeleteRequest& request);

// "received", "40% Complete" or "processed".
std::string StatusText(const DeleteRequest& request);

}  // namespace skald::deletes
