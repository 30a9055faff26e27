#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "common/executor.h"
#include "common/status.h"

namespace skald {

// Of what AppendPiecewise has in hand at a time.
inline constexpr size_t kMostPieces = 16;

// Appends what `write` makes of `count` items to `out`: write(begin, end, to) appends that of some.
// With `workers` several threads write `at_once` items each at a time, in rounds of at most
// kMostPieces of these. The token is looked at before each `at_once` items: its error is returned
// then, and `out` has a part.
//
// Threads: a function; `write` is called by several threads at once.
// Cost:    with `workers`, what the items of a round become is held beside `out`.
Status AppendPiecewise(size_t count, size_t at_once, const CancelToken& cancel, Executor* workers,
                       std::string& out,
                       const std::function<void(size_t begin, size_t end, std::string& to)>& write);

}  // namespace skald
