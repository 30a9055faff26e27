// What filters let through of what no line has, in percent of the blocks, for lines of the load
// generator and for sentences without spaces. Figures: src/chunkstore/FIGURES.md.

#include <benchmark/benchmark.h>

#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "chunkstore/compact/stream_merger.h"
#include "chunkstore/format/block_filters.h"
#include "chunkstore/format/block_sealer.h"
#include "chunkstore/format/literal_probe.h"
#include "chunkstore/format/pack_filter.h"
#include "loadgen/log_lines.h"
#include "model/entry_block.h"

namespace skald::chunkstore {
namespace {

using loadgen::Random;

constexpr size_t kStreamBytes = 8 << 20;
constexpr int kProbes = 1000;
constexpr int64_t kStartNs = 1'700'000'000'000'000'000;
const BlockSealer::Options kFresh;
const BlockSealer::Options kCompacted = StreamMerger::Options().sealer;

// A stream of such lines; `append(time, line)` adds one to an empty line.
template <typename Append>
model::EntryBlock StreamOf(Append append) {
  model::EntryBlockBuilder builder;
  std::string line;
  int64_t time = kStartNs;
  for (uint64_t seq = 1; builder.line_bytes() < kStreamBytes; ++seq) {
    time += 1'000 * static_cast<int64_t>(1 + seq * 7919 % 20'000);
    line.clear();
    append(time, line);
    builder.Append(time, seq, line, {});
  }
  return builder.Finish();
}

// A word of 1,600 Han, or of 80 kana.
std::string JapaneseWord(Random& random, bool han, uint64_t length) {
  std::string word;
  for (uint64_t i = 0; i < length; ++i) {
    const uint64_t code = han ? 0x4e00 + 5 * random.Below(1600) : 0x30a1 + random.Below(80);
    word += static_cast<char>(0xe0 | code >> 12);
    word += static_cast<char>(0x80 | (code >> 6 & 0x3f));
    word += static_cast<char>(0x80 | (code & 0x3f));
  }
  return word;
}

// Of 5,000 words that nothing parts, half of them of the first half, and so on down to sixteen.
model::EntryBlock Sentences() {
  Random random(1);
  std::vector<std::string> words(5000);
  for (std::string& word : words)
    word = JapaneseWord(random, random.Below(2) == 0, 2 + random.Below(3));
  return StreamOf([&](int64_t, std::string& line) {
    const uint64_t count = 5 + random.Below(20);
    for (uint64_t i = 0; i < count; ++i) {
      uint64_t of = words.size();
      while (of > 16 && random.Below(2) == 0) of /= 2;
      line +=
          random.Below(12) == 0 ? std::to_string(random.Below(1'000'000)) : words[random.Below(of)];
    }
  });
}

// A stream of each kind of line.
std::vector<model::EntryBlock> Kinds() {
  std::vector<model::EntryBlock> kinds;
  for (int kind = 0; kind < loadgen::kLogKinds; ++kind) {
    loadgen::LineMaker maker(static_cast<loadgen::LogKind>(kind), 1 + static_cast<uint64_t>(kind));
    kinds.push_back(StreamOf([&](int64_t time, std::string& line) { maker.Append(time, line); }));
  }
  return kinds;
}

enum Sought : int64_t { kHex16, kHex32, kUuid, kNumber10, kWord };
constexpr std::string_view kSought[] = {"16 hex digits", "32 hex digits", "uuid", "10 digits",
                                        "word"};

// In none of the lines.
constexpr std::string_view kWords[] = {"zookeeper",    "kubernetes", "segfault", "certificate",
                                       "unreachable",  "throttled",  "walrus",   "outofmemory",
                                       "unauthorized", "corrupted"};

std::vector<std::string> Absent(int64_t sought) {
  Random random(7);
  std::vector<std::string> absent(kProbes);
  for (std::string& text : absent) {
    if (sought == kWord) text = kWords[random.Below(std::size(kWords))];
    if (sought == kNumber10) {
      text = std::to_string(1'000'000'000 + random.Below(9'000'000'000));
    }
    if (sought == kHex16) AppendHex(random, 16, text);
    if (sought == kHex32 || sought == kUuid) AppendHex(random, 32, text);
    if (sought == kUuid) {
      for (const size_t dash : {8u, 13u, 18u, 23u}) text.insert(dash, "-");
    }
  }
  return absent;
}

std::vector<model::RequiredLiteral> Wants(const std::string& text) { return {{.any_of = {text}}}; }

double Percent(size_t some, size_t all) {
  return 100.0 * static_cast<double>(some) / static_cast<double>(all);
}

// The blocks of some streams, and the pack of these.
class Stored {
 public:
  Stored(const std::vector<model::EntryBlock>& streams, const BlockSealer::Options& options) {
    BlockSealer sealer(options);
    PackFilterBuilder builder;
    uint64_t bytes = 0;
    for (uint32_t stream = 0; stream < streams.size(); ++stream) {
      std::vector<SealedBlock>& blocks = streams_.emplace_back();
      sealer.Seal(streams[stream], blocks);
      for (const SealedBlock& block : blocks) {
        builder.Add(block, stream);
        bytes += block.data.size();
      }
    }
    for (const std::vector<SealedBlock>& blocks : streams_) {
      std::vector<LineFilter>& filters = filters_.emplace_back();
      for (const SealedBlock& block : blocks) {
        filters.push_back(FindFilters(block.header, block.filters)->lines);
      }
    }
    pack_ = builder.Finish(bytes);
    if (!pack_.head.empty()) filter_ = *PackFilter::Decode(pack_.head);
  }

