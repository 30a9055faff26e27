#include "chunkstore/format/line_filter_index.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "chunkstore/format/lz4_packer.h"

#if defined(__SSE4_2__)
#include <smmintrin.h>
#endif

// The filter answers "can a line of this block hold this substring?". A substring's edges may lie
// inside a longer word, so whole words cannot be looked up: only grams can, runs of bytes whose
// place and length follow from the bytes themselves, never from what stands around them.
//
// A gram is, over text with A-Z folded to a-z,
//   - six bytes, all of them number bytes: 0-9 a-f . : -
//   - four bytes, at least one of them not a number byte
// and holds no '\n'. Four number bytes would be there in every block (there are but 10^4 runs of
// four digits); six tell ids, addresses and times apart. `id=4711042 ok` has the grams
//   "id=4" "d=47" "=471"  "471104" "711042"  "042 " "42 o" "2 ok"
// and, as UTF-8 is taken byte by byte, a word of two Chinese characters has three.
//
// A gram sets one bit: position = hash mod number of bits. With one bit a gram, a bitmap that is
// half full lets an absent gram pass every second time, an absent id of 16 hex digits (11 grams)
// once in 2,000 times. More bits a gram would fill the bitmap, and the budget is small.
//
// What lz4 has found to be a copy of earlier text needs no second look (AddUncopied): seven tenths
// of the bytes of logs.
//
// Grams are collected in a bitmap of 2^18 bits, which is then folded to its final length by
// or-ing word i into word i mod length; so the length may depend on how many grams there were,
// and no gram is hashed twice.
//
// Searches that ignore case fold as RE2 does, where K (U+212A) and long s (U+017F) equal k and s:
// lines with one of these are added a second time with the plain letter in its place.

namespace skald::chunkstore {
namespace {

constexpr uint64_t kHashFactor = 0x9e3779b97f4a7c15ull;  // Stored filters depend on it.
constexpr std::string_view kKelvin = "\xe2\x84\xaa";
constexpr std::string_view kLongS = "\xc5\xbf";

// Bytes of a gram with other than number bytes in it.
constexpr size_t kShortGram = 4;

// Bits given to each gram where the budget allows it: an absent gram passes every fourth time.
constexpr size_t kBitsPerGram = 4;
// Fuller than this and the filter is not worth reading.
constexpr double kMaxDensity = 0.97;

constexpr uint32_t HashGram(uint64_t gram) {
  return static_cast<uint32_t>((gram * kHashFactor) >> (64 - LineFilterBuilder::kHashBits));
}

constexpr uint8_t Fold(uint8_t byte) { return byte >= 'A' && byte <= 'Z' ? byte | 0x20 : byte; }

// Of a folded byte.
constexpr bool IsNumberByte(uint8_t byte) {
  return (byte >= '0' && byte <= ':') || (byte >= 'a' && byte <= 'f') || byte == '.' || byte == '-';
}

constexpr size_t kStepBytes = 64;

// What 64 bytes are, a bit for each.
struct Step {
  uint64_t numbers = 0;
  uint64_t words = 0;                // As IsWordByte has it, if that is asked for.
  uint64_t newlines = ~uint64_t{0};  // Before the text there is a line's end.
  bool ascii = true;
};

// Folds kStepBytes of `text` to `folded`. What they are goes to where it stays: a step that is
// copied as a whole would have to wait until its parts are written.
#if defined(__SSE4_2__)
template <bool kWithTerms>
void FoldStep(const char* text, uint8_t* folded, Step& step) {
  // A byte is of a set if the tables share one of the set's bits at its low and at its high half.
  constexpr char kDotDash = 1, kDigitColon = 2, kHexLetter = 4, kToO = 8, kFromP = 16;
  constexpr char kUnderscore = 32;
  constexpr char kNumbers = kDotDash | kDigitColon | kHexLetter;
  constexpr char kAsciiWords = kToO | kFromP | kUnderscore;
  constexpr char kLow0 = kDigitColon | kFromP;
  constexpr char kLow1 = kDigitColon | kHexLetter | kToO | kFromP;
  constexpr char kLow7 = kDigitColon | kToO | kFromP;
  const __m128i low_table =
      _mm_setr_epi8(kLow0, kLow1, kLow1, kLow1, kLow1, kLow1, kLow1, kLow7, kLow7, kLow7, kLow7,
                    kToO, kToO, kDotDash | kToO, kDotDash | kToO, kToO | kUnderscore);
  const __m128i high_table = _mm_setr_epi8(0, 0, kDotDash, kDigitColon, 0, kUnderscore,
                                           kHexLetter | kToO, kFromP, 0, 0, 0, 0, 0, 0, 0, 0);
  const auto bits_where = [](__m128i mask) {
    return static_cast<uint64_t>(static_cast<uint32_t>(_mm_movemask_epi8(mask)));
  };
  uint64_t not_numbers = 0;
  uint64_t not_words = 0;
  uint64_t beyond_ascii = 0;
  uint64_t ends = 0;
#pragma GCC unroll 4
  for (int i = 0; i < static_cast<int>(kStepBytes); i += 16) {
    __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text + i));
    // A-Z are the 26 bytes that come out lowest when 'A' is taken for the lowest of all.
    const __m128i from_a = _mm_add_epi8(bytes, _mm_set1_epi8(static_cast<char>(128 - 'A')));
    const __m128i upper = _mm_cmplt_epi8(from_a, _mm_set1_epi8(-128 + 26));
    bytes = _mm_or_si128(bytes, _mm_and_si128(upper, _mm_set1_epi8(0x20)));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(folded + i), bytes);
    const __m128i high = _mm_and_si128(_mm_srli_epi16(bytes, 4), _mm_set1_epi8(0x0f));
    const __m128i shared =
        _mm_and_si128(_mm_shuffle_epi8(low_table, bytes), _mm_shuffle_epi8(high_table, high));
    const auto none_of = [&](char set) {
      const __m128i own = _mm_and_si128(shared, _mm_set1_epi8(set));
      return bits_where(_mm_cmpeq_epi8(own, _mm_setzero_si128())) << i;
    };
    not_numbers |= none_of(kNumbers);
    if (kWithTerms) not_words |= none_of(kAsciiWords);
    beyond_ascii |= bits_where(bytes) << i;
    ends |= bits_where(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('\n'))) << i;
  }
  step.numbers = ~not_numbers;
  if (kWithTerms) step.words = ~not_words | beyond_ascii;
  step.newlines = ends;
  step.ascii = beyond_ascii == 0;
}
#else
template <bool kWithTerms>
void FoldStep(const char* text, uint8_t* folded, Step& step) {
  step = {.newlines = 0};
  for (size_t i = 0; i < kStepBytes; ++i) {
    folded[i] = Fold(static_cast<uint8_t>(text[i]));
    step.numbers |= static_cast<uint64_t>(IsNumberByte(folded[i])) << i;
    if (kWithTerms) step.words |= static_cast<uint64_t>(IsWordByte(folded[i])) << i;
    step.newlines |= static_cast<uint64_t>(folded[i] == '\n') << i;
    step.ascii &= folded[i] < 0x80;
  }
}
#endif

