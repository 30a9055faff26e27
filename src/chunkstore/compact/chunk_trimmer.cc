#include "chunkstore/compact/chunk_trimmer.h"

#include <numeric>
#include <string>
#include <utility>

#include "chunkstore/format/chunk_reader.h"
#include "model/log_batch.h"
#include "model/row_gather.h"

namespace skald::chunkstore {
namespace {

std::string NameOf(const ChunkRef& chunk) {
  return chunk.pack + ": chunk at " + std::to_string(chunk.offset);
}

Result<std::vector<SealedBlock>> ReadBlocks(const ChunkRef& chunk, ObjectStore& objects) {
  std::string bytes;
  SKALD_RETURN_IF_ERROR(objects.GetRange(chunk.pack, chunk.offset, chunk.bytes, bytes));
  SKALD_ASSIGN_OR_RETURN(const ChunkReader reader, ChunkReader::Make(bytes));
  if (SummaryOf(reader.blocks()) != chunk.summary) {
    return DataLoss("is another than the index says");
  }
  std::vector<SealedBlock> blocks;
  for (size_t i = 0; i < reader.blocks().size(); ++i) {
    SKALD_ASSIGN_OR_RETURN(SealedBlock block, reader.CopyBlock(i));
    blocks.push_back(std::move(block));
  }
  return blocks;
}

// The rows of a batch that its selection names.
model::EntryBlock SelectedRows(const model::LogBatch& batch) {
  std::vector<model::RowRef> rows;
  for (const uint32_t row : batch.selection) rows.push_back({batch.block.get(), row});
  return model::GatherRows(rows);
}

}  // namespace

Status ChunkTrimmer::TrimBlock(const CommittedChunk& chunk, SealedBlock block,
                               model::EntryFilter& filter, std::vector<SealedBlock>& kept) {
  SKALD_RETURN_IF_ERROR(CheckColumnsKnown(block.header));
  SKALD_ASSIGN_OR_RETURN(model::EntryBlock entries, DecodeBlock(block, model::ColumnSet()));
  model::LogBatch batch{.stream = chunk.labels,
                        .block = std::make_shared<const model::EntryBlock>(std::move(entries)),
                        .selection = std::vector<uint32_t>(block.header.entries)};
  std::iota(batch.selection.begin(), batch.selection.end(), 0);
  SKALD_RETURN_IF_ERROR(filter.Apply(batch));
  if (batch.selection.size() == block.header.entries) {
    kept.push_back(std::move(block));
  } else if (!batch.selection.empty()) {
    sealer_.Seal(SelectedRows(batch), kept);
  }
  return {};
}

Result<TrimmedChunk> ChunkTrimmer::Trim(const CommittedChunk& chunk, const FilterFor& filter_for) {
  auto blocks = ReadBlocks(chunk.ref, objects_);
  if (!blocks.ok()) return Annotate(blocks.status(), NameOf(chunk.ref));
  std::vector<SealedBlock> kept;
  for (SealedBlock& block : *blocks) {
    const auto filter = filter_for(block.header.min_time, block.header.max_time);
    if (filter == nullptr) {
      kept.push_back(std::move(block));
    } else if (!filter->TakesAll()) {
      const Status trimmed = TrimBlock(chunk, std::move(block), *filter, kept);
      if (!trimmed.ok()) return Annotate(trimmed, NameOf(chunk.ref));
    }
  }
  TrimmedChunk trimmed;
  for (const SealedBlock& block : kept) trimmed.entries += block.header.entries;
  trimmed.erased = chunk.ref.summary.entries - trimmed.entries;
  trimmed.chunks = JoinToChunks(std::move(kept), options_.chunks);
  return trimmed;
}

}  // namespace skald::chunkstore
