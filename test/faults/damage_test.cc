#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/metrics.h"
#include "faults/captured_log.h"
#include "faults/format_parts.h"
#include "faults/line_pusher.h"
#include "faults/store_lines.h"
#include "faults/whole_store.h"
#include "support/faulty_file_system.h"
#include "support/matchers.h"

// Every file of a whole store, damaged at every place: it opens, hands out no line that was not
// pushed and none twice, and where one is missing it says so, by the name of what is damaged: in
// the answer and in that part's metric. No filter hides a line that is there.
namespace skald {
namespace {

using test::FaultyFileSystem;
using test::FilePart;
using test::IsOk;
using test::NameOf;
using test::PartsOf;
using test::RegionOf;
using test::StoreLine;
using test::StoreShape;
using test::WholeStore;

using Files = std::map<std::string, std::string>;

// How many places of each part of a file are damaged; of small parts every one is.
size_t Places(const StoreShape& shape) {
  const char* const text = std::getenv("SKALD_DAMAGE_PLACES");
  const size_t places = text == nullptr ? 60 : std::max(1, std::atoi(text));
  return std::max<size_t>(1, places / (shape.rich ? 4 : 2));
}

// The metrics that tell of damage to files of a region.
std::vector<std::string_view> MetricsOf(const std::string& region) {
  if (region == "wal") return {"loki_ingester_wal_corruptions_total"};
  if (region == "pack")
    return {"skald_pack_damages_total", "loki_chunk_store_decode_failures_total"};
  return {"skald_index_damages_total"};
}

// Damage to such files found since the process began.
double DamageCounted(const std::string& region) {
  const std::vector<std::string_view> metrics = MetricsOf(region);
  double sum = 0;
  std::istringstream lines(Metrics::Expose());
  for (std::string line; std::getline(lines, line);) {
    const bool counts = std::ranges::any_of(
        metrics, [&](std::string_view metric) { return line.starts_with(metric); });
    if (counts) sum += std::stod(line.substr(line.rfind(' ')));
  }
  return sum;
}

class DamageTest : public testing::TestWithParam<StoreShape> {
 protected:
  // Lines in the log alone, in fresh and in compacted packs, in tables of the index and in its log.
  void SetUp() override {
    FaultyFileSystem files;
    WholeStore store(files, shape_);
    ASSERT_THAT(store.Open(), IsOk());
    for (int round = 0; round < 3; ++round) {
      ASSERT_THAT(pushed_.Push(store, shape_.rich ? (round < 2 ? 3 : 1) : 4), IsOk());
      ASSERT_THAT(store.Flush(), IsOk());
      if (round == 1) {
        ASSERT_THAT(store.Compact(), IsOk());
      }
      store.Close();
      ASSERT_THAT(store.Open(), IsOk());
    }
    ASSERT_THAT(pushed_.Push(store, shape_.rich ? 1 : 4), IsOk());
    ASSERT_THAT(store.Flush(), IsOk());
    ASSERT_THAT(pushed_.Push(store, shape_.rich ? 3 : 12), IsOk());
    store.Close();  // What a crash may have left unfinished is no loss.
    sound_ = files.Contents();
    if (shape_.rich) TakeSample();
  }

  // Some lines of each block are searched for.
  void TakeSample() {
    for (const StoreLine& line : pushed_.acknowledged()) {
      if (line.second % 7 != 0) continue;
      sample_.insert(line);
      by_id_.literals.front().any_of.push_back(test::LineId(line));
      by_metadata_.labels.front().any_of.push_back(test::LineTrace(line));
    }
  }

  // The store with `bytes` in the place of one file's. `part` is what counts name it.
  void Check(const std::string& path, std::string bytes, const std::string& part) {
    Files changed = sound_;
    changed[path] = std::move(bytes);
    Check(changed, {path}, part);
  }