// Some steps of a text, folded before any of their grams are read: a gram that is read right after
// its bytes were written would have to wait for them.
struct Tile {
  static constexpr size_t kSteps = 32;
  static constexpr size_t kBytes = kSteps * kStepBytes;
  static constexpr size_t kBefore = 8;  // Of the tile before, so that grams may begin there.

  // Takes the next bytes off the front of `text`. Returns how many steps they are; of the last one
  // of a text, what is missing is line ends.
  template <bool kWithTerms>
  size_t Load(std::string_view& text) {
    steps[0] = steps[kSteps];
    std::memcpy(folded.data(), folded.data() + kBytes, kBefore);
    size_t count = 0;
    for (; count < kSteps && text.size() >= kStepBytes; ++count) {
      FoldStep<kWithTerms>(text.data(), BytesOf(count), steps[1 + count]);
      text.remove_prefix(kStepBytes);
    }
    if (count == kSteps || text.empty()) return count;
    std::array<char, kStepBytes> tail;
    tail.fill('\n');
    std::ranges::copy(text, tail.begin());
    FoldStep<kWithTerms>(tail.data(), BytesOf(count), steps[1 + count]);
    text = {};
    return count + 1;
  }

  uint8_t* BytesOf(size_t step) { return folded.data() + kBefore + step * kStepBytes; }

  std::array<uint8_t, kBefore + kBytes> folded{};
  std::array<Step, 1 + kSteps> steps;  // The first is the last one of the tile before.
};

// Bit i of the result is bit i - distance of the stream of bits of which `bits` follows `before`.
constexpr uint64_t Back(uint64_t bits, uint64_t before, int distance) {
  return bits << distance | before >> (64 - distance);
}

