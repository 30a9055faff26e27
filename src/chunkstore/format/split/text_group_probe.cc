#include "chunkstore/format/split/text_group_probe.h"

#include "chunkstore/format/split/group_head.h"
#include "chunkstore/format/split/hex_column.h"
#include "chunkstore/format/split/number_column.h"
#include "chunkstore/format/split/time_column.h"
#include "chunkstore/format/split/token_column.h"

namespace skald::chunkstore {
namespace {

Result<RowFilter::Met> ProbeSame(SplitReader& in, const RowFilter& filter) {
  return filter.Search(in.meta().LengthPrefixed());
}

// All values at once, as they lie: what reaches from one into the next is found as well.
Result<RowFilter::Met> ProbeListed(SplitReader& in, const RowFilter& filter) {
  const uint64_t count = in.meta().Varint();
  const std::string_view rest = in.meta().rest();
  for (uint64_t i = 0; i < count && !in.meta().failed(); ++i) in.meta().LengthPrefixed();
  const std::string_view values = rest.substr(0, rest.size() - in.meta().rest().size());
  SKALD_RETURN_IF_ERROR(in.SkipNumbers().status());
  return filter.Search(values);
}

}  // namespace

Status TextGroupProbe::Read(SplitReader& in, const RowFilter& filter) {
  filter_ = &filter;
  shapes_.clear();
  columns_.clear();
  may_hold_all_ = false;
  SKALD_ASSIGN_OR_RETURN(const GroupHead head, ReadGroupHead(in));
  for (uint64_t i = 0; i < head.shapes(); ++i) {
    SKALD_ASSIGN_OR_RETURN(const size_t columns, ReadColumnCount(head, i, in));
    if (columns_.size() + columns > in.text_bytes()) {
      return DataLoss("split column: too many columns");
    }
    Shape shape{.first_column = columns_.size(), .column_count = columns, .end = in.position()};
    for (size_t column = 0; column < columns; ++column) {
      SKALD_ASSIGN_OR_RETURN(const RowFilter::Met may_meet, ProbeColumn(in, filter, Cut::kLine));
      columns_.push_back({may_meet, in.position()});
      shape.may_meet |= may_meet;
    }
    shape.end = in.position();
    may_hold_all_ = may_hold_all_ || shape.may_meet == filter.all();
    shapes_.push_back(shape);
  }
  return {};
}

Result<RowFilter::Met> TextGroupProbe::ProbeColumn(SplitReader& in, const RowFilter& filter,
                                                   Cut cut) {
  switch (static_cast<TokenEncoding>(in.meta().Byte())) {
    case TokenEncoding::kSame:
      return ProbeSame(in, filter);
    case TokenEncoding::kListed:
      return ProbeListed(in, filter);
    case TokenEncoding::kDecimals:
      return ProbeDecimalTokens(in, filter);
    case TokenEncoding::kHex:
      return ProbeHexTokens(in, filter, scratch_);
    case TokenEncoding::kTimes:
      return ProbeTimeTokens(in, filter);
    case TokenEncoding::kTexts:
      return ProbeTexts(in, filter);
    case TokenEncoding::kSplit:
      return ProbeSplit(in, filter, cut);
  }
  return DataLoss("split column: unknown encoding");
}

Result<RowFilter::Met> TextGroupProbe::ProbeTexts(SplitReader& in, const RowFilter& filter) {
  SKALD_RETURN_IF_ERROR(in.SkipNumbers().status());
  SKALD_ASSIGN_OR_RETURN(const std::string_view texts, in.Stream(in.text_bytes(), scratch_));
  return filter.Search(texts);
}

// What words of any row may meet.
Result<RowFilter::Met> TextGroupProbe::ProbeSplit(SplitReader& in, const RowFilter& filter,
                                                  Cut cut) {
  if (cut == Cut::kWord) return DataLoss("split column: split too often");
  const RowFilter& words = *filter.words();
  SKALD_ASSIGN_OR_RETURN(const GroupHead head, ReadGroupHead(in));
  RowFilter::Met may_meet = 0;
  for (uint64_t i = 0; i < head.shapes(); ++i) {
    SKALD_ASSIGN_OR_RETURN(size_t columns, ReadColumnCount(head, i, in));
    for (; columns > 0; --columns) {
      SKALD_ASSIGN_OR_RETURN(const RowFilter::Met met, ProbeColumn(in, words, Cut::kWord));
      may_meet |= met;
    }
  }
  return may_meet;
}

}  // namespace skald::chunkstore
