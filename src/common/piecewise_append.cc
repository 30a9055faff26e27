#include "common/piecewise_append.h"

#include <algorithm>
#include <vector>

namespace skald {
namespace {

// Of a round: threads that are done early take another.
constexpr size_t kPiecesPerThread = 3;

size_t BytesOf(const std::vector<std::string>& pieces) {
  size_t bytes = 0;
  for (const std::string& piece : pieces) bytes += piece.size();
  return bytes;
}

// Makes room for `count` items if they are like the `written` ones, which take `bytes`.
void ReserveLike(size_t bytes, size_t written, size_t count, std::string& out) {
  constexpr double kMargin = 1.02;
  const double each = static_cast<double>(bytes) / static_cast<double>(written);
  out.reserve(out.size() + static_cast<size_t>(each * static_cast<double>(count) * kMargin) + 64);
}

}  // namespace

Status AppendPiecewise(
    size_t count, size_t at_once, const CancelToken& cancel, Executor* workers, std::string& out,
    const std::function<void(size_t begin, size_t end, std::string& to)>& write) {
  if (workers == nullptr || count <= at_once) {
    const size_t begin = out.size();
    for (size_t done = 0; done < count;) {
      SKALD_RETURN_IF_ERROR(cancel.Check());
      const size_t end = std::min(count, done + at_once);
      write(done, end, out);
      if (done == 0) ReserveLike(out.size() - begin, end, count - end, out);
      done = end;
    }
    return {};
  }
  std::vector<std::string> pieces(
      std::min(kMostPieces, kPiecesPerThread * (workers->threads() + 1)));
  for (size_t done = 0; done < count;) {
    const size_t end = std::min(count, done + pieces.size() * at_once);
    const auto write_piece = [&](size_t i) -> Status {
      SKALD_RETURN_IF_ERROR(cancel.Check());
      const size_t from = std::min(end, done + i * at_once);
      pieces[i].clear();
      write(from, std::min(end, from + at_once), pieces[i]);
      return {};
    };
    SKALD_RETURN_IF_ERROR(workers->ParallelFor(pieces.size(), 0, write_piece));
    if (done == 0) ReserveLike(BytesOf(pieces), end, count, out);
    for (const std::string& piece : pieces) out.append(piece);
    done = end;
  }
  return {};
}

}  // namespace skald
