#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace skald::chunkstore {

// Grams by the index of their last byte among 64, a bit each.
struct GramEnds {
  uint64_t of_four = 0;
  uint64_t of_six = 0;
  uint64_t of_words = 0;  // Of four bytes, all of them of words; not in of_four then.
};

// Bit i of the result is bit i - distance of the stream of bits of which `bits` follows `before`.
constexpr uint64_t Back(uint64_t bits, uint64_t before, int distance) {
  return bits << distance | before >> (64 - distance);
}

// Walks through a text, folds it and finds its grams (line_grams.h), 64 bytes a step and some steps
// at a time: a gram that is read right after its bytes were written would have to wait for them.
//
// Order:   Load until the text is empty.
// Threads: not synchronised.
class GramTile {
 public:
  static constexpr size_t kStepBytes = 64;

  // Takes the next bytes off the front of `text`. Returns how many steps they are; of the last one
  // of a text, what is missing is line ends. Grams of words are told from others if that is asked
  // for.
  template <bool kWithWords>
  size_t Load(std::string_view& text);

  // Of a step that was loaded.
  const GramEnds& ends(size_t step) const { return ends_[step]; }
  uint64_t numbers(size_t step) const { return steps_[1 + step].numbers; }  // Number bytes.
  bool ascii(size_t step) const { return steps_[1 + step].ascii; }
  // Its bytes, and before them kBefore of the step before, so that grams may begin there.
  const uint8_t* folded(size_t step) const { return folded_.data() + kBefore + step * kStepBytes; }

 private:
  static constexpr size_t kSteps = 32;
  static constexpr size_t kBytes = kSteps * kStepBytes;
  static constexpr size_t kBefore = 8;

  // What 64 bytes are, a bit for each.
  struct Step {
    uint64_t numbers = 0;
    uint64_t words = 0;                // As IsWordByte has it, if that is asked for.
    uint64_t newlines = ~uint64_t{0};  // Before the text there is a line's end.
    bool ascii = true;
  };

  // Folds kStepBytes of `text` to `folded`.
  template <bool kWithWords>
  static void FoldStep(const char* text, uint8_t* folded, Step& step);
  template <bool kWithWords>
  static void FindGrams(const Step& step, const Step& before, GramEnds& ends);
  template <bool kWithWords>
  void LoadStep(size_t step, const char* text);

  std::array<uint8_t, kBefore + kBytes> folded_{};
  std::array<Step, 1 + kSteps> steps_;  // The first is the last one of the tile before.
  std::array<GramEnds, kSteps> ends_;
};

}  // namespace skald::chunkstore
