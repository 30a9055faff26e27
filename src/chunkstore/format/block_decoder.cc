#include "chunkstore/format/block_decoder.h"

#include <optional>
#include <utility>

#include "chunkstore/format/column_codec.h"
#include "common/compress.h"

namespace skald::chunkstore {
namespace {

std::string ColumnName(const ColumnEntry& column) {
  std::string name = "column " + std::string(ColumnKindName(column.kind));
  if (column.kind == ColumnKind::kMetadata) name += " " + column.name;
  return name;
}

Result<std::string_view> StoredBytes(const ColumnEntry& column, std::span<const StoredPart> parts) {
  return CheckedBytes({column.offset, column.stored_bytes}, column.crc32c, parts);
}

// The decompressed bytes of `column` in `out`, or a view of them where they are stored plain.
Result<std::string_view> RawBytes(const ColumnEntry& column, std::span<const StoredPart> parts,
                                  std::string& out) {
  SKALD_ASSIGN_OR_RETURN(const std::string_view stored, StoredBytes(column, parts));
  std::string_view raw = stored;
  if (column.codec != Codec::kNone) {
    const Status status = Decompress(column.codec, stored, column.raw_bytes, out, column.raw_bytes);
    if (!status.ok()) return DataLoss(std::string(status.message()));
    raw = out;
  }
  if (raw.size() != column.raw_bytes) return DataLoss("decompresses to another length");
  return raw;
}

Status DecodeTimesOf(const BlockHeader& header, std::string_view raw, model::EntryBlock& block) {
  SKALD_RETURN_IF_ERROR(DecodeTimes(raw, header.entries, block.times));
  if (block.times.front() != header.min_time || block.times.back() != header.max_time) {
    return DataLoss("differs from the block's header");
  }
  return {};
}

// Decodes the columns of one block into an EntryBlock that may hold another block's.
class BlockDecoder {
 public:
  BlockDecoder(const BlockToDecode& from, DecodeBuffers& buffers, model::EntryBlock& block)
      : header_(from.header),
        parts_(from.parts),
        search_(from.search),
        known_(from.known),
        excerpt_(from.excerpt),
        buffers_(buffers),
        block_(block) {}

  Status Decode(const ColumnEntry& column) {
    if (KnowsColumn(known_, column)) {
      TakeOver(column);
      return {};
    }
    return Annotate(DecodeColumn(column), ColumnName(column));
  }

  // Looks for what the search wants in the lines, which are such a column. False if no row may
  // hold it.
  Result<bool> BeginSearch(const ColumnEntry& column) {
    const auto begin = [&]() -> Status {
      SKALD_ASSIGN_OR_RETURN(const std::string_view stored, StoredBytes(column, parts_));
      SKALD_ASSIGN_OR_RETURN(
          SplitLinesSearch search,
          SplitLinesSearch::Begin(stored, column.raw_bytes, search_->filter, buffers_.split));
      lines_search_.emplace(std::move(search));
      return {};
    };
    search_->told = true;
    search_->rows.clear();
    SKALD_RETURN_IF_ERROR(Annotate(begin(), ColumnName(column)));
    return lines_search_->may_hold();
  }
  // Reads the lines that were looked for. False if there are none.
  Result<bool> FinishSearch(const ColumnEntry& column) {
    model::TextColumn& texts = excerpt_ == nullptr ? block_.lines : block_.excerpts;
    Result<TextsAre> read = lines_search_->Read(block_.times, search_->rows, texts, excerpt_);
    if (!read.ok()) return Annotate(std::move(read).status(), ColumnName(column));
    has_excerpts_ = *read == TextsAre::kExcerpts;
    has_lines_ = !has_excerpts_;
    has_lengths_ = !has_excerpts_;
    if (has_lines_ && excerpt_ != nullptr) std::swap(block_.lines, block_.excerpts);
    return !search_->rows.empty();
  }
  bool has_lengths() const { return has_lengths_; }

  // Takes away what this block has not got.
  void Finish() {
    block_.metadata.resize(metadata_);
    block_.has_excerpts = has_excerpts_;
    if (has_excerpts_) block_.has_lines = false;
    if (!has_excerpts_) {
      block_.excerpts.text.clear();
      block_.excerpts.offsets.assign(1, 0);
    }
    if (!has_lines_) block_.lines.text.clear();
    if (!has_lengths_) block_.lines.offsets.assign(1, 0);
    if (!has_seqs_) block_.seqs.clear();
  }

