#include "chunkstore/format/chunk_reader.h"

#include <span>
#include <utility>

namespace skald::chunkstore {

std::string BlockName(size_t index) { return "block " + std::to_string(index); }

Result<ChunkReader> ChunkReader::Make(std::string_view bytes) {
  SKALD_ASSIGN_OR_RETURN(ChunkHeader header, DecodeChunkHead(bytes));
  if (header.chunk_bytes != bytes.size()) {
    return DataLoss("chunk has " + std::to_string(bytes.size()) + " bytes of " +
                    std::to_string(header.chunk_bytes));
  }
  return ChunkReader(bytes, std::move(header));
}

Result<model::EntryBlock> ChunkReader::ReadBlock(size_t index,
                                                 const model::ColumnSet& columns) const {
  const BlockHeader& block = header_.blocks[index];
  const StoredPart whole{.offset = 0, .bytes = bytes_.substr(block.data_offset, block.data_bytes)};
  Result<model::EntryBlock> decoded = DecodeBlock(block, columns, std::span(&whole, 1));
  if (!decoded.ok()) return Annotate(std::move(decoded).status(), BlockName(index));
  return decoded;
}

Result<BlockFilters> ChunkReader::ReadFilters(size_t index, const FilterChoice& choice) const {
  Result<BlockFilters> filters = FindFilters(header_.blocks[index], Filters(), choice);
  if (!filters.ok()) return Annotate(std::move(filters).status(), BlockName(index));
  return filters;
}

Result<SealedBlock> ChunkReader::CopyBlock(size_t index) const {
  SealedBlock block{.header = header_.blocks[index], .filters = {}, .data = {}, .terms = {}};
  block.data = bytes_.substr(block.header.data_offset, block.header.data_bytes);
  const StoredPart data{.offset = 0, .bytes = block.data};
  for (const ColumnEntry& column : block.header.columns) {
    const Status sound =
        CheckedBytes({column.offset, column.stored_bytes}, column.crc32c, std::span(&data, 1))
            .status();
    if (!sound.ok()) {
      const std::string name = "column " + std::string(ColumnKindName(column.kind));
      return Annotate(Annotate(sound, name), BlockName(index));
    }
  }
  const StoredPart filters{.offset = 0, .bytes = Filters()};
  for (FilterEntry& filter : block.header.filters) {
    Result<std::string_view> stored =
        CheckedBytes({filter.offset, filter.bytes}, filter.crc32c, std::span(&filters, 1));
    if (!stored.ok()) {
      return Annotate(Annotate(std::move(stored).status(), "filter"), BlockName(index));
    }
    filter.offset = block.filters.size();
    block.filters.append(*stored);
  }
  block.header.filters_bytes = block.filters.size();
  return block;
}

}  // namespace skald::chunkstore
