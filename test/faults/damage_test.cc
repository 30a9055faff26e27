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
#include "faults/whole_store.h"
#include "support/faulty_file_system.h"
#include "support/matchers.h"

// Every file of a whole small store, damaged at every place: it opens, hands out no line that was
// not pushed and none twice, and where one is missing it says so: in the answer and in a metric.
namespace skald {
namespace {

using test::FaultyFileSystem;
using test::IsOk;
using test::WholeStore;

using Files = std::map<std::string, std::string>;

// Bytes between two places that are damaged; of small files every one is.
size_t Stride(size_t bytes) {
  const char* const text = std::getenv("SKALD_DAMAGE_PLACES");
  const size_t places = text == nullptr ? 60 : std::max(1, std::atoi(text));
  return std::max<size_t>(1, bytes / places);
}

// What a part of the store is called in the results.
std::string RegionOf(const std::string& path) {
  const std::string name = path.substr(path.find_last_of('/') + 1);
  if (path.find("/wal/") != std::string::npos) return "wal";
  if (path.find("/packs/") != std::string::npos) return "pack";
  if (name.ends_with(".sst")) return "index_table";
  if (name.ends_with(".log")) return "index_log";
  return "index_" + name.substr(0, name.find('-'));
}

// Damage found since the process began, of any part.
double DamageCounted() {
  static constexpr std::string_view kMetrics[] = {
      "skald_index_damages_total", "skald_pack_damages_total",
      "loki_chunk_store_decode_failures_total", "loki_ingester_wal_corruptions_total"};
  double sum = 0;
  std::istringstream lines(Metrics::Expose());
  for (std::string line; std::getline(lines, line);) {
    const bool counts = std::ranges::any_of(
        kMetrics, [&](std::string_view metric) { return line.starts_with(metric); });
    if (counts) sum += std::stod(line.substr(line.rfind(' ')));
  }
  return sum;
}

class DamageTest : public testing::Test {
 protected:
  // Lines in the log alone, in fresh and in compacted packs, in tables of the index and in its log.
  void SetUp() override {
    FaultyFileSystem files;
    WholeStore store(files);
    ASSERT_THAT(store.Open(), IsOk());
    for (int round = 0; round < 3; ++round) {
      for (int i = 0; i < 4; ++i) Push(store);
      ASSERT_THAT(store.Flush(), IsOk());
      if (round == 1) {
        ASSERT_THAT(store.Compact(), IsOk());
      }
      store.Close();
      ASSERT_THAT(store.Open(), IsOk());
    }
    for (int i = 0; i < 4; ++i) Push(store);
    ASSERT_THAT(store.Flush(), IsOk());
    for (int i = 0; i < 12; ++i) Push(store);
    sound_ = files.Contents();
    files.Kill();
  }

  void Push(WholeStore& store) {
    ASSERT_THAT(store.Push(++pushes_), IsOk());
    for (int stream = 0; stream < WholeStore::kStreams; ++stream) lines_.insert({stream, pushes_});
  }

  enum class Silence {
    kNever,
    kOfEnds,
  };

  // A log that ends early cannot be told from one whose end was never written.
  Silence SilenceOfACut(const std::string& path) const {
    const auto next = sound_.upper_bound(path);
    const bool is_end = next == sound_.end() || RegionOf(next->first) != "wal";
    return RegionOf(path) == "wal" && is_end ? Silence::kOfEnds : Silence::kNever;
  }

  // The store with `bytes` in the place of one file's.
  void Check(const std::string& path, std::string bytes, Silence silence = Silence::kNever) {
    Files changed = sound_;
    changed[path] = std::move(bytes);
    Check(changed, RegionOf(path), silence);
  }

  void Check(const Files& changed, const std::string& region, Silence silence = Silence::kNever) {
    FaultyFileSystem files;
    for (const auto& [name, content] : changed) files.Put(name, content);
    WholeStore store(files);
    Count& count = counts_[region];
    ++count.damaged;
    const double counted_before = DamageCounted();
    ASSERT_THAT(store.Open(), IsOk());
    const auto answer = store.Read();
    ASSERT_THAT(answer, IsOk());
    EXPECT_THAT(answer->strange, testing::IsEmpty());
    size_t missing = 0;
    for (const WholeStore::Line& line : lines_) missing += answer->lines.contains(line) ? 0 : 1;
    EXPECT_EQ(answer->lines.size(), lines_.size() - missing) << "lines are doubled or made up";
    if (missing > 0 && silence == Silence::kNever) {
      EXPECT_FALSE(answer->warnings.empty()) << missing << " lines are missing without a warning";
      EXPECT_GT(DamageCounted(), counted_before) << missing << " lines are missing uncounted";
    }
    count.short_answers += missing > 0 ? 1 : 0;
    count.warned += answer->warnings.empty() ? 0 : 1;
    count.counted += DamageCounted() > counted_before ? 1 : 0;
  }

