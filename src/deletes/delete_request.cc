#include "deletes/delete_request.h"

#include <algorithm>
#include <limits>

namespace skald::deletes {
namespace {

constexpr int64_t kMillisecond = 1'000'000;
constexpr int64_t kMaxMs = std::numeric_limits<int64_t>::max() / kMillisecond - 1;

// Times that nanoseconds cannot tell are the last that they can.
int64_t ToNs(int64_t ms) { return std::clamp(ms, -kMaxMs, kMaxMs) * kMillisecond; }

}  // namespace

uint64_t PieceCount(const DeleteRequest& request) {
  const int64_t length = request.end_ms - request.start_ms;
  if (request.piece_ms <= 0 || length <= request.piece_ms) return 1;
  return static_cast<uint64_t>((length + request.piece_ms - 1) / request.piece_ms);
}

bool IsProcessed(const DeleteRequest& request) {
  return request.pieces_done >= PieceCount(request);
}

model::TimeRange PiecesRange(const DeleteRequest& request, uint64_t first, uint64_t count) {
  const auto begin_of = [&](uint64_t piece) {
    return ToNs(request.start_ms + static_cast<int64_t>(piece) * request.piece_ms);
  };
  const uint64_t end = first + count;
  return {begin_of(first), end >= PieceCount(request) ? ToNs(request.end_ms) + 1 : begin_of(end)};
}

model::TimeRange WholeRange(const DeleteRequest& request) {
  return PiecesRange(request, 0, PieceCount(request));
}

std::string StatusText(const DeleteRequest& request) {
  if (IsProcessed(request)) return "processed";
  if (request.pieces_done == 0) return "received";
  return std::to_string(request.pieces_done * 100 / PieceCount(request)) + "% Complete";
}

}  // namespace skald::deletes
