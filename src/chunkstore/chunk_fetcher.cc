#include "chunkstore/chunk_fetcher.h"

#include <utility>

#include "chunkstore/format/chunk_reader.h"
#include "chunkstore/format/pack.h"
#include "common/bytes.h"

namespace skald::chunkstore {
namespace {

std::string ChunkName(const ChunkRef& chunk) {
  return chunk.pack + ": chunk at " + std::to_string(chunk.offset);
}

std::string ChunkCacheKey(const ChunkRef& chunk) {
  std::string key = chunk.pack;
  PutFixed64(key, chunk.offset);
  return key;
}

// Other parts of filters are other filters.
std::string FiltersCacheKey(const ChunkRef& chunk, const FilterChoice& choice) {
  std::string key = ChunkCacheKey(chunk);
  key.push_back(static_cast<char>(choice.lines));
  key.push_back(choice.metadata_values ? 1 : 0);
  return key;
}

// Blocks decoded for other columns are other blocks.
std::string BlockCacheKey(const ChunkRef& chunk, size_t index, const model::ColumnSet& columns) {
  std::string key = ChunkCacheKey(chunk);
  PutFixed32(key, static_cast<uint32_t>(index));
  key.push_back(static_cast<char>((columns.lines ? 1 : 0) | (columns.line_lengths ? 2 : 0) |
                                  (columns.all_metadata ? 4 : 0)));
  if (columns.all_metadata) return key;
  for (const std::string& name : columns.metadata) PutLengthPrefixed(key, name);
  return key;
}

size_t MemoryBytes(const ChunkHeader& header) {
  size_t bytes = sizeof header + header.blocks.size() * sizeof(BlockHeader);
  for (const BlockHeader& block : header.blocks) {
    bytes +=
        block.columns.size() * sizeof(ColumnEntry) + block.filters.size() * sizeof(FilterEntry);
  }
  return bytes;
}

// What a query is told it has worked through, whether it came out of a cache or not.
void CountBlock(const BlockHeader& block, const BlockChoice& choice, model::ScanStats& stats) {
  if (choice.known == nullptr) stats.decompressed_lines += block.entries;
  for (const ColumnEntry& column : block.columns) {
    if (!WantsColumn(column, choice.columns) || KnowsColumn(choice.known, column)) continue;
    const bool metadata = column.kind == ColumnKind::kMetadata;
    (metadata ? stats.decompressed_metadata_bytes : stats.decompressed_bytes) += column.raw_bytes;
  }
}

// Blocks being decoded at a time, and what an ordinary one takes with room to spare: a burst at one
// time makes larger ones, which are not worth keeping.
constexpr size_t kSpareBlocks = 16;
constexpr size_t kMaxSpareBytes = 2 << 20;
// The filters of a chunk; larger ones no part of the cache would take.
constexpr size_t kMaxSpareFilterBytes = 512 << 10;
// Of a cache, what one scan may fill.
constexpr size_t kAllowedShare = 16;
// Of the memory for heads and filters, what filters of chunks have.
constexpr size_t kFiltersShare = 4;

// Whether reading a block again with that search costs less than to put it into the cache, whole:
// of most lines nothing is put together.
bool IsCheap(const BlockHeader& block, const RowSearch* search) {
  constexpr size_t kFew = 8;  // One of so many rows.
  return search != nullptr && search->told && search->rows.size() * kFew < block.entries;
}

uint64_t BytesOf(const std::vector<Extent>& extents) {
  uint64_t bytes = 0;
  for (const Extent& extent : extents) bytes += extent.bytes;
  return bytes;
}

size_t CapacityOf(const std::vector<std::string>& buffers) {
  size_t bytes = 0;
  for (const std::string& buffer : buffers) bytes += sizeof buffer + buffer.capacity();
  return bytes;
}

// What the wanted columns of a block will take in memory, roughly.
size_t DecodedBytes(const BlockHeader& block, const model::ColumnSet& columns) {
  size_t bytes = block.entries * (sizeof(int64_t) + sizeof(uint64_t));
  for (const ColumnEntry& column : block.columns) {
    if (!WantsColumn(column, columns)) continue;
    const bool text = column.kind == ColumnKind::kLines || column.kind == ColumnKind::kSplitLines ||
                      column.kind == ColumnKind::kMetadata;
    if (text) bytes += column.raw_bytes;
    if (IsLengths(column.kind) || column.kind == ColumnKind::kMetadata) {
      bytes += block.entries * sizeof(uint32_t);
    }
  }
  return bytes;
}

}  // namespace

size_t ChunkFilters::MemoryBytes() const {
  return sizeof *this + CapacityOf(stored) + by_block.capacity() * sizeof by_block[0];
}

size_t ChunkFetcher::ReadBuffers::MemoryBytes() const {
  return decode.MemoryBytes() + CapacityOf(stored);
}

ChunkFetcher::ChunkFetcher(ObjectStore& objects, const Clock& clock, const Options& options)
    : options_(options),
      objects_(objects),
      clock_(clock),
      heads_(options.head_cache_bytes / 2, options.memory),
      filters_(options.head_cache_bytes / kFiltersShare, options.memory),
      pack_filters_(options.head_cache_bytes * 3 / 16, options.memory),
      pack_regions_(options.head_cache_bytes / 16, options.memory),
      blocks_(options.block_cache_bytes, options.memory),
      block_metrics_("blocks"),
      spare_blocks_(kSpareBlocks, kMaxSpareBytes),
      spare_buffers_(kSpareBlocks, kMaxSpareBytes),
      spare_filters_(kSpareBlocks, kMaxSpareFilterBytes) {}

CacheAllowances ChunkFetcher::AllowancesOfScan() const {
  return {.blocks = CacheAllowance(options_.block_cache_bytes / kAllowedShare),
          .filters = CacheAllowance(options_.head_cache_bytes / kFiltersShare / kAllowedShare)};
}

uint64_t ChunkFetcher::ShrinkCaches(uint64_t bytes) {
  uint64_t freed = blocks_.Shrink(bytes);
  block_metrics_.Show(blocks_);
  if (freed < bytes) freed += heads_.Shrink(bytes - freed);
  if (freed < bytes) freed += filters_.Shrink(bytes - freed);
  if (freed < bytes) freed += pack_regions_.Shrink(bytes - freed);
  if (freed < bytes) freed += pack_filters_.Shrink(bytes - freed);
  return freed;
}

Result<std::shared_ptr<const ChunkHeader>> ChunkFetcher::Head(const ChunkRef& chunk,
                                                              const ChunkReads& reads) {
  const std::string key = ChunkCacheKey(chunk);
  if (reads.allowances != nullptr) {
    if (auto cached = heads_.Get(key); cached != nullptr) return cached;
  }
  std::string bytes;
  SKALD_RETURN_IF_ERROR(Read(chunk, 0, chunk.head_bytes, bytes, reads.stats));
  Result<ChunkHeader> decoded = DecodeChunkHead(bytes);
  if (!decoded.ok()) return Annotate(std::move(decoded).status(), ChunkName(chunk));
  if (decoded->chunk_bytes != chunk.bytes) {
    return Annotate(DataLoss("is not as long as the index says"), ChunkName(chunk));
  }
  if (SummaryOf(decoded->blocks) != chunk.summary) {
    return Annotate(DataLoss("is another than the index says"), ChunkName(chunk));
  }
  auto header = std::make_shared<const ChunkHeader>(*std::move(decoded));
  if (reads.allowances != nullptr) heads_.Put(key, header, MemoryBytes(*header));
  return header;
}

Result<std::shared_ptr<const ChunkFilters>> ChunkFetcher::Filters(const ChunkRef& chunk,
                                                                  const ChunkHeader& header,
                                                                  const FilterChoice& choice,
                                                                  const ChunkReads& reads) {
  const std::vector<Extent> extents = WantedExtents(header.blocks, choice);
  std::string key;
  bool keep = false;
  if (reads.allowances != nullptr) {
    key = FiltersCacheKey(chunk, choice);
    if (auto cached = filters_.Get(key); cached != nullptr) return cached;
    keep = touched_filters_.Knows(key) && reads.allowances->filters.Take(BytesOf(extents));
    if (!keep) touched_filters_.Remember(key);
  }
  // To touch new memory for a filter costs more than to read it out of the page cache.
  const auto filters = keep ? std::make_shared<ChunkFilters>() : spare_filters_.Take();
  filters->by_block.clear();
  SKALD_ASSIGN_OR_RETURN(
      const std::vector<StoredPart> parts,
      ReadParts(chunk, header.filters_offset, extents, filters->stored, reads.stats));
  for (size_t i = 0; i < header.blocks.size(); ++i) {
    Result<BlockFilters> found = FindFilters(header.blocks[i], choice, parts);
    if (!found.ok()) {
      return Annotate(std::move(found).status(), ChunkName(chunk) + ": " + BlockName(i));
    }
    filters->by_block.push_back(*found);
  }
  if (keep) filters_.Put(key, filters, filters->MemoryBytes());
  return std::shared_ptr<const ChunkFilters>(filters);
}

Result<std::shared_ptr<const StoredPackFilter>> ChunkFetcher::PackFilterOf(
    const std::string& pack, const ChunkReads& reads) {
  auto cached = pack_filters_.Get(pack);
  if (cached == nullptr) {
    auto read = ReadPackFilter(pack, reads);
    if (!read.ok()) return Annotate(std::move(read).status(), pack);
    cached = *std::move(read);
    pack_filters_.Put(pack, cached, sizeof *cached + cached->filter.MemoryBytes());
  }
  return cached->exists ? cached : nullptr;
}

Result<std::shared_ptr<const StoredPackFilter>> ChunkFetcher::ReadPackFilter(
    const std::string& pack, const ChunkReads& reads) {
  std::string bytes;
  SKALD_RETURN_IF_ERROR(ReadPack(pack, 0, kPackHeadBytes, bytes, reads.stats));
  SKALD_ASSIGN_OR_RETURN(const PackHead head, DecodePackHead(bytes));
  auto stored = std::make_shared<StoredPackFilter>();
  if (head.filter_bytes == 0) return std::shared_ptr<const StoredPackFilter>(std::move(stored));
  SKALD_RETURN_IF_ERROR(ReadPack(pack, head.filter_offset, head.filter_bytes, bytes, reads.stats));
  SKALD_ASSIGN_OR_RETURN(stored->filter, PackFilter::Decode(bytes));
  stored->exists = true;
  stored->regions_offset = head.regions_offset;
  return std::shared_ptr<const StoredPackFilter>(std::move(stored));
}

Result<StreamGroups> ChunkFetcher::GroupsWithId(const std::string& pack,
                                                const StoredPackFilter& stored, uint32_t key,
                                                const ChunkReads& reads) {
  const RegionTable::Region region = stored.filter.id_regions()->RegionOf(key);
  if (region.bytes == 0) return StreamGroups{0};
  std::string cache_key = pack;
  PutFixed64(cache_key, region.offset);
  auto bytes = pack_regions_.Get(cache_key);
  if (bytes == nullptr) {
    std::string read;
    Status status =
        ReadPack(pack, stored.regions_offset + region.offset, region.bytes, read, reads.stats);
    if (!status.ok()) return Annotate(std::move(status), pack);
    bytes = std::make_shared<const std::string>(std::move(read));
    pack_regions_.Put(cache_key, bytes, bytes->size());
  }
  Result<StreamGroups> groups = stored.filter.GroupsWithId(key, *bytes);
  return groups.ok() ? groups : Annotate(std::move(groups).status(), pack + ": filter");
}

Result<std::shared_ptr<const model::EntryBlock>> ChunkFetcher::Block(const ChunkRef& chunk,
                                                                     const ChunkHeader& header,
                                                                     const BlockChoice& choice,
                                                                     const ChunkReads& reads) {
  const BlockHeader& block = header.blocks[choice.index];
  std::string key;
  bool keep = false;
  if (reads.allowances != nullptr) {
    key = BlockCacheKey(chunk, choice.index, choice.columns);
    auto cached = blocks_.Get(key);
    block_metrics_.CountLookup(cached != nullptr);
    if (cached != nullptr) {
      CountBlock(block, choice, reads.stats);
      return cached;
    }
    keep = touched_blocks_.Knows(key) &&
           reads.allowances->blocks.Take(DecodedBytes(block, choice.columns));
  }
  const auto decoded = keep ? std::make_shared<model::EntryBlock>() : spare_blocks_.Take();
  // What is kept must be whole, as others will look for other things in it.
  BlockChoice read = choice;
  if (keep) {
    read.search = nullptr;
    read.excerpt = nullptr;
  }
  Status status = ReadBlock(chunk, block, read, reads.stats, *decoded);
  if (!status.ok()) {
    return Annotate(std::move(status), ChunkName(chunk) + ": " + BlockName(choice.index));
  }
  CountBlock(block, choice, reads.stats);
  if (keep) {
    blocks_.Put(key, decoded, decoded->MemoryBytes());
    block_metrics_.Show(blocks_);
  } else if (reads.allowances != nullptr && !decoded->has_excerpts &&
             !IsCheap(block, choice.search)) {
    touched_blocks_.Remember(key);
  }
  return std::shared_ptr<const model::EntryBlock>(decoded);
}

Status ChunkFetcher::ReadBlock(const ChunkRef& chunk, const BlockHeader& header,
                               const BlockChoice& choice, model::ScanStats& stats,
                               model::EntryBlock& block) {
  const std::shared_ptr<ReadBuffers> buffers = spare_buffers_.Take();
  SKALD_ASSIGN_OR_RETURN(
      const std::vector<StoredPart> parts,
      ReadParts(chunk, header.data_offset, WantedExtents(header, choice.columns, choice.known),
                buffers->stored, stats));
  return DecodeBlock({header, choice.columns, parts, choice.search, choice.known, choice.excerpt},
                     buffers->decode, block);
}

Result<std::vector<StoredPart>> ChunkFetcher::ReadParts(const ChunkRef& chunk, uint64_t begin,
                                                        const std::vector<Extent>& extents,
                                                        std::vector<std::string>& buffers,
                                                        model::ScanStats& stats) {
  if (buffers.size() < extents.size()) buffers.resize(extents.size());
  std::vector<StoredPart> parts;
  parts.reserve(extents.size());
  for (size_t i = 0; i < extents.size(); ++i) {
    // To grow it would copy what is left over in it.
    if (buffers[i].capacity() < extents[i].bytes) buffers[i] = {};
    SKALD_RETURN_IF_ERROR(
        Read(chunk, begin + extents[i].offset, extents[i].bytes, buffers[i], stats));
    parts.push_back({.offset = extents[i].offset,
                     .bytes = std::string_view(buffers[i]).substr(0, extents[i].bytes)});
  }
  return parts;
}

Status ChunkFetcher::Read(const ChunkRef& chunk, uint64_t offset, uint64_t count, std::string& out,
                          model::ScanStats& stats) {
  if (count == 0) return {};
  Status status = ReadPack(chunk.pack, chunk.offset + offset, count, out, stats);
  return status.ok() ? status : Annotate(std::move(status), ChunkName(chunk));
}

Status ChunkFetcher::ReadPack(const std::string& pack, uint64_t offset, uint64_t count,
                              std::string& out, model::ScanStats& stats) {
  const int64_t begin_ns = clock_.MonotonicNs();
  Status status = objects_.GetRange(pack, offset, count, out);
  stats.chunks_download_ns += static_cast<uint64_t>(clock_.MonotonicNs() - begin_ns);
  stats.compressed_bytes += count;
  // A pack that is shorter than it should be has lost bytes.
  if (status.code() == StatusCode::kOutOfRange) status = DataLoss(std::string(status.message()));
  return status;
}

}  // namespace skald::chunkstore