  // The store with files of which some, all of one region, are damaged.
  void Check(const Files& changed, const std::vector<std::string>& damaged,
             const std::string& part) {
    FaultyFileSystem files;
    for (const auto& [name, content] : changed) files.Put(name, content);
    WholeStore store(files, shape_);
    const std::string region = RegionOf(damaged.front());
    Count& count = counts_[part];
    ++count.damaged;
    const double counted_before = DamageCounted(region);
    ASSERT_THAT(store.Open(), IsOk());
    const auto answer = store.Read();
    ASSERT_THAT(answer, IsOk());
    EXPECT_THAT(answer->strange, testing::IsEmpty());
    size_t missing = 0;
    const std::set<StoreLine>& lines = pushed_.acknowledged();
    for (const StoreLine& line : lines) missing += answer->lines.contains(line) ? 0 : 1;
    EXPECT_EQ(answer->lines.size(), lines.size() - missing) << "lines are doubled or made up";
    if (missing > 0) {
      EXPECT_TRUE(IsNamed(damaged, answer->warnings))
          << missing << " lines are missing, and no warning names what is damaged: "
          << testing::PrintToString(answer->warnings);
      EXPECT_GT(DamageCounted(region), counted_before) << missing << " lines are missing uncounted";
    }
    CheckCount(store, *answer);
    for (const WholeStore::Search* search : {&by_id_, &by_metadata_}) {
      if (shape_.rich) CheckSearch(store, *search, *answer);
    }
    count.short_answers += missing > 0 ? 1 : 0;
    count.warned += answer->warnings.empty() ? 0 : 1;
    count.counted += DamageCounted(region) > counted_before ? 1 : 0;
  }

  // Who counts needs less than who reads: no fewer lines, and none that were never pushed.
  void CheckCount(WholeStore& store, const WholeStore::Answer& whole) {
    const auto count = store.CountLines();
    ASSERT_THAT(count, IsOk());
    EXPECT_LE(count->lines, pushed_.acknowledged().size());
    EXPECT_GE(count->lines, whole.lines.size());
  }

  static bool IsNamed(const std::vector<std::string>& paths,
                      const std::vector<std::string>& warnings) {
    return std::ranges::any_of(warnings, [&](const std::string& warning) {
      return std::ranges::any_of(paths, [&](const std::string& path) {
        return warning.find(NameOf(path)) != std::string::npos;
      });
    });
  }

  // Filters, damaged or not, hide nothing that is there.
  void CheckSearch(WholeStore& store, const WholeStore::Search& search,
                   const WholeStore::Answer& whole) {
    const auto found = store.Read(search);
    ASSERT_THAT(found, IsOk());
    EXPECT_THAT(found->strange, testing::IsEmpty());
    for (const StoreLine& line : sample_) {
      EXPECT_EQ(found->lines.count(line), whole.lines.count(line))
          << "a search for line " << line.second << " of stream " << line.first;
    }
  }

  void PrintCounts(const char* kind) {
    for (const auto& [part, count] : counts_) {
      std::cout << "damage: " << kind << " of " << part << " (" << shape_.name
                << "): " << count.damaged << " stores opened, " << count.short_answers
                << " short answers, " << count.warned << " warned of, " << count.counted
                << " counted\n";
    }
  }

  struct Count {
    int damaged = 0;
    int short_answers = 0;
    int warned = 0;
    int counted = 0;  // Some metric of damage to such files rose.
  };

