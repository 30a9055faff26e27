#include "chunkstore/format/ribbon_set.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <span>
#include <string>
#include <utility>

// A ribbon filter (Dillinger and Walzer, "Ribbon filter: practically smaller than Bloom and Xor").
//
// A region is a table of some slots of n bits. By its hash a pair chooses some of 64 neighbouring
// slots and a print of n bits, and it is a member if these slots, added without carry, give the
// print. What slots must hold so that it comes out for all pairs is a system of linear equations,
// which has a solution where there are a few more slots than pairs. Of a pair that was never added
// it comes out once in 2^n times.
//
// Equations are solved as they come: each is brought to a form whose first slot no other has as its
// first, by adding those that have. Slots then follow from the last to the first. As all slots of
// an equation are neighbours, so are those of the sums, and each takes one word.
//
// Gaps between keys (key_set.h) take 1.55 bits a key more than the logarithm of how seldom it is
// wrong; this takes 1.04 times the logarithm and as little as 0.1 bits, and has no room between
// whole bits.

namespace skald::chunkstore {
namespace {

constexpr int kKeyBits = 32;
constexpr uint64_t kPairsARegion = 1024;
constexpr int kLeastPrintBits = 3;
constexpr int kMostPrintBits = 12;
constexpr uint32_t kMaxReach = 64;  // Slots that an equation may have.
// Solving fails about once in six times with the slots it begins with.
constexpr int kSeedsASize = 8;
constexpr int kMaxSeeds = 256;  // A byte tells which.
constexpr size_t kSeedBytes = 1;

// Stored filters depend on these.
constexpr uint64_t kSeedFactor = 0x9e3779b97f4a7c15ull;
constexpr uint64_t kFirstFactor = 0xff51afd7ed558ccdull;
constexpr uint64_t kSecondFactor = 0xc2b2ae3d27d4eb4full;

struct Equation {
  uint32_t first = 0;  // Slot.
  uint64_t slots = 0;  // Bit i for the i-th from there; the lowest is set. 0: none.
  uint32_t print = 0;
};

// Slots come in bytes of a column.
constexpr uint32_t RoundUp(uint32_t slots) { return (slots + 7) / 8 * 8; }

Equation EquationOf(uint64_t pair, uint32_t seed, uint32_t slots, int print_bits) {
  uint64_t hash = pair + seed * kSeedFactor;
  hash = (hash ^ hash >> 32) * kFirstFactor;
  hash ^= hash >> 32;
  const uint64_t again = hash * kSecondFactor;
  const uint32_t reach = std::min(slots, kMaxReach);
  return {.first = static_cast<uint32_t>((again >> 32) * (slots - reach + 1) >> 32),
          .slots = (hash | 1) & ~uint64_t{0} >> (kMaxReach - reach),
          .print = static_cast<uint32_t>(again ^ again >> 32) & ((1u << print_bits) - 1)};
}

// Slots to begin with for so many pairs.
uint32_t SlotsFor(size_t pairs) { return RoundUp(static_cast<uint32_t>(pairs + pairs / 64 + 7)); }

// Solves the equations of one region.
//
// Order: Solve, then Encode if it was solved.
class RegionSolver {
 public:
  // False if there is no solution.
  bool Solve(std::span<const uint64_t> pairs, uint32_t seed, uint32_t slots, int print_bits) {
    seed_ = seed;
    print_bits_ = print_bits;
    rows_.assign(slots, {});
    return std::ranges::all_of(
        pairs, [&](uint64_t pair) { return Add(EquationOf(pair, seed, slots, print_bits)); });
  }

  void Encode(std::string& region) const {
    region.assign(1, static_cast<char>(seed_));
    const size_t column_bytes = rows_.size() / 8;
    region.resize(kSeedBytes + column_bytes * static_cast<size_t>(print_bits_));
    for (int column = 0; column < print_bits_; ++column) {
      char* const bytes = region.data() + kSeedBytes + column_bytes * static_cast<size_t>(column);
      uint64_t ahead = 0;  // The slots behind the one at hand, the next one lowest.
      for (size_t i = rows_.size(); i-- > 0;) {
        const Row& row = rows_[i];
        const auto own = static_cast<uint64_t>(row.print >> column & 1);
        const uint64_t others = static_cast<uint64_t>(std::popcount(row.slots >> 1 & ahead));
        const uint64_t slot = row.slots == 0 ? 0 : (own ^ others) & 1;
        ahead = ahead << 1 | slot;
        if (i % 8 == 0) bytes[i / 8] = static_cast<char>(ahead);
      }
    }
  }