  size_t streams() const { return filters_.size(); }
  const std::vector<LineFilter>& FiltersOf(size_t stream) const { return filters_[stream]; }

  StreamGroups PackMayMatch(const std::string& text) const {
    if (pack_.head.empty()) return kAllStreams;
    return PackProbe(Wants(text)).MayMatch(filter_, [&](uint32_t key) {
      const auto region = filter_.id_regions()->RegionOf(key);
      return *filter_.GroupsWithId(
          key, std::string_view(pack_.regions).substr(region.offset, region.bytes));
    });
  }

 private:
  std::vector<std::vector<SealedBlock>> streams_;
  std::vector<std::vector<LineFilter>> filters_;  // Of the blocks of streams_.
  PackFilterBuilder::Encoded pack_;
  PackFilter filter_;
};

// Counts, of each stream, the blocks that pass by their own filters, and of all those that pass
// that of the pack as well.
void Probe(benchmark::State& state, const Stored& stored, const std::vector<std::string>& absent,
           const std::vector<std::string_view>& names) {
  std::vector<size_t> passed(stored.streams());
  size_t asked = 0;
  size_t touched = 0;
  for (auto _ : state) {
    for (const std::string& text : absent) {
      const LiteralProbe probe(Wants(text));
      const StreamGroups groups = stored.PackMayMatch(text);
      for (size_t stream = 0; stream < passed.size(); ++stream) {
        for (const LineFilter& filter : stored.FiltersOf(stream)) {
          const bool passes = probe.MayMatch(filter);
          ++asked;
          passed[stream] += passes ? 1 : 0;
          touched += passes && (groups >> stream & 1) != 0 ? 1 : 0;
        }
      }
    }
  }
  size_t all = 0;
  for (size_t stream = 0; stream < passed.size(); ++stream) {
    const size_t asks = stored.FiltersOf(stream).size() * absent.size() * state.iterations();
    if (!names.empty()) {
      state.counters[std::string(names[stream])] = Percent(passed[stream], asks);
    }
    all += passed[stream];
  }
  state.counters["passed"] = Percent(all, asked);
  state.counters["touched"] = Percent(touched, asked);
}

// Arguments: whether they are compacted; what is sought.
void BM_Absent(benchmark::State& state) {
  static const std::vector<model::EntryBlock> kinds = Kinds();
  std::vector<std::string_view> names;
  for (int kind = 0; kind < loadgen::kLogKinds; ++kind) {
    names.push_back(LogKindName(static_cast<loadgen::LogKind>(kind)));
  }
  Probe(state, Stored(kinds, state.range(0) == 0 ? kFresh : kCompacted), Absent(state.range(1)),
        names);
  state.SetLabel(std::string(kSought[state.range(1)]));
}
BENCHMARK(BM_Absent)
    ->ArgNames({"compacted", "sought"})
    ->ArgsProduct({{0, 1}, {kHex16, kHex32, kUuid, kNumber10, kWord}})
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);

// The same of lines that have ids of 32 digits, or of 16, and no other.
void BM_AbsentAmongIds(benchmark::State& state) {
  const int digits = static_cast<int>(state.range(0));
  Random random(3);
  const std::vector<model::EntryBlock> streams = {StreamOf([&](int64_t, std::string& line) {
    line = "level=info msg=\"request completed\" took=" + std::to_string(random.Below(300)) +
           "ms user=u" + std::to_string(random.Below(1000)) + " trace=";
    AppendHex(random, digits, line);
  })};
  Probe(state, Stored(streams, kCompacted), Absent(digits == 16 ? kHex16 : kHex32), {});
}
BENCHMARK(BM_AbsentAmongIds)
    ->ArgName("digits")
    ->Arg(16)
    ->Arg(32)
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);

// Words of the characters that the sentences are made of. Arguments: whether these are compacted;
// whether the words are of Han; how long they are.
void BM_AbsentJapanese(benchmark::State& state) {
  static const std::vector<model::EntryBlock> sentences = [] {
    std::vector<model::EntryBlock> made;
    made.push_back(Sentences());
    return made;
  }();
  Random random(9);
  std::vector<std::string> absent;
  while (absent.size() < kProbes) {
    std::string word =
        JapaneseWord(random, state.range(1) == 1, static_cast<uint64_t>(state.range(2)));
    if (sentences[0].lines.text.find(word) == std::string::npos) absent.push_back(std::move(word));
  }
  Probe(state, Stored(sentences, state.range(0) == 0 ? kFresh : kCompacted), absent, {});
}
BENCHMARK(BM_AbsentJapanese)
    ->ArgNames({"compacted", "han", "characters"})
    ->ArgsProduct({{0, 1}, {0, 1}, {3, 4, 6}})
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace skald::chunkstore
