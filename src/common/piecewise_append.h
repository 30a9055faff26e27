#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "common/executor.h"
#include "common/status.h"

namespace skald {

// Appends what `write` makes of `count` items to `out`: write(begin, end, to) appends that of some.
// Items are written `at_once` by each thread of `workers`, if there are any, and the token is looked
// at in between: its error is returned then, and `out` has a part.
//
// Threads: a function; `write` is called by several threads at once.
// Cost:    beside `out` what some thousand items take.
Status AppendPiecewise(
    size_t count, size_t at_once, const CancelToken& cancel, Executor* workers, std::string& out,
    const std::function<void(size_t begin, size_t end, std::string& to)>& write);

}  // namespace skald