// Grams by the index of their last byte in a step.
struct GramEnds {
  uint64_t of_four = 0;
  uint64_t of_six = 0;
  uint64_t of_words = 0;  // Of four bytes, all of them of words.
};

template <bool kWithTerms>
GramEnds FindGrams(const Step& step, const Step& before) {
  const uint64_t n = step.numbers;
  const uint64_t pairs = n & Back(n, before.numbers, 1);
  const uint64_t pairs_before = before.numbers & before.numbers << 1;
  const uint64_t fours = pairs & Back(pairs, pairs_before, 2);
  const uint64_t sixes = fours & Back(pairs, pairs_before, 4);
  const uint64_t ends = step.newlines | Back(step.newlines, before.newlines, 1) |
                        Back(step.newlines, before.newlines, 2) |
                        Back(step.newlines, before.newlines, 3);
  uint64_t words = 0;
  if constexpr (kWithTerms) {
    const uint64_t pairs_of_words = step.words & Back(step.words, before.words, 1);
    words = pairs_of_words & Back(pairs_of_words, before.words & before.words << 1, 2);
  }
  const uint64_t of_four = ~ends & ~fours;
  return {.of_four = of_four & ~words, .of_six = sixes, .of_words = of_four & words};
}

// Finds runs that may be ids by the number bytes of steps. A run of kMinIdDigits bytes fills eight
// bytes somewhere that begin at a multiple of eight.
class RunFinder {
 public:
  explicit RunFinder(std::string_view text) : text_(text) {}

  // Calls `read` with where a run begins that has a byte in the step at text[offset]; it returns
  // where the run ends. Runs that are too short may come too, but none comes twice.
  template <typename Read>
  void Find(uint64_t numbers, size_t offset, const Read& read) {
    static_assert(kMinIdDigits >= 15);
    constexpr uint64_t kOnes = 0x0101010101010101ull;
    uint64_t full = (~numbers - kOnes) & numbers & (kOnes << 7);
    for (; full != 0; full &= full - 1) {
      const int lane = std::countr_zero(full) & ~7;
      const size_t at = offset + static_cast<size_t>(lane);
      if (at < end_ || at >= text_.size() || IsShort(numbers, lane)) continue;
      size_t begin = at;
      while (begin > end_ && IsRunByte(text_[begin - 1])) --begin;
      end_ = read(begin);
    }
  }

 private:
  // Whether the run lies within the step and is no id.
  static bool IsShort(uint64_t numbers, int lane) {
    const int after = lane + std::countr_one(numbers >> lane);
    const int before = lane == 0 ? 0 : std::countl_one(numbers << (64 - lane));
    return after < 64 && before < lane && after - lane + before < static_cast<int>(kMinIdDigits);
  }

  const std::string_view text_;
  size_t end_ = 0;  // Of the run read last.
};

inline void AddFour(const uint8_t* end, uint64_t* bits) {
  uint32_t gram;
  std::memcpy(&gram, end - 3, sizeof gram);
  const uint32_t hash = HashGram(gram);
  bits[hash / 64] |= uint64_t{1} << (hash % 64);
}

// Sets the bits of the grams that end in a step whose bytes are at `folded`.
inline void AddGrams(GramEnds ends, const uint8_t* folded, uint64_t* bits, uint64_t* word_bits) {
  for (; ends.of_four != 0; ends.of_four &= ends.of_four - 1) {
    AddFour(folded + std::countr_zero(ends.of_four), bits);
  }
  for (; ends.of_words != 0; ends.of_words &= ends.of_words - 1) {
    AddFour(folded + std::countr_zero(ends.of_words), word_bits);
  }
  for (; ends.of_six != 0; ends.of_six &= ends.of_six - 1) {
    uint64_t gram;
    std::memcpy(&gram, folded + std::countr_zero(ends.of_six) - 7, sizeof gram);
    const uint32_t hash = HashGram(gram >> 16);
    bits[hash / 64] |= uint64_t{1} << (hash % 64);
  }
}

// The hashes of the grams of one literal, in which '\n' parts what must not be joined.
std::vector<uint32_t> GramsOf(std::string_view text) {
  std::vector<uint32_t> hashes;
  size_t line = 0;     // Bytes since a '\n', the last one included.
  size_t numbers = 0;  // Number bytes since another.
  uint64_t window = 0;
  for (const char c : text) {
    const uint8_t byte = Fold(static_cast<uint8_t>(c));
    line = byte == '\n' ? 0 : line + 1;
    numbers = IsNumberByte(byte) ? numbers + 1 : 0;
    window = window >> 8 | static_cast<uint64_t>(byte) << 40;
    if (numbers >= 6) {
      hashes.push_back(HashGram(window));
    } else if (numbers < 4 && line >= 4) {
      hashes.push_back(HashGram(window >> 16));
    }
  }
  std::ranges::sort(hashes);
  hashes.erase(std::unique(hashes.begin(), hashes.end()), hashes.end());
  return hashes;
}