  void PrintCounts(const char* kind) {
    for (const auto& [region, count] : counts_) {
      std::cout << kind << " of " << region << ": " << count.damaged << " stores opened, "
                << count.short_answers << " short answers, " << count.warned << " warned of, "
                << count.counted << " counted\n";
    }
  }

  struct Count {
    int damaged = 0;
    int short_answers = 0;
    int warned = 0;
    int counted = 0;  // Some metric of damage rose.
  };

  int64_t pushes_ = 0;
  std::set<WholeStore::Line> lines_;
  Files sound_;
  std::map<std::string, Count> counts_;
  const test::CapturedLog log_;
};

TEST_F(DamageTest, SoundFilesAreWhole) {
  const std::string& path = sound_.begin()->first;
  Check(path, sound_.at(path));
  EXPECT_EQ(counts_.begin()->second.short_answers, 0);
  EXPECT_EQ(counts_.begin()->second.warned, 0);
}

TEST_F(DamageTest, OfAFlippedBitNothingWrongComes) {
  int bit = 0;
  for (const auto& [path, bytes] : sound_) {
    const size_t stride = Stride(bytes.size());
    for (size_t at = 0; at < bytes.size(); at += stride, ++bit) {
      SCOPED_TRACE(path + ": bit " + std::to_string(bit % 8) + " of byte " + std::to_string(at));
      std::string flipped = bytes;
      flipped[at] = static_cast<char>(flipped[at] ^ (1 << (bit % 8)));
      Check(path, std::move(flipped));
    }
  }
  PrintCounts("a bit");
}

// Nothing that is read of chunks is there, so no answer tells.
TEST_F(DamageTest, AFlippedBitInAPacksFirstBytesIsCounted) {
  constexpr size_t kFirstBytes = 8;
  for (const auto& [path, bytes] : sound_) {
    if (RegionOf(path) != "pack") continue;
    for (size_t bit = 0; bit < 8 * kFirstBytes; ++bit) {
      SCOPED_TRACE(path + ": bit " + std::to_string(bit));
      std::string flipped = bytes;
      flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
      const int counted = counts_["pack"].counted;
      Check(path, std::move(flipped));
      EXPECT_EQ(counts_["pack"].counted, counted + 1);
    }
  }
  EXPECT_EQ(counts_["pack"].short_answers, 0);
}

TEST_F(DamageTest, OfAMissingFileNothingWrongComes) {
  for (const auto& [path, bytes] : sound_) {
    SCOPED_TRACE(path);
    Files changed = sound_;
    changed.erase(path);
    // One may be gone because all of it is stored.
    const bool is_log = RegionOf(path) == "wal";
    Check(changed, RegionOf(path), is_log ? Silence::kOfEnds : Silence::kNever);
  }
  PrintCounts("loss");
}

// As a file system may leave a file after a power failure.
TEST_F(DamageTest, OfAFileOfZerosNothingWrongComes) {
  for (const auto& [path, bytes] : sound_) {
    SCOPED_TRACE(path);
    Check(path, std::string(bytes.size(), '\0'));
  }
  PrintCounts("zeros instead");
}

TEST_F(DamageTest, OfTwoFilesInEachOthersPlaceNothingWrongComes) {
  for (auto one = sound_.begin(); one != sound_.end(); ++one) {
    for (auto other = std::next(one); other != sound_.end(); ++other) {
      if (RegionOf(one->first) != RegionOf(other->first)) continue;
      SCOPED_TRACE(one->first + " and " + other->first);
      Files changed = sound_;
      std::swap(changed.at(one->first), changed.at(other->first));
      Check(changed, RegionOf(one->first));
    }
  }
  PrintCounts("exchange");
}

// What a pack has is then known by its directory alone.
TEST_F(DamageTest, WithoutAnIndexADamagedPackIsToldOfToo) {
  std::erase_if(sound_, [](const auto& file) { return RegionOf(file.first).starts_with("index"); });
  for (const auto& [path, bytes] : Files(sound_)) {
    if (RegionOf(path) != "pack") continue;
    const size_t stride = Stride(bytes.size());
    for (size_t at = 0; at < bytes.size(); at += stride) {
      SCOPED_TRACE(path + ": byte " + std::to_string(at));
      std::string flipped = bytes;
      flipped[at] = static_cast<char>(flipped[at] ^ 0x10);
      Check(path, std::move(flipped));
      Check(path, bytes.substr(0, at));
    }
  }
  PrintCounts("loss of the index and damage");
  EXPECT_GT(counts_["pack"].short_answers, 0);
}

TEST_F(DamageTest, OfACutFileNothingWrongComes) {
  for (const auto& [path, bytes] : sound_) {
    const size_t stride = Stride(bytes.size());
    for (size_t size = 0; size < bytes.size(); size += stride) {
      SCOPED_TRACE(path + ": cut to " + std::to_string(size) + " bytes");
      Check(path, bytes.substr(0, size), SilenceOfACut(path));
    }
  }
  PrintCounts("a cut");
}

}  // namespace
}  // namespace skald
