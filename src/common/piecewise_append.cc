#include "common/piecewise_append.h"

#include <algorithm>
#include <vector>

namespace skald {
namespace {

// Of a round: threads that are done early take another.
constexpr size_t kPiecesPerThread = 3;

// Room for `left` items more if they are as the `done` ones, which begin at `begin`.
void ReserveForRest(size_t begin, size_t done, size_t left, std::string& out) {
  const double bytes = static_cast<double>(out.size() - begin) / static_cast<double>(done);
  constexpr double kMargin = 1.02;
  out.reserve(out.size() + static_cast<size_t>(bytes * static_cast<double>(left) * kMargin) + 64);
}

}  // namespace

Status AppendPiecewise(
    size_t count, size_t at_once, const CancelToken& cancel, Executor* workers, std::string& out,
    const std::function<void(size_t begin, size_t end, std::string& to)>& write) {
  const size_t begin = out.size();
  const bool helped = workers != nullptr && count > at_once;
  std::vector<std::string> pieces(helped ? kPiecesPerThread * (workers->threads() + 1) : 0);
  const size_t in_round = std::max<size_t>(pieces.size(), 1) * at_once;
  for (size_t done = 0; done < count;) {
    SKALD_RETURN_IF_ERROR(cancel.Check());
    const size_t end = std::min(count, done + in_round);
    const auto write_piece = [&](size_t i) -> Status {
      const size_t from = std::min(end, done + i * at_once);
      pieces[i].clear();
      write(from, std::min(end, from + at_once), pieces[i]);
      return {};
    };
    if (helped) {
      SKALD_RETURN_IF_ERROR(workers->ParallelFor(pieces.size(), 0, write_piece));
      for (const std::string& piece : pieces) out.append(piece);
    } else {
      write(done, end, out);
    }
    if (done == 0 && end < count) ReserveForRest(begin, end, count - end, out);
    done = end;
  }
  return {};
}

}  // namespace skald
