#include "differential/split_counts.h"

#include <vector>

#include "chunkstore/format/chunk_reader.h"
#include "chunkstore/format/split/row_filter.h"
#include "chunkstore/format/split/text_group_probe.h"
#include "chunkstore/format/split/token_column.h"

namespace skald::differential {

using chunkstore::SplitReader;
using chunkstore::TextGroupProbe;

namespace {

constexpr size_t kSplit = static_cast<size_t>(chunkstore::TokenEncoding::kSplit) - 1;

}  // namespace

Status SplitCounts::Add(std::string_view chunk) {
  SKALD_ASSIGN_OR_RETURN(const chunkstore::ChunkReader reader,
                         chunkstore::ChunkReader::Make(chunk));
  for (size_t i = 0; i < reader.blocks().size(); ++i) {
    ++blocks_;
    SKALD_ASSIGN_OR_RETURN(const chunkstore::SealedBlock block, reader.CopyBlock(i));
    const chunkstore::ColumnEntry* const lines =
        block.header.FindColumn(chunkstore::ColumnKind::kSplitLines);
    if (lines == nullptr) continue;
    ++split_blocks_;
    const std::string_view stored =
        std::string_view(block.data).substr(lines->offset, lines->stored_bytes);
    SKALD_ASSIGN_OR_RETURN(SplitReader in, SplitReader::Make(stored, lines->raw_bytes));
    const uint64_t finer_before = columns_[kSplit];
    SKALD_RETURN_IF_ERROR(AddColumns(in, columns_));
    finer_blocks_ += columns_[kSplit] > finer_before ? 1 : 0;
  }
  return {};
}

// A probe knows where columns end, and at each begin stands its encoding.
Status SplitCounts::AddColumns(SplitReader& in, ByEncoding& columns) {
  const SplitReader::Position begin = in.position();
  const chunkstore::RowFilter nothing(std::vector<model::RequiredLiteral>{});
  TextGroupProbe probe;
  SKALD_RETURN_IF_ERROR(probe.Read(in, nothing));
  in.GoTo(begin);
  const uint64_t named = in.meta().Varint();
  SKALD_RETURN_IF_ERROR(in.SkipNumbers().status());
  for (size_t i = 0; i < probe.shapes().size(); ++i) {
    if (i < named) in.meta().LengthPrefixed();
    for (const TextGroupProbe::Column& column : probe.ColumnsOf(probe.shapes()[i])) {
      const size_t encoding = in.meta().Byte() - size_t{1};
      if (encoding >= columns.size()) return DataLoss("unknown encoding");
      ++columns[encoding];
      if (encoding == kSplit) SKALD_RETURN_IF_ERROR(AddColumns(in, word_columns_));
      in.GoTo(column.end);
    }
  }
  return {};
}

std::ostream& operator<<(std::ostream& out, const SplitCounts& counts) {
  out << counts.blocks() << " compacted blocks, " << counts.split_blocks() << " of columns, "
      << counts.finer_blocks() << " of them cut more finely; columns of tokens (and of words):";
  for (size_t i = 0; i < SplitCounts::kNames.size(); ++i) {
    out << " " << SplitCounts::kNames[i] << " " << counts.columns()[i] << " ("
        << counts.word_columns()[i] << ")";
  }
  return out;
}

}  // namespace skald::differential
