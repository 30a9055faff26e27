#include "model/row_gather.h"

#include <algorithm>
#include <string>
#include <utility>

#include "model/value_dictionary.h"

namespace skald::model {
namespace {

// The distinct blocks of `rows`, and for each row the index of its block.
struct BlockIndex {
  explicit BlockIndex(std::span<const RowRef> rows) {
    block_of_row.reserve(rows.size());
    for (const RowRef& ref : rows) {
      if (block_of_row.empty() || blocks[block_of_row.back()] != ref.block) {
        const auto known = std::find(blocks.begin(), blocks.end(), ref.block);
        block_of_row.push_back(static_cast<uint32_t>(known - blocks.begin()));
        if (known == blocks.end()) blocks.push_back(ref.block);
      } else {
        block_of_row.push_back(block_of_row.back());
      }
    }
  }

  std::vector<const EntryBlock*> blocks;
  std::vector<uint32_t> block_of_row;
};

void GatherLines(std::span<const RowRef> rows, const BlockIndex& index, EntryBlock& out) {
  bool lengths = true;
  for (const EntryBlock* block : index.blocks) {
    out.has_lines = out.has_lines && block->has_lines;
    lengths = lengths && block->lines.size() == block->size();
  }
  if (!lengths) return;
  out.lines.offsets.reserve(rows.size() + 1);
  uint64_t bytes = 0;
  for (const RowRef& ref : rows) {
    bytes += ref.block->lines.Length(ref.row) + 1;
    out.lines.offsets.push_back(static_cast<uint32_t>(bytes));
  }
  if (!out.has_lines) return;
  out.lines.text.reserve(bytes);
  for (const RowRef& ref : rows) {
    out.lines.text.append(ref.block->lines[ref.row]);
    out.lines.text.push_back('\n');
  }
}

// One column of the result. Each code of each block is looked up once, then found in an array.
MetadataColumn GatherColumn(const std::string& name, std::span<const RowRef> rows,
                            const BlockIndex& index) {
  struct Origin {
    const MetadataColumn* column = nullptr;
    std::vector<uint32_t> new_codes;  // By old code; 0 when not met yet.
  };
  std::vector<Origin> origins(index.blocks.size());
  for (size_t i = 0; i < origins.size(); ++i) {
    origins[i].column = index.blocks[i]->FindMetadata(name);
    if (origins[i].column) origins[i].new_codes.resize(origins[i].column->values.size() + 1);
  }
  MetadataColumn out;
  out.name = name;
  out.codes.reserve(rows.size());
  ValueDictionary dictionary;
  for (size_t i = 0; i < rows.size(); ++i) {
    Origin& origin = origins[index.block_of_row[i]];
    const uint32_t code = origin.column ? origin.column->codes[rows[i].row] : 0;
    if (code == 0) {
      out.codes.push_back(0);
      continue;
    }
    uint32_t& new_code = origin.new_codes[code];
    if (new_code == 0) new_code = dictionary.Code(origin.column->values[code - 1], out.values);
    out.codes.push_back(new_code);
  }
  return out;
}

}  // namespace

EntryBlock GatherRows(std::span<const RowRef> rows) {
  const BlockIndex index(rows);
  EntryBlock out;
  out.times.reserve(rows.size());
  out.seqs.reserve(rows.size());
  for (const RowRef& ref : rows) {
    out.times.push_back(ref.block->times[ref.row]);
    out.seqs.push_back(ref.block->seqs[ref.row]);
  }
  GatherLines(rows, index, out);
  std::vector<std::string> names;
  for (const EntryBlock* block : index.blocks) {
    out.has_all_metadata = out.has_all_metadata && block->has_all_metadata;
    for (const MetadataColumn& column : block->metadata) names.push_back(column.name);
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  for (const std::string& name : names) {
    MetadataColumn column = GatherColumn(name, rows, index);
    if (column.values.size() > 0) out.metadata.push_back(std::move(column));
  }
  return out;
}

}  // namespace skald::model