  const StoreShape shape_ = GetParam();
  test::LinePusher pushed_{shape_};
  std::set<StoreLine> sample_;
  // Searches that want the sample: so many ids that filters say something of each block.
  WholeStore::Search by_id_{
      .literals = {{.any_of = {}, .fold_case = false},
                   {.any_of = {std::string(test::kRichWord)}, .fold_case = false}},
      .labels = {}};
  WholeStore::Search by_metadata_{.literals = {}, .labels = {{.name = "trace_id", .any_of = {}}}};
  Files sound_;
  std::map<std::string, Count> counts_;
  const test::CapturedLog log_;
};

INSTANTIATE_TEST_SUITE_P(Stores, DamageTest, testing::Values(test::kSmallStore, test::kRichStore),
                         [](const auto& info) { return std::string(info.param.name); });

TEST_P(DamageTest, SoundFilesAreWhole) {
  const std::string& path = sound_.begin()->first;
  Check(path, sound_.at(path), "nothing");
  EXPECT_EQ(counts_["nothing"].short_answers, 0);
  EXPECT_EQ(counts_["nothing"].warned, 0);
}

// What is damaged below is all that the formats have.
TEST_P(DamageTest, FilesOfARichStoreHaveAllThatTheFormatsHave) {
  std::set<std::string> features;
  for (const auto& [path, bytes] : sound_) features.merge(test::FeaturesOf(path, bytes));
  if (!shape_.rich) return;
  EXPECT_THAT(features,
              testing::IsSupersetOf({"wal: packed frame", "wal: item 1",     "wal: item 2",
                                     "wal: item 3",       "wal: item 4",     "wal: item 5",
                                     "wal: item 6",       "wal: end",        "pack: section 2",
                                     "pack: section 3",   "pack: section 5", "block: filter 2",
                                     "block: filter 3",   "block: filter 4", "block: filter 7",
                                     "block: column 1",   "block: column 2", "block: column 4",
                                     "block: column 5",   "block: column 6", "block: column 7"}));
}

TEST_P(DamageTest, OfAFlippedBitNothingWrongComes) {
  int bit = 0;
  for (const auto& [path, bytes] : sound_) {
    for (const FilePart& part : PartsOf(path, bytes)) {
      for (const size_t at : part.Places(Places(shape_))) {
        ++bit;
        SCOPED_TRACE(path + ": bit " + std::to_string(bit % 8) + " of byte " + std::to_string(at));
        std::string flipped = bytes;
        flipped[at] = static_cast<char>(flipped[at] ^ (1 << (bit % 8)));
        Check(path, std::move(flipped), part.name);
      }
    }
  }
  PrintCounts("a bit");
}

// What stands at a pack's begin and end no query reads, so that no answer tells.
TEST_P(DamageTest, AFlippedBitAtAPacksBeginOrEndIsCounted) {
  int bit = 0;
  for (const auto& [path, bytes] : sound_) {
    if (RegionOf(path) != "pack") continue;
    for (const FilePart& part : PartsOf(path, bytes)) {
      if (part.name != "pack_head" && part.name != "pack_end") continue;
      for (const size_t at : part.Places(3 * Places(shape_))) {
        ++bit;
        SCOPED_TRACE(path + ": bit " + std::to_string(bit % 8) + " of byte " + std::to_string(at));
        std::string flipped = bytes;
        flipped[at] = static_cast<char>(flipped[at] ^ (1 << (bit % 8)));
        Check(path, std::move(flipped), part.name);
      }
    }
  }
  for (const auto& [part, count] : counts_) {
    EXPECT_EQ(count.counted, count.damaged) << part;
    EXPECT_EQ(count.short_answers, 0) << part;
  }
}

TEST_P(DamageTest, OfAMissingFileNothingWrongComes) {
  for (const auto& [path, bytes] : sound_) {
    SCOPED_TRACE(path);
    Files changed = sound_;
    changed.erase(path);
    Check(changed, {path}, RegionOf(path));
  }
  PrintCounts("loss");
}

// As a file system may leave a file after a power failure.
TEST_P(DamageTest, OfAFileOfZerosNothingWrongComes) {
  for (const auto& [path, bytes] : sound_) {
    SCOPED_TRACE(path);
    Check(path, std::string(bytes.size(), '\0'), RegionOf(path));
  }
  PrintCounts("zeros instead");
}

TEST_P(DamageTest, OfTwoFilesInEachOthersPlaceNothingWrongComes) {
  for (auto one = sound_.begin(); one != sound_.end(); ++one) {
    for (auto other = std::next(one); other != sound_.end(); ++other) {
      if (RegionOf(one->first) != RegionOf(other->first)) continue;
      SCOPED_TRACE(one->first + " and " + other->first);
      Files changed = sound_;
      std::swap(changed.at(one->first), changed.at(other->first));
      Check(changed, {one->first, other->first}, RegionOf(one->first));
    }
  }
  PrintCounts("exchange");
}

// What a pack has is then known by its directory alone.
TEST_P(DamageTest, WithoutAnIndexADamagedPackIsToldOfToo) {
  std::erase_if(sound_, [](const auto& file) { return RegionOf(file.first).starts_with("index"); });
  for (const auto& [path, bytes] : Files(sound_)) {
    if (RegionOf(path) != "pack") continue;
    for (const FilePart& part : PartsOf(path, bytes)) {
      for (const size_t at : part.Places(Places(shape_))) {
        SCOPED_TRACE(path + ": byte " + std::to_string(at));
        std::string flipped = bytes;
        flipped[at] = static_cast<char>(flipped[at] ^ 0x10);
        Check(path, std::move(flipped), part.name);
        Check(path, bytes.substr(0, at), part.name);
      }
    }
  }
  PrintCounts("loss of the index and damage");
  EXPECT_GT(counts_["pack_end"].short_answers, 0);
}

TEST_P(DamageTest, OfACutFileNothingWrongComes) {
  for (const auto& [path, bytes] : sound_) {
    for (const FilePart& part : PartsOf(path, bytes)) {
      for (const size_t size : part.Places(Places(shape_))) {
        SCOPED_TRACE(path + ": cut to " + std::to_string(size) + " bytes");
        Check(path, bytes.substr(0, size), part.name);
      }
    }
  }
  PrintCounts("a cut");
}

}  // namespace
}  // namespace skald