 private:
  struct Row {
    uint64_t slots = 0;  // As in Equation, of the one that begins here.
    uint32_t print = 0;
  };

  bool Add(Equation equation) {
    for (;;) {
      Row& row = rows_[equation.first];
      if (row.slots == 0) {
        row = {.slots = equation.slots, .print = equation.print};
        return true;
      }
      equation.slots ^= row.slots;
      equation.print ^= row.print;
      if (equation.slots == 0) return equation.print == 0;
      const int zeros = std::countr_zero(equation.slots);
      equation.slots >>= zeros;
      equation.first += static_cast<uint32_t>(zeros);
    }
  }

  uint32_t seed_ = 0;
  int print_bits_ = 0;
  std::vector<Row> rows_;
};

// Pairs by region, those of each sorted and there once.
class PairsByRegion {
 public:
  explicit PairsByRegion(std::vector<uint64_t> pairs)
      : bits_(RegionBits(pairs.size(), kPairsARegion)), begins_((size_t{1} << bits_) + 1) {
    const auto region_of = [&](uint64_t pair) {
      return static_cast<size_t>((pair >> kKeyBits) >> (kKeyBits - bits_));
    };
    std::vector<size_t> next(regions());
    for (const uint64_t pair : pairs) ++next[region_of(pair)];
    for (size_t i = 0; i < regions(); ++i) begins_[i + 1] = begins_[i] + next[i];
    std::copy(begins_.begin(), begins_.end() - 1, next.begin());
    pairs_.resize(pairs.size());
    for (const uint64_t pair : pairs) pairs_[next[region_of(pair)]++] = pair;
    sizes_.resize(regions());
    for (size_t i = 0; i < regions(); ++i) {
      const auto first = pairs_.begin() + static_cast<ptrdiff_t>(begins_[i]);
      const auto last = pairs_.begin() + static_cast<ptrdiff_t>(begins_[i + 1]);
      std::sort(first, last);
      sizes_[i] = static_cast<size_t>(std::unique(first, last) - first);
    }
  }

  int bits() const { return bits_; }
  size_t regions() const { return begins_.size() - 1; }
  std::span<const uint64_t> Of(size_t region) const {
    return std::span(pairs_).subspan(begins_[region], sizes_[region]);
  }

