#include "distributor/level_words.h"

#include <array>
#include <cstddef>
#include <cstring>

#include "common/ascii.h"

#if defined(__SSSE3__)
#include <tmmintrin.h>
#endif

// The scan runs over every byte of every line that names no level otherwise, so it classifies 64
// bytes at a time: bit i of one mask says that byte i is one after which a word may begin, bit i of
// another that it is the first letter of a level's word, in either case. Shifting the first mask by
// one and taking what both have leaves the few places where a word is compared:
//
//   line       ts=12 [Warn] disk
//   begins     ..^..^^....^^....
//   letters    t......W....d....
//   compared   t......W....d....
namespace skald::distributor {
namespace {

// Classes of bytes; the two that matter are unions of these. Each says which low half of the byte
// goes with which high half, so that two shuffles find the class: low half's set & high half's set.
enum ByteClass : uint8_t {
  kControlBlank = 1,  // 0x: tab, newline
  kBlankOrQuote = 2,  // 2x: space " ' (
  kEquals = 4,        // 3x: =
  kSquare = 8,        // 5x: [
  kBraceOrBar = 16,   // 7x: { |
  kLetterAToO = 32,   // 4x, 6x: c d e f i
  kLetterPToZ = 64,   // 5x, 7x: t w
};
constexpr uint8_t kBegins = kControlBlank | kBlankOrQuote | kEquals | kSquare | kBraceOrBar;
constexpr uint8_t kLetters = kLetterAToO | kLetterPToZ;

constexpr std::array<uint8_t, 16> kHighHalf = {kControlBlank,
                                               0,
                                               kBlankOrQuote,
                                               kEquals,
                                               kLetterAToO,
                                               kLetterPToZ | kSquare,
                                               kLetterAToO,
                                               kLetterPToZ | kBraceOrBar,
                                               0,
                                               0,
                                               0,
                                               0,
                                               0,
                                               0,
                                               0,
                                               0};

constexpr std::array<uint8_t, 16> MakeLowHalf() {
  std::array<uint8_t, 16> low{};
  const auto add = [&](std::string_view bytes, uint8_t byte_class) {
    for (const char c : bytes) low[static_cast<uint8_t>(c) & 0xf] |= byte_class;
  };
  add("\t\n", kControlBlank);
  add(" \"'(", kBlankOrQuote);
  add("=", kEquals);
  add("[", kSquare);
  add("{|", kBraceOrBar);
  add("cdefi", kLetterAToO);
  add("tw", kLetterPToZ);
  return low;
}
constexpr std::array<uint8_t, 16> kLowHalf = MakeLowHalf();

constexpr size_t kBlock = 64;

struct BlockMasks {
  uint64_t begins = 0;
  uint64_t letters = 0;
};

// Requires: kBlock bytes at `p`.
inline BlockMasks Classify(const char* p) {
  BlockMasks masks;
#if defined(__SSSE3__)
  const __m128i low_half = _mm_loadu_si128(reinterpret_cast<const __m128i*>(kLowHalf.data()));
  const __m128i high_half = _mm_loadu_si128(reinterpret_cast<const __m128i*>(kHighHalf.data()));
  const __m128i nibble = _mm_set1_epi8(0xf);
  const __m128i zero = _mm_setzero_si128();
  for (size_t i = 0; i < kBlock; i += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p + i));
    const __m128i low = _mm_shuffle_epi8(low_half, _mm_and_si128(bytes, nibble));
    const __m128i high =
        _mm_shuffle_epi8(high_half, _mm_and_si128(_mm_srli_epi16(bytes, 4), nibble));
    const __m128i classes = _mm_and_si128(low, high);
    const auto is = [&](uint8_t wanted) {
      const __m128i none =
          _mm_cmpeq_epi8(_mm_and_si128(classes, _mm_set1_epi8(static_cast<char>(wanted))), zero);
      return static_cast<uint64_t>(static_cast<uint16_t>(~_mm_movemask_epi8(none)));
    };
    masks.begins |= is(kBegins) << i;
    masks.letters |= is(kLetters) << i;
  }
#else
  for (size_t i = 0; i < kBlock; ++i) {
    const auto byte = static_cast<uint8_t>(p[i]);
    const uint8_t byte_class = kLowHalf[byte & 0xf] & kHighHalf[byte >> 4];
    masks.begins |= static_cast<uint64_t>((byte_class & kBegins) != 0) << i;
    masks.letters |= static_cast<uint64_t>((byte_class & kLetters) != 0) << i;
  }
#endif
  return masks;
}

