#include "chunkstore/format/split/group_head.h"

#include <algorithm>
#include <string_view>

#include "chunkstore/format/split/line_shape.h"

namespace skald::chunkstore {

Result<GroupHead> ReadGroupHead(SplitReader& in) {
  GroupHead head{.named = in.meta().Varint()};
  // Each has a text at least.
  if (head.named > in.text_bytes()) return DataLoss("split column: malformed shapes");
  SKALD_ASSIGN_OR_RETURN(const SplitReader::Bounds codes, in.SkipNumbers());
  head.has_texts = codes.least == 0;  // The code of no shape.
  return head;
}

Result<size_t> ReadColumnCount(const GroupHead& head, uint64_t number, SplitReader& in) {
  if (number == head.named) return 1;
  const std::string_view text = in.meta().LengthPrefixed();
  // A NUL ends what is before, between and behind them.
  const auto ends = static_cast<size_t>(std::ranges::count(text, '\0'));
  if (in.meta().failed() || ends == 0 || ends > kMaxTokens + 1) {
    return DataLoss("split column: malformed shape");
  }
  return ends - 1;
}

}  // namespace skald::chunkstore
