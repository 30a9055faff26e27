#include "differential/split_counts.h"

#include <vector>

#include "chunkstore/format/chunk_reader.h"
#include "chunkstore/format/split/row_filter.h"
#include "chunkstore/format/split/text_group_probe.h"
#include "chunkstore/format/split/token_column.h"

namespace skald::differential {

using chunkstore::SplitReader;
using chunkstore::TextGroupProbe;
using chunkstore::TokenEncoding;

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
    SKALD_ASSIGN_OR_RETURN(const bool finer, AddColumns(stored, lines->raw_bytes));
    finer_blocks_ += finer ? 1 : 0;
  }
  return {};
}

// A probe knows where columns end, and at each begin stands its encoding.
Result<bool> SplitCounts::AddColumns(std::string_view stored, uint64_t text_bytes) {
  SKALD_ASSIGN_OR_RETURN(SplitReader in, SplitReader::Make(stored, text_bytes));
  const SplitReader::Position begin = in.position();
  const chunkstore::RowFilter nothing(std::vector<model::RequiredLiteral>{});
  TextGroupProbe probe;
  SKALD_RETURN_IF_ERROR(probe.Read(in, nothing));
  in.GoTo(begin);
  const uint64_t named = in.meta().Varint();
  SKALD_RETURN_IF_ERROR(in.SkipNumbers().status());
  bool finer = false;
  for (size_t i = 0; i < probe.shapes().size(); ++i) {
    if (i < named) in.meta().LengthPrefixed();
    for (const TextGroupProbe::Column& column : probe.ColumnsOf(probe.shapes()[i])) {
      const uint8_t encoding = in.meta().Byte();
      if (encoding == 0 || encoding > kEncodings) return DataLoss("unknown encoding");
      ++columns_[encoding - 1];
      finer |= static_cast<TokenEncoding>(encoding) == TokenEncoding::kSplit;
      in.GoTo(column.end);
    }
  }
  return finer;
}

std::ostream& operator<<(std::ostream& out, const SplitCounts& counts) {
  out << counts.blocks() << " compacted blocks, " << counts.split_blocks() << " of columns, "
      << counts.finer_blocks() << " of them cut more finely; columns by encoding";
  for (const uint64_t columns : counts.columns()) out << " " << columns;
  return out;
}

}  // namespace skald::differential