// Calls `visit` with the hash of each gram of words. Other than in GramsOf, text is not folded yet.
template <typename Visit>
void ForEachWordGram(std::string_view text, const Visit& visit) {
  size_t words = 0;    // Word bytes since another.
  size_t numbers = 0;  // Number bytes since another.
  uint32_t window = 0;
  for (const char c : text) {
    const uint8_t byte = Fold(static_cast<uint8_t>(c));
    words = IsWordByte(byte) ? words + 1 : 0;
    numbers = IsNumberByte(byte) ? numbers + 1 : 0;
    window = window >> 8 | static_cast<uint32_t>(byte) << 24;
    if (words >= kShortGram && numbers < kShortGram) visit(HashGram(window));
  }
}

// Whether a three-byte character belongs to scripts without case: CJK, kana, Hangul.
bool IsCaseless(uint8_t first, uint8_t second) {
  if (first >= 0xe3 && first <= 0xe9) return true;  // U+3000 to U+9FFF
  return first >= 0xec || (first == 0xeb) || (first == 0xea && second >= 0xb0);
}

void ReplaceEvery(std::string& text, std::string_view from, std::string_view to) {
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

// The text with plain letters in place of those that equal them without case; empty if it has none
// of these.
std::string WithPlainLetters(std::string_view text) {
  if (text.find(kKelvin) == std::string_view::npos && text.find(kLongS) == std::string_view::npos) {
    return {};
  }
  std::string plain(text);
  ReplaceEvery(plain, kKelvin, "k");
  ReplaceEvery(plain, kLongS, "s");
  return plain;
}

}  // namespace

std::string WithoutCasedCharacters(std::string_view literal) {
  std::string out(literal);
  for (size_t i = 0; i < out.size(); ++i) {
    const uint8_t first = static_cast<uint8_t>(out[i]);
    if (first < 0x80) continue;
    const bool three = first >= 0xe3 && first <= 0xed && i + 2 < out.size();
    if (three && IsCaseless(first, static_cast<uint8_t>(out[i + 1]))) {
      i += 2;
    } else {
      out[i] = '\n';
    }
  }
  return out;
}

std::vector<uint32_t> WordKeysOf(std::string_view text) {
  std::vector<uint32_t> keys;
  ForEachWordGram(text, [&](uint32_t hash) { keys.push_back(WordKey(hash)); });
  std::ranges::sort(keys);
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return keys;
}

void LineFilterBuilder::Add(std::string_view text) {
  copied_.assign(text.size() / kStepBytes + 1, 0);
  if (!AddFolded<true>(text, copied_.data())) AddPlainLetters<true>(text);
}

void LineFilterBuilder::AddUncopied(std::string_view text, const std::vector<uint64_t>& copied) {
  static_assert(Lz4Packer::kBefore == kShortGram - 1);
  terms_missed_ = true;
  if (!AddFolded<false>(text, copied.data())) AddPlainLetters<false>(text);
}

template <bool kWithTerms>
void LineFilterBuilder::AddPlainLetters(std::string_view text) {
  const std::string plain = WithPlainLetters(text);
  if (plain.empty()) return;
  copied_.assign(plain.size() / kStepBytes + 1, 0);
  AddFolded<kWithTerms>(plain, copied_.data());
}

void LineFilterBuilder::AddTerms(std::string_view text) {
  AddPlainTerms(text);
  if (const std::string plain = WithPlainLetters(text); !plain.empty()) AddPlainTerms(plain);
}

void LineFilterBuilder::AddPlainTerms(std::string_view text) {
  ForEachWordGram(text, [&](uint32_t hash) { terms_.words.push_back(WordKey(hash)); });
  for (size_t at = 0; at < text.size();) {
    at = IsRunByte(text[at]) ? AddRun(text, at) : at + 1;
  }
}

size_t LineFilterBuilder::AddRun(std::string_view text, size_t begin) {
  const size_t end = run_.Read(text, begin);
  if (const int id_class = run_.Class(); id_class >= 0) {
    terms_.id_classes |= static_cast<uint8_t>(1 << id_class);
    run_.AppendKeys(id_class, terms_.ids);
  }
  return end;
}

