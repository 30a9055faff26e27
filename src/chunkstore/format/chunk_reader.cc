#include "chunkstore/format/chunk_reader.h"

#include <utility>

#include "common/hash.h"

namespace skald::chunkstore {

std::string BlockName(size_t index) { return "block " + std::to_string(index); }

namespace {

// Empty without an entry.
Result<std::string_view> BytesOf(const FilterEntry* entry, std::string_view filters) {
  if (entry == nullptr) return std::string_view();
  if (entry->offset > filters.size() || entry->bytes > filters.size() - entry->offset) {
    return DataLoss("filter: bytes are missing");
  }
  const std::string_view filter = filters.substr(entry->offset, entry->bytes);
  if (Crc32c(filter) != entry->crc32c) return DataLoss("filter: crc mismatch");
  return filter;
}

}  // namespace

Result<std::string_view> FindFilter(const BlockHeader& block, FilterKind kind,
                                    std::string_view filters) {
  return BytesOf(block.FindFilter(kind), filters);
}

Result<LineFilter> FindLineFilter(const BlockHeader& block, std::string_view filters) {
  const FilterEntry* entry = block.FindLineFilter();
  SKALD_ASSIGN_OR_RETURN(const std::string_view stored, BytesOf(entry, filters));
  return entry == nullptr ? LineFilter() : LineFilter::Decode(entry->kind, stored);
}

Result<BlockFilters> FindFilters(const BlockHeader& block, std::string_view filters) {
  BlockFilters found;
  SKALD_ASSIGN_OR_RETURN(found.lines, FindLineFilter(block, filters));
  SKALD_ASSIGN_OR_RETURN(found.metadata_values,
                         FindFilter(block, FilterKind::kMetadataValues, filters));
  return found;
}

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
  const BlockPart whole{.offset = 0, .bytes = bytes_.substr(block.data_offset, block.data_bytes)};
  Result<model::EntryBlock> decoded = DecodeBlock(block, columns, std::span(&whole, 1));
  if (!decoded.ok()) return Annotate(std::move(decoded).status(), BlockName(index));
  return decoded;
}

Result<std::string_view> ChunkReader::ReadFilter(size_t index, FilterKind kind) const {
  const BlockHeader& block = header_.blocks[index];
  Result<std::string_view> filter =
      FindFilter(block, kind, bytes_.substr(block.filters_offset, block.filters_bytes));
  if (!filter.ok()) return Annotate(std::move(filter).status(), BlockName(index));
  return filter;
}

Result<LineFilter> ChunkReader::ReadLineFilter(size_t index) const {
  const BlockHeader& block = header_.blocks[index];
  Result<LineFilter> filter =
      FindLineFilter(block, bytes_.substr(block.filters_offset, block.filters_bytes));
  if (!filter.ok()) return Annotate(std::move(filter).status(), BlockName(index));
  return filter;
}

Result<SealedBlock> ChunkReader::CopyBlock(size_t index) const {
  SealedBlock block{.header = header_.blocks[index], .filters = {}, .data = {}, .terms = {}};
  block.filters = bytes_.substr(block.header.filters_offset, block.header.filters_bytes);
  block.data = bytes_.substr(block.header.data_offset, block.header.data_bytes);
  for (const ColumnEntry& column : block.header.columns) {
    const std::string_view stored =
        std::string_view(block.data).substr(column.offset, column.stored_bytes);
    if (Crc32c(stored) != column.crc32c) {
      return DataLoss(BlockName(index) + ": column " + std::string(ColumnKindName(column.kind)) +
                      ": crc mismatch");
    }
  }
  for (const FilterEntry& filter : block.header.filters) {
    const std::string_view stored =
        std::string_view(block.filters).substr(filter.offset, filter.bytes);
    if (Crc32c(stored) != filter.crc32c) {
      return DataLoss(BlockName(index) + ": filter: crc mismatch");
    }
  }
  return block;
}

}  // namespace skald::chunkstore
