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

// Where the rows' texts end, in the column that `texts_of` a block gives.
template <typename TextsOf>
void GatherOffsets(std::span<const RowRef> rows, const TextsOf& texts_of, TextColumn& out) {
  out.offsets.reserve(rows.size() + 1);
  uint64_t bytes = 0;
  for (const RowRef& ref : rows) {
    bytes += texts_of(*ref.block).Length(ref.row) + 1;
    out.offsets.push_back(static_cast<uint32_t>(bytes));
  }
}

template <typename TextsOf>
void GatherTexts(std::span<const RowRef> rows, const TextsOf& texts_of, TextColumn& out) {
  GatherOffsets(rows, texts_of, out);
  out.text.reserve(out.offsets.back());
  for (const RowRef& ref : rows) {
    out.text.append(texts_of(*ref.block)[ref.row]);
    out.text.push_back('\n');
  }
}

void GatherLines(std::span<const RowRef> rows, const BlockIndex& index, EntryBlock& out) {
  const auto all = [&](const auto& holds) { return std::ranges::all_of(index.blocks, holds); };
  out.has_lines = all([](const EntryBlock* b) { return b->has_lines; });
  if (!all([](const EntryBlock* b) { return b->lines.size() == b->size(); })) return;
  const auto lines_of = [](const EntryBlock& block) -> const TextColumn& { return block.lines; };
  if (out.has_lines) return GatherTexts(rows, lines_of, out.lines);
  GatherOffsets(rows, lines_of, out.lines);
  out.has_excerpts = all([](const EntryBlock* b) { return b->has_lines || b->has_excerpts; });
  if (!out.has_excerpts) return;
  const auto texts_of = [](const EntryBlock& block) -> const TextColumn& { return block.texts(); };
  GatherTexts(rows, texts_of, out.excerpts);
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