 private:
  Status DecodeColumn(const ColumnEntry& column) {
    if (column.kind == ColumnKind::kLines) {
      has_lines_ = true;
      SKALD_ASSIGN_OR_RETURN(const std::string_view raw,
                             RawBytes(column, parts_, block_.lines.text));
      if (column.codec == Codec::kNone) block_.lines.text = raw;
      return {};
    }
    if (column.kind == ColumnKind::kSplitLines) return DecodeSplit(column);
    SKALD_ASSIGN_OR_RETURN(const std::string_view raw, RawBytes(column, parts_, buffers_.column));
    switch (column.kind) {
      case ColumnKind::kTimes:
        return DecodeTimesOf(header_, raw, block_);
      case ColumnKind::kSeqs:
        has_seqs_ = true;
        return DecodeSeqs(raw, header_.entries, block_.seqs);
      case ColumnKind::kLengths:
        has_lengths_ = true;
        return DecodeLengths(raw, header_.entries, block_.lines.offsets);
      case ColumnKind::kVarintLengths:
        has_lengths_ = true;
        return DecodeVarintLengths(raw, header_.entries, block_.lines.offsets);
      default:
        return DecodeMetadataColumn(column, raw);
    }
  }

  // Lines have lengths of their own; those of the column say the same.
  Status DecodeSplit(const ColumnEntry& column) {
    SKALD_ASSIGN_OR_RETURN(const std::string_view stored, StoredBytes(column, parts_));
    if (excerpt_ == nullptr) std::swap(buffers_.lengths, block_.lines.offsets);
    SKALD_ASSIGN_OR_RETURN(
        const TextsAre texts,
        DecodeSplitLines({stored, block_.times, column.raw_bytes, excerpt_}, buffers_.split,
                         excerpt_ == nullptr ? block_.lines : block_.excerpts));
    if (texts == TextsAre::kExcerpts) {
      has_excerpts_ = true;
      return {};
    }
    has_lines_ = true;
    if (excerpt_ != nullptr) {
      std::swap(block_.lines, block_.excerpts);
      std::swap(buffers_.lengths, block_.excerpts.offsets);
    }
    return !has_lengths_ || buffers_.lengths == block_.lines.offsets
               ? Status()
               : DataLoss("lines differ from their lengths");
  }

  Status DecodeMetadataColumn(const ColumnEntry& column, std::string_view raw) {
    if (metadata_ > 0 && block_.metadata[metadata_ - 1].name >= column.name) {
      return DataLoss("columns are not in order");
    }
    model::MetadataColumn& decoded = NextMetadata();
    decoded.name = column.name;
    return DecodeMetadata(raw, header_.entries, decoded);
  }

  model::MetadataColumn& NextMetadata() {
    if (metadata_ == block_.metadata.size()) block_.metadata.emplace_back();
    return block_.metadata[metadata_++];
  }

  // Out of what is known.
  void TakeOver(const ColumnEntry& column) {
    if (column.kind == ColumnKind::kTimes) {
      block_.times = known_->times;
    } else if (column.kind == ColumnKind::kSeqs) {
      has_seqs_ = true;
      block_.seqs = known_->seqs;
    } else {
      NextMetadata() = *known_->FindMetadata(column.name);
    }
  }