 private:
  const int bits_;
  std::vector<size_t> begins_;
  std::vector<size_t> sizes_;
  std::vector<uint64_t> pairs_;
};

// The bits of prints that `max_bytes` allow.
int PrintBitsFor(const PairsByRegion& pairs, uint64_t max_bytes) {
  constexpr size_t kBytesARegion = RegionTable::kCrcBytes + kSeedBytes + sizeof(uint16_t);
  uint64_t slots = 0;
  uint64_t fixed = 16;  // The head of a table.
  for (size_t i = 0; i < pairs.regions(); ++i) {
    fixed += kBytesARegion;
    if (!pairs.Of(i).empty()) slots += SlotsFor(pairs.Of(i).size());
  }
  slots += slots / 256;  // Of regions that are not solved with so few.
  if (max_bytes < fixed) return 0;
  if (slots == 0) return kMostPrintBits;
  return static_cast<int>(std::min<uint64_t>((max_bytes - fixed) * 8 / slots, kMostPrintBits));
}

// Of pairs that are all different. False if there is no solution, which chance alone does not bring
// about.
bool EncodeRegion(std::span<const uint64_t> pairs, int print_bits, RegionSolver& solver,
                  std::string& region) {
  region.clear();
  if (pairs.empty()) return true;
  uint32_t slots = SlotsFor(pairs.size());
  for (int seed = 0; seed < kMaxSeeds; ++seed) {
    if (seed > 0 && seed % kSeedsASize == 0) slots = RoundUp(slots + slots / 32 + 1);
    if (!solver.Solve(pairs, static_cast<uint32_t>(seed), slots, print_bits)) continue;
    solver.Encode(region);
    return true;
  }
  return false;
}

}  // namespace

EncodedKeySet EncodeRibbonSet(std::vector<uint64_t> pairs, uint64_t max_bytes) {
  const PairsByRegion by_region(std::move(pairs));
  const int print_bits = PrintBitsFor(by_region, max_bytes);
  if (print_bits < kLeastPrintBits) return {};
  uint64_t count = 0;
  for (size_t i = 0; i < by_region.regions(); ++i) count += by_region.Of(i).size();
  EncodedKeySet set;
  PutVarint(set.table, count);
  set.table.push_back(static_cast<char>(by_region.bits()));
  set.table.push_back(static_cast<char>(print_bits));
  RegionSolver solver;
  std::string region;
  for (size_t i = 0; i < by_region.regions(); ++i) {
    if (!EncodeRegion(by_region.Of(i), print_bits, solver, region) || !set.Add(region)) return {};
  }
  return set;
}

// A column of a region is one bit of the prints, and stands without the others.
EncodedKeySet NarrowRibbonSet(std::string_view table, std::string_view regions,
                              uint64_t max_bytes) {
  constexpr uint64_t kFixed = RegionTable::kCrcBytes + kSeedBytes;
  ByteReader reader(table);
  const auto whole = RibbonTable::Decode(reader);
  if (!whole.ok()) return {};
  const auto columns = static_cast<uint64_t>(whole->print_bits());
  const auto column_bytes = [&](uint64_t region) {
    return region <= kFixed ? 0 : (region - kFixed) / columns;
  };
  uint64_t a_column = 0;  // Of all regions.
  uint64_t fixed = table.size();
  for (const uint64_t region : whole->regions().sizes()) {
    a_column += column_bytes(region);
    fixed += kFixed;
  }
  if (fixed + kLeastPrintBits * a_column > max_bytes) return {};
  const uint64_t kept =
      a_column == 0 ? columns : std::min<uint64_t>((max_bytes - fixed) / a_column, columns);
  EncodedKeySet set;
  PutVarint(set.table, whole->keys());
  set.table.push_back(static_cast<char>(whole->regions().region_bits()));
  set.table.push_back(static_cast<char>(kept));
  for (const uint64_t region : whole->regions().sizes()) {
    const uint64_t bytes = region == 0 ? 0 : kSeedBytes + kept * column_bytes(region);
    if (!set.Add(regions.substr(0, bytes))) return {};
    regions.remove_prefix(region);
  }
  return set;
}

Result<RibbonTable> RibbonTable::Decode(ByteReader& reader) {
  RibbonTable table;
  table.keys_ = reader.Varint();
  const int region_bits = reader.Byte();
  table.print_bits_ = reader.Byte();
  if (reader.failed() || region_bits > kMaxRegionBits || table.print_bits_ < 1 ||
      table.print_bits_ > kKeyBits - 1) {
    return DataLoss("bad table of keys");
  }
  SKALD_ASSIGN_OR_RETURN(table.regions_, RegionTable::Decode(region_bits, reader));
  return table;
}

Result<GroupBits> RibbonTable::GroupsOf(uint32_t key, std::string_view region) const {
  SKALD_ASSIGN_OR_RETURN(const std::string_view held, regions_.Open(key, region));
  if (held.empty()) return GroupBits{0};
  const std::string_view columns = held.substr(kSeedBytes);
  const size_t column_bytes = columns.size() / static_cast<size_t>(print_bits_);
  if (column_bytes == 0 || columns.size() % static_cast<size_t>(print_bits_) != 0) {
    return DataLoss("keys: bad length of a region");
  }
  const auto seed = static_cast<uint8_t>(held.front());
  const auto slots = static_cast<uint32_t>(column_bytes * 8);
  // Slots from `first` on, of the column that begins at `at`; those behind its end may be anything.
  const auto load = [&](size_t at, uint32_t first) {
    const size_t begin = at + first / 8;
    char buffer[9] = {};
    std::memcpy(buffer, columns.data() + begin, std::min<size_t>(9, columns.size() - begin));
    const uint64_t low = LoadFixed64(buffer);
    const int shift = static_cast<int>(first % 8);
    const auto high = static_cast<uint64_t>(static_cast<uint8_t>(buffer[8]));
    return shift == 0 ? low : low >> shift | high << (64 - shift);
  };
  GroupBits groups = 0;
  for (uint32_t group = 0; group < kMaxGroups; ++group) {
    const Equation equation = EquationOf(RibbonPair(key, group), seed, slots, print_bits_);
    bool same = true;
    for (int column = 0; column < print_bits_ && same; ++column) {
      const uint64_t chosen =
          load(column_bytes * static_cast<size_t>(column), equation.first) & equation.slots;
      same = (static_cast<uint32_t>(std::popcount(chosen)) & 1) == (equation.print >> column & 1);
    }
    groups |= GroupBits{same} << group;
  }
  return groups;
}

}  // namespace skald::chunkstore
