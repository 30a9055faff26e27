#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "chunkstore/format/line_grams.h"
#include "chunkstore/format/pack_terms.h"

namespace skald::chunkstore {

// Collects the grams of a block's lines and writes them as the block's filter: a bitmap with one
// hashed bit a gram (FilterKind::kLineGrams), which line_filter.h reads. What is a gram, and why,
// is told in line_grams.h.
//
// On the way it collects what the lines add to the filter of their pack.
//
// Order:   ((Add | AddUncopied | AddTerms)* TakeTerms? Finish)*; Finish begins anew, TakeTerms
//          as far as terms go.
// Threads: not synchronised.
// Cost:    64 KiB; see FIGURES.md for the time it takes.
// Format:  FORMAT.md.
class LineFilterBuilder {
 public:
  LineFilterBuilder() = default;
  LineFilterBuilder(const LineFilterBuilder&) = delete;
  LineFilterBuilder& operator=(const LineFilterBuilder&) = delete;

  // `text` holds lines with a '\n' after each, as TextColumn keeps them.
  void Add(std::string_view text);
  // The same in half the time, by what Lz4Packer tells of the text: grams that are copies of
  // earlier ones are passed over. Nothing is collected for the pack.
  void AddUncopied(std::string_view text, const std::vector<uint64_t>& copied);

  // For the filter of the pack only: what values of metadata are, and lines too few for a filter.
  void AddTerms(std::string_view text);

  // Of all that was added.
  PackTerms TakeTerms();

  // The filter as EncodeLineFilter has it, which as it is or cut (CutLineFilter) takes at most
  // `max_bytes`; empty when so few bytes could not rule anything out.
  std::string Finish(size_t max_bytes);

 private:
  // Where grams of words are, of lines added since Finish. AddTerms adds none.
  enum class Words {
    kNone,
    kApart,  // All of them in word_bits_, and in terms_ what lines add to them.
    kMixed,  // Some in bits_: of text whose terms were not collected.
  };

  // A filter is never longer than one bit for each hash.
  static constexpr size_t kWords = (size_t{1} << kGramHashBits) / 64;

  // Of `copied` bit i of word n says that byte 64 n + i and the three before it have been added.
  // Returns whether all bytes are ASCII.
  template <bool kWithTerms>
  bool AddFolded(std::string_view text, const uint64_t* copied);
  template <bool kWithTerms>
  void AddPlainLetters(std::string_view text);
  void AddPlainTerms(std::string_view text);
  // Takes in the run that begins there, if it is an id. Returns where it ends.
  size_t AddRun(std::string_view text, size_t begin);
  // The filter, with a bitmap of so many words. Requires: length > 0.
  std::string Fold(size_t length);

  std::array<uint64_t, kWords> bits_{};
  std::array<uint64_t, kWords> word_bits_{};  // Of grams of words, if they are told apart.
  Words words_ = Words::kNone;
  PackTerms terms_;
  IdRun run_;
  std::vector<uint64_t> copied_;
};

}  // namespace skald::chunkstore