  const BlockHeader& header_;
  const std::span<const StoredPart> parts_;
  RowSearch* const search_;
  const model::EntryBlock* const known_;
  const model::LineExcerpt* const excerpt_;
  DecodeBuffers& buffers_;
  model::EntryBlock& block_;
  std::optional<SplitLinesSearch> lines_search_;
  size_t metadata_ = 0;  // Columns decoded.
  bool has_lines_ = false;
  bool has_excerpts_ = false;
  bool has_lengths_ = false;
  bool has_seqs_ = false;
};

// What must hold between the columns of a decoded block.
Status CheckComplete(const BlockHeader& header, const model::ColumnSet& columns,
                     const model::EntryBlock& block) {
  if (block.seqs.size() != header.entries) return DataLoss("column seqs is missing");
  if (!columns.lines && !columns.line_lengths) return {};
  if (block.lines.size() != header.entries) return DataLoss("column lengths is missing");
  if (block.has_excerpts) return {};
  if (columns.lines && block.lines.text.size() != block.lines.offsets.back()) {
    return DataLoss("column lines is not as long as its lengths say");
  }
  return {};
}

}  // namespace

bool WantsColumn(const ColumnEntry& column, const model::ColumnSet& columns) {
  switch (column.kind) {
    case ColumnKind::kTimes:
    case ColumnKind::kSeqs:
      return true;
    case ColumnKind::kLengths:
    case ColumnKind::kVarintLengths:
      return columns.lines || columns.line_lengths;
    case ColumnKind::kLines:
    case ColumnKind::kSplitLines:
      return columns.lines;
    case ColumnKind::kMetadata:
      return columns.WantsMetadata(column.name);
  }
  return false;  // Of a kind that a later version may add.
}

bool KnowsColumn(const model::EntryBlock* known, const ColumnEntry& column) {
  if (known == nullptr) return false;
  if (column.kind == ColumnKind::kMetadata) return known->FindMetadata(column.name) != nullptr;
  return column.kind == ColumnKind::kTimes || column.kind == ColumnKind::kSeqs;
}

std::vector<Extent> WantedExtents(const BlockHeader& block, const model::ColumnSet& columns,
                                  const model::EntryBlock* known) {
  std::vector<Extent> wanted;
  for (const ColumnEntry& column : block.columns) {
    if (!WantsColumn(column, columns) || KnowsColumn(known, column)) continue;
    wanted.push_back({column.offset, column.stored_bytes});
  }
  return JoinExtents(std::move(wanted));
}

size_t DecodeBuffers::MemoryBytes() const {
  return column.capacity() + lengths.capacity() * sizeof(uint32_t) + split.MemoryBytes();
}

Status CheckColumnsKnown(const BlockHeader& block) {
  for (const ColumnEntry& column : block.columns) {
    if (ColumnKindName(column.kind) != kUnknownColumn) continue;
    return Status(
        StatusCode::kUnimplemented,
        "columns of kind " + std::to_string(static_cast<int>(column.kind)) + " are not known here");
  }
  return {};
}

Status DecodeBlock(const BlockToDecode& from, DecodeBuffers& buffers, model::EntryBlock& block) {
  const auto& [header, columns, parts, search, known, excerpt] = from;
  block.has_lines = columns.lines;
  block.has_all_metadata = true;
  BlockDecoder decoder(from, buffers, block);
  const ColumnEntry* const searched =
      search != nullptr && columns.lines ? header.FindColumn(ColumnKind::kSplitLines) : nullptr;
  if (searched != nullptr) {
    SKALD_ASSIGN_OR_RETURN(const bool may_hold, decoder.BeginSearch(*searched));
    if (!may_hold) return {};
  }
  // Times come first: they prove the number of entries, by which the others allocate.
  const ColumnEntry* times = header.FindColumn(ColumnKind::kTimes);
  if (times == nullptr) return DataLoss("column times is missing");
  SKALD_RETURN_IF_ERROR(decoder.Decode(*times));
  if (searched != nullptr) {
    SKALD_ASSIGN_OR_RETURN(const bool holds, decoder.FinishSearch(*searched));
    if (!holds) return {};
  }
  for (const ColumnEntry& column : header.columns) {
    if (column.kind == ColumnKind::kTimes || &column == searched) continue;
    // They came with the lines.
    if (IsLengths(column.kind) && searched != nullptr && decoder.has_lengths()) continue;
    if (WantsColumn(column, columns)) {
      SKALD_RETURN_IF_ERROR(decoder.Decode(column));
    } else if (column.kind == ColumnKind::kMetadata) {
      block.has_all_metadata = false;
    }
  }
  decoder.Finish();
  return CheckComplete(header, columns, block);
}

Result<model::EntryBlock> DecodeBlock(const BlockHeader& header, const model::ColumnSet& columns,
                                      std::span<const StoredPart> parts) {
  model::EntryBlock block;
  DecodeBuffers buffers;
  SKALD_RETURN_IF_ERROR(DecodeBlock({header, columns, parts}, buffers, block));
  return block;
}

Result<model::EntryBlock> DecodeBlock(const SealedBlock& block, const model::ColumnSet& columns,
                                      const model::EntryBlock* known) {
  const StoredPart whole{.offset = 0, .bytes = block.data};
  model::EntryBlock decoded;
  DecodeBuffers buffers;
  SKALD_RETURN_IF_ERROR(DecodeBlock(
      {.header = block.header, .columns = columns, .parts = std::span(&whole, 1), .known = known},
      buffers, decoded));
  return decoded;
}

}  // namespace skald::chunkstore
