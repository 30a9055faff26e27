#include "chunkstore/format/split/shape_outline.h"

#include <algorithm>
#include <cstdint>

#include "chunkstore/format/split/group_head.h"
#include "chunkstore/format/split/hex_column.h"
#include "chunkstore/format/split/line_shape.h"
#include "chunkstore/format/split/number_column.h"
#include "chunkstore/format/split/time_column.h"
#include "chunkstore/format/split/token_column.h"

namespace skald::chunkstore {
namespace {

using Hole = model::LineOutline::Hole;

// As the outline has it.
bool IsPlain(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    return static_cast<uint8_t>(c) > ' ' && c != '"' && c != '\\' && c != '=';
  });
}

Status PassListed(SplitReader& in, Hole& hole) {
  hole.kind = Hole::Kind::kListed;
  const uint64_t count = in.meta().Varint();
  for (uint64_t i = 0; i < count && !in.meta().failed(); ++i) {
    hole.values.push_back(in.meta().LengthPrefixed());
  }
  hole.plain = std::ranges::all_of(hole.values, IsPlain);
  return in.SkipNumbers().status();
}

Status PassDecimals(SplitReader& in, Hole& hole) {
  hole.kind = Hole::Kind::kNumber;
  SKALD_RETURN_IF_ERROR(SkipDecimalTokens(in, hole.prefix, hole.suffix));
  hole.plain = IsPlain(hole.prefix) && IsPlain(hole.suffix);
  return {};
}

Status PassHex(SplitReader& in, Hole& hole) {
  SKALD_ASSIGN_OR_RETURN(const std::string_view pattern, SkipHexTokens(in));
  hole.plain = IsPlain(pattern);
  return {};
}

Status PassTimes(SplitReader& in, Hole& hole) {
  hole.plain = true;
  return SkipTimeTokens(in);
}

Status PassTexts(SplitReader& in) {
  SKALD_RETURN_IF_ERROR(in.SkipNumbers().status());
  return in.SkipStream();
}

Status PassColumn(TokenEncoding encoding, SplitReader& in, Cut cut, Hole& hole);

TokenEncoding ReadEncoding(SplitReader& in) { return static_cast<TokenEncoding>(in.meta().Byte()); }

Status PassSplit(SplitReader& in, Cut cut) {
  if (cut == Cut::kWord) return DataLoss("split column: split too often");
  SKALD_ASSIGN_OR_RETURN(const GroupHead head, ReadGroupHead(in));
  for (uint64_t i = 0; i < head.shapes(); ++i) {
    SKALD_ASSIGN_OR_RETURN(size_t columns, ReadColumnCount(head, i, in));
    for (; columns > 0; --columns) {
      Hole word;
      SKALD_RETURN_IF_ERROR(PassColumn(ReadEncoding(in), in, Cut::kWord, word));
    }
  }
  return {};
}

Status PassColumn(TokenEncoding encoding, SplitReader& in, Cut cut, Hole& hole) {
  switch (encoding) {
    case TokenEncoding::kSame:
      in.meta().LengthPrefixed();
      return {};
    case TokenEncoding::kListed:
      return PassListed(in, hole);
    case TokenEncoding::kDecimals:
      return PassDecimals(in, hole);
    case TokenEncoding::kHex:
      return PassHex(in, hole);
    case TokenEncoding::kTimes:
      return PassTimes(in, hole);
    case TokenEncoding::kTexts:
      return PassTexts(in);
    case TokenEncoding::kSplit:
      return PassSplit(in, cut);
  }
  return DataLoss("split column: unknown encoding");
}

}  // namespace

Status ShapeOutline::Read(SplitReader& in, std::string_view text) {
  outline_.text.clear();
  outline_.holes.clear();
  column_ends_.clear();
  exact_ = true;
  while (!text.empty()) {
    const size_t end = text.find('\0');
    if (end == std::string_view::npos || column_ends_.size() > kMaxTokens) {
      return DataLoss("split column: malformed shape");
    }
    outline_.text.append(text.substr(0, end));
    text.remove_prefix(end + 1);
    if (!text.empty()) SKALD_RETURN_IF_ERROR(ReadColumn(in));
  }
  return in.meta().failed() ? DataLoss("split column: malformed shape") : Status();
}

Status ShapeOutline::ReadColumn(SplitReader& in) {
  const TokenEncoding encoding = ReadEncoding(in);
  if (encoding == TokenEncoding::kSame) {
    const std::string_view text = in.meta().LengthPrefixed();
    exact_ = exact_ && text.find('\0') == std::string_view::npos;
    outline_.text.append(text);
  } else {
    SKALD_RETURN_IF_ERROR(PassColumn(encoding, in, Cut::kLine, outline_.holes.emplace_back()));
    outline_.text.push_back('\0');
  }
  column_ends_.push_back(in.position());
  return {};
}

}  // namespace skald::chunkstore
