#include "chunkstore/format/line_filter.h"

#include "common/bytes.h"

namespace skald::chunkstore {

LineFilter LineFilter::Decode(FilterKind kind, std::string_view stored) {
  LineFilter filter;
  if (kind == FilterKind::kLineGrams) {
    ByteReader reader(stored);
    filter.word_limit = reader.Fixed32();
    filter.other_limit = reader.Fixed32();
    if (reader.failed()) return {};
    stored.remove_prefix(kLimitsBytes);
  } else if (kind != FilterKind::kAllLineGrams) {
    return {};
  }
  if (stored.size() % 8 != 0) return {};
  filter.bits = stored;
  return filter;
}

std::string LineFilter::Encode() const {
  std::string stored;
  PutFixed32(stored, word_limit);
  PutFixed32(stored, other_limit);
  return stored.append(bits);
}

}  // namespace skald::chunkstore