struct LevelWord {
  std::string_view text;
  Level level = Level::kUnknown;
};

// Words with their first letter, the longer one first.
struct WordsOfLetter {
  LevelWord first;
  LevelWord second;
};

constexpr size_t LetterIndex(char c) { return static_cast<uint8_t>(c) & 0x1f; }

constexpr std::array<WordsOfLetter, 32> MakeWords() {
  std::array<WordsOfLetter, 32> words{};
  words[LetterIndex('t')] = {{"trace", Level::kTrace}, {}};
  words[LetterIndex('d')] = {{"debug", Level::kDebug}, {}};
  words[LetterIndex('f')] = {{"fatal", Level::kFatal}, {}};
  words[LetterIndex('c')] = {{"critical", Level::kCritical}, {}};
  words[LetterIndex('e')] = {{"error", Level::kError}, {"err", Level::kError}};
  words[LetterIndex('w')] = {{"warning", Level::kWarn}, {"warn", Level::kWarn}};
  words[LetterIndex('i')] = {{"info", Level::kInfo}, {}};
  return words;
}
constexpr std::array<WordsOfLetter, 32> kWords = MakeWords();

constexpr std::array<bool, 256> MakeEnds() {
  std::array<bool, 256> ends{};
  for (const char c : std::string_view(" \t\n[](){}:,!\"'=|")) ends[static_cast<uint8_t>(c)] = true;
  return ends;
}
constexpr std::array<bool, 256> kEnds = MakeEnds();

// Whether the text begins with `word`, which is in lower case. Setting the bit of lower case turns
// nothing but the capital into a small letter.
bool BeginsWith(const char* p, const char* end, std::string_view word) {
  if (static_cast<size_t>(end - p) < word.size()) return false;
  for (size_t i = 0; i < word.size(); ++i) {
    if ((p[i] | 0x20) != word[i]) return false;
  }
  return p + word.size() == end || kEnds[static_cast<uint8_t>(p[word.size()])];
}

// The level of the word at `p`, which begins with one of the letters.
inline Level WordAt(const char* p, const char* end) {
  const WordsOfLetter& words = kWords[LetterIndex(*p)];
  // Most words fail here, on their second letter.
  if (end - p < 3 || (p[1] | 0x20) != words.first.text[1]) return Level::kUnknown;
  if (BeginsWith(p, end, words.first.text)) return words.first.level;
  if (!words.second.text.empty() && BeginsWith(p, end, words.second.text)) {
    return words.second.level;
  }
  return Level::kUnknown;
}

struct Spelling {
  std::string_view text;
  Level level;
};
constexpr Spelling kSpellings[] = {
    {"trace", Level::kTrace},       {"trc", Level::kTrace},   {"debug", Level::kDebug},
    {"dbg", Level::kDebug},         {"info", Level::kInfo},   {"inf", Level::kInfo},
    {"information", Level::kInfo},  {"warn", Level::kWarn},   {"wrn", Level::kWarn},
    {"warning", Level::kWarn},      {"error", Level::kError}, {"err", Level::kError},
    {"critical", Level::kCritical}, {"fatal", Level::kFatal},
};

}  // namespace

std::string_view LevelName(Level level) {
  constexpr std::string_view kNames[] = {"unknown", "trace", "debug",    "info",
                                         "warn",    "error", "critical", "fatal"};
  return kNames[static_cast<size_t>(level)];
}

Level ParseLevel(std::string_view text) {
  for (const Spelling& spelling : kSpellings) {
    if (EqualsIgnoringCase(text, spelling.text)) return spelling.level;
  }
  return Level::kUnknown;
}

Level FindLevelWord(std::string_view line) {
  const char* p = line.data();
  const char* const end = p + line.size();
  uint64_t may_begin = 1;  // Whether a word may begin at the block's first byte, in bit 0.
  char last_block[kBlock];
  while (p < end) {
    const auto left = static_cast<size_t>(end - p);
    const char* block = p;
    if (left < kBlock) {
      std::memset(last_block, 0, kBlock);
      std::memcpy(last_block, p, left);
      block = last_block;
    }
    const BlockMasks masks = Classify(block);
    uint64_t candidates = ((masks.begins << 1) | may_begin) & masks.letters;
    for (; candidates != 0; candidates &= candidates - 1) {
      const Level level = WordAt(p + __builtin_ctzll(candidates), end);
      if (level != Level::kUnknown) return level;
    }
    may_begin = masks.begins >> (kBlock - 1);
    p += kBlock;
  }
  return Level::kUnknown;
}

}  // namespace skald::distributor
