#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "chunkstore/compact/stream_merger.h"
#include "chunkstore/format/block_filters.h"
#include "chunkstore/format/block_pruner.h"
#include "chunkstore/format/value_filter.h"
#include "chunkstore/sealed_filters.h"
#include "chunkstore/sentences.h"
#include "chunkstore/test_entries.h"
#include "common/quote.h"
#include "logql/parser.h"
#include "logql/plan/scan_plan.h"
#include "support/case_count.h"

// What queries are planned to require of entries, asked of the filters of compacted blocks and of
// their pack: where an entry has what a query wants, never is the answer that it cannot. Each query
// is asked of all blocks of a store, and each block that has such an entry is a case; of the others
// filters must rule out most, or the test would say nothing. SKALD_TEST_PERCENT=2500 makes ten
// million cases of it.

namespace skald::differential {
namespace {

using chunkstore::SealedBlock;
using test::EntryGenerator;
using test::TestEntry;

constexpr std::string_view kAbsent = "zqxv_jwqz";  // Of whose grams no entry has one.

bool BeginsCharacter(const std::string& text, size_t at) {
  return at >= text.size() || (static_cast<uint8_t>(text[at]) & 0xc0) != 0x80;
}

std::string Lowered(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

// What entries of several blocks have in common: the end of a line, and the value of trace_id.
struct Event {
  explicit Event(EntryGenerator& generate) : id(generate.Hex(32)), trace_id(generate.Hex(32)) {
    const uint64_t kind = generate.Below(3);
    text = kind == 0 ? "n=" : generate.Line();
    if (kind != 1) text += test::Sentence(generate);
    text += " id=" + id;
    lowered = Lowered(text);
  }

  std::string text;
  std::string lowered;
  std::string id;  // Stands in the text.
  std::string trace_id;
};

// A query, and what it wants.
struct Asked {
  std::string stages;
  std::string first;  // Part of a line, in lower case if `folded`; or a value of trace_id.
  std::string other;  // Stands behind the first.
  bool folded = false;
  bool of_value = false;

  bool IsWhatEntriesHaveOf(const Event& event) const {
    if (of_value) return first == event.trace_id;
    const std::string& text = folded ? event.lowered : event.text;
    const size_t at = text.find(first);
    if (at == std::string::npos) return false;
    // Something stands between, which patterns want.
    return other.empty() || text.find(other, at + first.size() + 1) != std::string::npos;
  }
};

// Draws queries that what entries have of an event passes, or with `absent` ones that no entry
// does.
class QueryGenerator {
 public:
  explicit QueryGenerator(EntryGenerator& generate) : generate_(generate) {}

  static constexpr std::array<std::string_view, 9> kKinds = {
      "contains",           "id",      "or",      "folded", "two parts", "alternation",
      "folded alternation", "pattern", "metadata"};

  Asked Draw(std::string_view kind, const Event& event, bool absent) {
    if (kind == "metadata") return DrawValue(absent ? generate_.Hex(32) : event.trace_id);
    if (kind == "id") return DrawId(absent ? generate_.Hex(32) : event.id);
    const auto [one, other] = Parts(event.text);
    const std::string first = absent ? std::string(kAbsent) : one;
    if (kind == "contains") return {.stages = "|= " + GoQuote(first), .first = first};
    if (kind == "or") {
      return {.stages = "|= " + GoQuote(Odd()) + " or " + GoQuote(first), .first = first};
    }
    if (kind == "alternation") {
      return {.stages = "|~ " + GoQuote(Escape(Odd()) + "|" + Escape(first) + ".?"),
              .first = first};
    }
    if (kind == "two parts") {
      return {.stages = "|~ " + GoQuote(Escape(first) + ".*" + Escape(other)),
              .first = first,
              .other = other};
    }
    if (kind == "pattern") {
      return {.stages = "|> " + GoQuote("<_>" + first + "<_>" + other + "<_>"),
              .first = first,
              .other = other};
    }
    const std::string folded = Escape(OtherCase(first));
    return {
        .stages = "|~ " + GoQuote(kind == "folded" ? "(?i)" + folded
                                                   : "(?i)(" + folded + "|" + Escape(Odd()) + ")"),
        .first = Lowered(first),
        .folded = true};
  }

 private:
  static Asked DrawId(const std::string& id) {
    return {.stages = "|= " + GoQuote(id), .first = id};
  }

  // What no line has, and what the filters know that no line has.
  static std::string Odd() { return std::string(kAbsent) + "_odd"; }

  Asked DrawValue(const std::string& value) {
    return {.stages = generate_.Below(2) == 0 ? "| trace_id=" + GoQuote(value)
                                              : "| trace_id=~" + GoQuote(value + "|" + Odd()),
            .first = value,
            .of_value = true};
  }

  // Two parts of a line, one behind the other and something around each.
  std::pair<std::string, std::string> Parts(const std::string& line) {
    std::array<size_t, 4> cuts;
    do {
      for (size_t& cut : cuts) {
        do cut = 1 + generate_.Below(line.size() - 1);
        while (!BeginsCharacter(line, cut));
      }
      std::ranges::sort(cuts);
    } while (cuts[0] == cuts[1] || cuts[1] == cuts[2] || cuts[2] == cuts[3]);
    return {line.substr(cuts[0], cuts[1] - cuts[0]), line.substr(cuts[2], cuts[3] - cuts[2])};
  }

  std::string OtherCase(std::string text) {
    for (char& c : text) {
      const auto byte = static_cast<unsigned char>(c);
      if (byte < 0x80 && generate_.Below(2) == 0) {
        c = static_cast<char>(std::isupper(byte) != 0 ? std::tolower(byte) : std::toupper(byte));
      }
    }
    return text;
  }

  static std::string Escape(const std::string& text) {
    std::string out;
    for (const char c : text) {
      if (std::string_view("\\.+*?()|[]{}^$").find(c) != std::string_view::npos) out += '\\';
      out += c;
    }
    return out;
  }

  EntryGenerator& generate_;
};

// Compacted blocks of several streams, and the pack that has them. Each has entries of some of the
// events, and so what is asked for of an event is in some of the blocks.
class Store {
 public:
  static constexpr size_t kStreams = 16;
  static constexpr size_t kBlocksOfStream = 2;
  static constexpr size_t kEvents = 80;
  static constexpr size_t kEventsOfBlock = 24;
  static constexpr size_t kEntriesOfBlock = 250;

  struct Block {
    size_t stream = 0;
    std::vector<bool> events;  // Which it has entries of.
    SealedBlock sealed;
  };

  explicit Store(EntryGenerator& generate) {
    for (size_t i = 0; i < kEvents; ++i) events_.emplace_back(generate);
    chunkstore::PackFilterBuilder filters;
    uint64_t bytes = 0;
    for (size_t i = 0; i < kStreams; ++i) {
      streams_.push_back(model::Labels{{"app", "x"}, {"pod", generate.Hex(6)}});
      for (size_t j = 0; j < kBlocksOfStream; ++j) {
        const SealedBlock& block = AddBlock(i, generate);
        filters.Add(block, chunkstore::StreamGroupOf(streams_[i]));
        bytes += block.data.size();
      }
    }
    pack_ = std::make_unique<test::FilterOfPack>(filters.Finish(bytes));
  }

  const std::vector<Event>& events() const { return events_; }
  const std::vector<Block>& blocks() const { return blocks_; }

  // Which events entries have that the query wants.
  std::vector<size_t> Wanted(const Asked& asked) const {
    std::vector<size_t> wanted;
    for (size_t i = 0; i < kEvents; ++i) {
      if (asked.IsWhatEntriesHaveOf(events_[i])) wanted.push_back(i);
    }
    return wanted;
  }

  bool BlockMayMatch(const chunkstore::BlockPruner& pruner, const Block& block) const {
    const model::Labels& stream = streams_[block.stream];
    const chunkstore::BlockHeader& header = block.sealed.header;
    if (!pruner.MayMatch(stream, header)) return false;
    for (const chunkstore::FilterChoice& choice :
         {pruner.AsksFirst(stream, header), pruner.AsksFilters(stream, header)}) {
      const auto filters = chunkstore::FindFilters(header, block.sealed.filters, choice);
      if (!pruner.MayMatch(stream, header, *filters)) return false;
    }
    return true;
  }

  chunkstore::PackVerdict Judge(const chunkstore::BlockPruner& pruner) const {
    return pack_->Judge(pruner);
  }
  bool PackMayMatch(const chunkstore::BlockPruner& pruner, const chunkstore::PackVerdict& verdict,
                    const Block& block) const {
    return pruner.MayMatch(streams_[block.stream], verdict);
  }

 private:
  const SealedBlock& AddBlock(size_t stream, EntryGenerator& generate) {
    Block block{.stream = stream, .events = std::vector<bool>(kEvents), .sealed = {}};
    std::vector<size_t> chosen;
    while (chosen.size() < kEventsOfBlock) {
      const size_t event = generate.Below(kEvents);
      if (!block.events[event]) chosen.push_back(event);
      block.events[event] = true;
    }
    std::vector<TestEntry> entries = generate.Entries(kEntriesOfBlock);
    for (size_t i = 0; i < entries.size(); ++i) {
      const Event& event = events_[chosen[i % chosen.size()]];
      if (generate.Below(8) != 0) entries[i].line = "level=info msg=served";
      std::string& line = entries[i].line;
      line += " user=u" + std::to_string(generate.Below(1000));
      line += " took=" + std::to_string(generate.Below(300)) + "ms: " + event.text + " end";
      // The column must be long enough for the filter to answer for it.
      entries[i].metadata = {{"trace_id", i < chosen.size() ? event.trace_id : generate.Hex(32)}};
    }
    chunkstore::BlockSealer sealer(chunkstore::StreamMerger::Options().sealer);
    std::vector<SealedBlock> sealed;
    sealer.Seal(test::MakeBlock(entries), sealed);
    EXPECT_EQ(sealed.size(), 1u);
    const auto* column = sealed[0].header.FindColumn(chunkstore::ColumnKind::kMetadata, "trace_id");
    EXPECT_TRUE(column != nullptr && chunkstore::IsInValueFilter(*column));
    block.sealed = std::move(sealed[0]);
    blocks_.push_back(std::move(block));
    return blocks_.back().sealed;
  }

  std::vector<Event> events_;
  std::vector<model::Labels> streams_;
  std::vector<Block> blocks_;
  std::unique_ptr<test::FilterOfPack> pack_;
};

chunkstore::BlockPruner PrunerOf(const std::string& stages) {
  const auto expr = logql::Parse("{app=\"x\"} " + stages);
  EXPECT_TRUE(expr.ok()) << stages << ": " << expr.status().message();
  const auto& log = std::get<logql::LogExpr>((*expr)->node);
  return chunkstore::BlockPruner(logql::PlanEntries(log).Request(log.matchers));
}

// How often filters could have known that nothing is there, and how often they did.
struct Denied {
  uint64_t asked = 0;
  uint64_t by_block = 0;
  uint64_t by_pack = 0;
};

// Asks stores, and counts.
class Asker {
 public:
  explicit Asker(EntryGenerator& generate) : queries_(generate), generate_(generate) {}

  // Draws a query of each kind.
  void Ask(const Store& store) {
    for (const std::string_view kind : QueryGenerator::kKinds) {
      const Event& event = store.events()[generate_.Below(Store::kEvents)];
      Ask(store, queries_.Draw(kind, event, /*absent=*/false), elsewhere_[kind]);
    }
  }
  void AskForNothing(const Store& store) {
    for (const std::string_view kind : QueryGenerator::kKinds) {
      const Event& event = store.events()[generate_.Below(Store::kEvents)];
      Ask(store, queries_.Draw(kind, event, /*absent=*/true), nowhere_[kind]);
    }
  }

  uint64_t cases() const { return cases_; }
  uint64_t queries() const { return queries_asked_; }
  // Of blocks that have nothing of what is wanted, while others of the store have it; and of all
  // blocks, where none has it.
  const std::map<std::string_view, Denied>& elsewhere() const { return elsewhere_; }
  const std::map<std::string_view, Denied>& nowhere() const { return nowhere_; }

 private:
  void Ask(const Store& store, const Asked& asked, Denied& denied) {
    ++queries_asked_;
    const auto pruner = PrunerOf(asked.stages);
    const chunkstore::PackVerdict verdict = store.Judge(pruner);
    const std::vector<size_t> wanted = store.Wanted(asked);
    for (const Store::Block& block : store.blocks()) {
      const bool by_block = !store.BlockMayMatch(pruner, block);
      const bool by_pack = !store.PackMayMatch(pruner, verdict, block);
      const auto found =
          std::ranges::find_if(wanted, [&](size_t event) { return block.events[event]; });
      if (found == wanted.end()) {
        ++denied.asked;
        denied.by_block += by_block ? 1 : 0;
        denied.by_pack += by_pack ? 1 : 0;
        continue;
      }
      ++cases_;
      ASSERT_FALSE(by_block || by_pack) << asked.stages << "\nof " << store.events()[*found].text
                                        << "\ndenied by " << (by_block ? "a block" : "the pack");
    }
  }

  QueryGenerator queries_;
  EntryGenerator& generate_;
  uint64_t cases_ = 0;
  uint64_t queries_asked_ = 0;
  std::map<std::string_view, Denied> elsewhere_;
  std::map<std::string_view, Denied> nowhere_;
};

double Share(uint64_t some, uint64_t all) {
  return static_cast<double>(some) / static_cast<double>(all);
}

TEST(FilterPropertyTest, NeverDeniesWhatAQueryWantsOfABlockOrItsPack) {
  constexpr uint64_t kSeed = 20261129;
  constexpr int kRoundsOfStore = 500;
  SCOPED_TRACE("seed " + std::to_string(kSeed));
  EntryGenerator generate(kSeed);
  Asker asker(generate);
  const auto cases = static_cast<uint64_t>(test::CaseCount(400'000));
  while (asker.cases() < cases && !HasFatalFailure()) {
    const Store store(generate);
    for (int i = 0; i < kRoundsOfStore && !HasFatalFailure(); ++i) asker.Ask(store);
    for (int i = 0; i < kRoundsOfStore / 20; ++i) asker.AskForNothing(store);
  }
  if (HasFatalFailure()) return;
  std::cout << asker.cases() << " cases of " << asker.queries() << " queries; elsewhere denied\n";
  for (const auto& [kind, denied] : asker.elsewhere()) {
    SCOPED_TRACE(kind);
    const double by_block = Share(denied.by_block, denied.asked);
    const double by_pack = Share(denied.by_pack, denied.asked);
    std::cout << "  " << kind << ": by blocks " << by_block << ", by packs " << by_pack << "\n";
    const bool whole = kind == "id" || kind == "metadata";  // Others are any part of a line.
    EXPECT_GT(by_block, whole ? 0.9 : 0.3);
    // A pack tells of a word only whether any of its streams has it, and these have it.
    EXPECT_GT(by_pack, whole ? 0.4 : 0.05);
  }
  for (const auto& [kind, denied] : asker.nowhere()) {
    SCOPED_TRACE(kind);
    // Of two parts only one may be required, and that may be the one that is there.
    EXPECT_GT(Share(denied.by_block, denied.asked), 0.5);
    EXPECT_GT(Share(denied.by_pack, denied.asked), 0.2);
  }
}

}  // namespace
}  // namespace skald::differential