PackTerms LineFilterBuilder::TakeTerms() {
  for (size_t i = 0; has_word_bits_ && i < kWords; ++i) {
    for (uint64_t word = word_bits_[i]; word != 0; word &= word - 1) {
      const auto hash =
          static_cast<uint32_t>(i * 64) + static_cast<uint32_t>(std::countr_zero(word));
      terms_.words.push_back(WordKey(hash));
    }
    bits_[i] |= std::exchange(word_bits_[i], 0);
  }
  has_word_bits_ = false;
  PackTerms taken = std::exchange(terms_, {});
  taken.known = !terms_missed_;
  terms_missed_ = false;
  std::ranges::sort(taken.words);
  taken.words.erase(std::unique(taken.words.begin(), taken.words.end()), taken.words.end());
  return taken;
}

template <bool kWithTerms>
bool LineFilterBuilder::AddFolded(std::string_view text, const uint64_t* copied) {
  Tile tile;
  const std::string_view whole = text;
  RunFinder runs(whole);
  size_t offset = 0;  // Of the step in the text.
  uint64_t copied_before = 0;
  bool ascii = true;
  has_word_bits_ |= kWithTerms;
  while (!text.empty()) {
    const size_t count = tile.Load<kWithTerms>(text);
    for (size_t i = 0; i < count; ++i, ++copied, offset += kStepBytes) {
      GramEnds ends = FindGrams<kWithTerms>(tile.steps[1 + i], tile.steps[i]);
      const uint64_t five = *copied & Back(*copied, copied_before, 1);
      ends.of_four &= ~*copied;
      ends.of_words &= ~*copied;
      ends.of_six &= ~(five & Back(*copied, copied_before, 2));
      copied_before = *copied;
      ascii &= tile.steps[1 + i].ascii;
      AddGrams(ends, tile.BytesOf(i), bits_.data(), word_bits_.data());
      if constexpr (kWithTerms) {
        runs.Find(tile.steps[1 + i].numbers, offset,
                  [&](size_t begin) { return AddRun(whole, begin); });
      }
    }
  }
  return ascii;
}

std::string LineFilterBuilder::Finish(size_t max_bytes) {
  if (has_word_bits_) (void)TakeTerms();
  size_t grams = 0;
  for (const uint64_t word : bits_) grams += std::popcount(word);
  const size_t wanted = (grams * kBitsPerGram + 63) / 64;
  const size_t words = std::min({wanted, max_bytes / 8, kWords});

  std::string filter;
  if (words > 0) {
    std::vector<uint64_t> folded(words, 0);
    for (size_t begin = 0; begin < kWords; begin += words) {
      const size_t count = std::min(words, kWords - begin);
      for (size_t i = 0; i < count; ++i) folded[i] |= bits_[begin + i];
    }
    size_t set = 0;
    for (const uint64_t word : folded) set += std::popcount(word);
    filter.assign(reinterpret_cast<const char*>(folded.data()), words * sizeof folded[0]);
    if (static_cast<double>(set) > kMaxDensity * 64 * static_cast<double>(words)) filter.clear();
  }
  bits_.fill(0);
  terms_ = {};
  return filter;
}

LiteralProbe::LiteralProbe(const std::vector<model::RequiredLiteral>& literals) {
  for (const model::RequiredLiteral& literal : literals) {
    std::vector<Grams> alternatives;
    for (const std::string& text : literal.any_of) {
      alternatives.push_back(GramsOf(literal.fold_case ? WithoutCasedCharacters(text) : text));
    }
    // One alternative without grams may be anywhere, and so all of them together.
    const bool selective =
        !alternatives.empty() &&
        std::ranges::none_of(alternatives, [](const Grams& grams) { return grams.empty(); });
    if (selective) required_.push_back(std::move(alternatives));
  }
}

bool LiteralProbe::MayMatch(std::string_view filter) const {
  if (filter.empty() || filter.size() % 8 != 0) return true;
  const auto bits = static_cast<uint32_t>(filter.size() * 8);
  const auto has = [&](uint32_t hash) {
    const uint32_t at = hash % bits;
    return (static_cast<uint8_t>(filter[at / 8]) >> (at % 8) & 1) != 0;
  };
  return std::ranges::all_of(required_, [&](const std::vector<Grams>& alternatives) {
    return std::ranges::any_of(alternatives,
                               [&](const Grams& grams) { return std::ranges::all_of(grams, has); });
  });
}

}  // namespace skald::chunkstore
