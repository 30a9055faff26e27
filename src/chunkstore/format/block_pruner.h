#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "chunkstore/format/block_filters.h"
#include "chunkstore/format/chunk_layout.h"
#include "chunkstore/format/literal_probe.h"
#include "chunkstore/format/pack_filter.h"
#include "model/batch_source.h"
#include "model/labels.h"

namespace skald::chunkstore {

// What the filter of a pack says of a request: which groups of streams may have entries that are
// wanted. It depends on a stream's labels which of it counts.
struct PackVerdict {
  StreamGroups literals = kAllStreams;       // Whose lines may hold them.
  std::vector<StreamGroups> label_literals;  // The same for each, of streams without these labels.
  std::vector<StreamGroups> labels;  // Whose metadata may have each, with a value it may have.
};

// What a request says of its entries, made ready to rule out streams, blocks and rows before their
// lines are read: by the stream's labels, by the names of a block's columns, by its filter, and by
// the values of a column. It never rules out an entry that the request wants.
//
// Threads: immutable; any thread may ask.
class BlockPruner {
 public:
  explicit BlockPruner(const model::ScanRequest& request);

  bool MayMatch(const model::Labels& stream) const;

  // Whether the filter of a pack can rule out any stream's entries; when not, it need not be read.
  bool AsksPacks() const;
  PackVerdict Judge(const PackFilter& filter, const IdLookup& with_id) const;
  // Whether a pack with that verdict may have entries of the stream that the request wants.
  bool MayMatch(const model::Labels& stream, const PackVerdict& pack) const;

  // Names of labels that a pack can rule out by its metadata, unless a stream has them itself.
  std::vector<std::string> MetadataNames() const;
  // Whether a pack with that verdict may have entries that the request wants of any stream;
  // streams may have the labels `of_streams` themselves.
  bool MayMatchAny(const PackVerdict& pack, const std::set<std::string>& of_streams) const;

  // By its columns. A block that is asked about further, or whose filters are, has passed this.
  bool MayMatch(const model::Labels& stream, const BlockHeader& block) const;

  // Which filters can rule the block out, if it has them; others need not be read.
  FilterChoice AsksFilters(const model::Labels& stream, const BlockHeader& block) const;
  // What of these to read first: most blocks that they rule out, this rules out alone.
  FilterChoice AsksFirst(const model::Labels& stream, const BlockHeader& block) const;
  bool MayMatch(const model::Labels& stream, const BlockHeader& block,
                const BlockFilters& filters) const;

  // What the lines of the block must hold to be wanted, for those who look into lines.
  std::vector<model::RequiredLiteral> LineLiterals(const model::Labels& stream,
                                                   const BlockHeader& block) const;

  // Names of metadata whose values rule out rows, so that it pays to read them first.
  std::vector<std::string> DecidingMetadata(const model::Labels& stream) const;
  // Takes from the selected rows of `block` those that such values rule out. The block has these
  // columns, unless none of its rows does.
  void Narrow(const model::Labels& stream, const model::EntryBlock& block,
              std::vector<uint32_t>& selection) const;

 private:
  struct LabelProbe {
    LiteralProbe probe;
    PackProbe pack_probe;
    model::LabelLiteral label;

    bool Holds(const model::Labels& stream, const BlockHeader& block) const;
  };
  struct ValueProbe {
    model::RequiredLabel label;
    std::vector<uint64_t> hashes;  // Of the values that it may have.
    PackProbe pack_probe;

    // Whether the filter of the block's metadata, if there is one, tells of it.
    bool Holds(const model::Labels& stream, const BlockHeader& block) const;
    bool MayMatch(std::string_view filter) const;
  };

  LiteralProbe literals_;
  PackProbe pack_literals_;
  std::vector<model::RequiredLiteral> line_literals_;  // The same as they were given.
  std::vector<LabelProbe> label_literals_;
  std::vector<ValueProbe> values_;
};

}  // namespace skald::chunkstore
