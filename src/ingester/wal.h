#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/clock.h"
#include "common/files.h"
#include "common/mutex.h"
#include "common/status.h"
#include "ingester/ingester_options.h"
#include "ingester/wal_end.h"
#include "ingester/wal_record.h"
#include "ingester/wal_segment_writer.h"

namespace skald::ingester {

// What the log keeps with a stream to refer to it by a number. The stream's mutex guards it.
struct WalStream {
  uint64_t number = 0;           // 0: none yet.
  uint64_t defined_segment = 0;  // Where the definition was written last ...
  uint64_t defined_at = 0;       // ... and at which offset.
};

// The text of a push as its client packed it, which is written in place of the lines. One push's;
// the Wal keeps in it where the text was written last.
struct WalText {
  std::string_view raw;
  std::string_view packed;  // `raw` by Codec::kSnappy.
  uint64_t frame = 0;
  uint64_t number = 0;  // In that frame.
  uint64_t copies = 0;  // Written so far.
};

// The write-ahead log: entries are in its files before a push is acknowledged.
//
// A push reserves space, enqueues the entries of each stream, and commits. Whoever commits first
// writes what all have enqueued so far, with one write and one sync, while others wait: no thread
// of its own. A write that fails fails all pushes that wait for it, and the file is given up; the
// next push begins a new one, so that the log recovers as soon as the disk does.
//
// Order:     per push: Reserve Enqueue* Commit. Enqueue what is in memory in the order in which
//            it got there: the order of a stream's entries in the log is the order of the calls.
// Ownership: borrows the file system and the clock.
// Threads:   any thread may call. No I/O happens under mutex_: the thread that has set writing_
//            owns the file.
// Metrics:   loki_ingester_wal_*.
// Cost:      Commit and Reserve may wait for the disk; Enqueue copies to a buffer.
// Format:    FORMAT.md.
class Wal {
 public:
  // A number per Enqueue, in order; a pair of them says what a push waits for.
  using Ticket = uint64_t;

  struct Position {
    Ticket ticket = 0;
    uint64_t segment = 0;  // Where the entries are: alive as long as they are only in memory.
  };

  // A claim to disk space, given back when destroyed.
  class Reservation {
   public:
    Reservation() = default;
    Reservation(Reservation&& other) noexcept;
    Reservation& operator=(Reservation&& other) noexcept;
    ~Reservation();

   private:
    friend class Wal;
    Reservation(Wal& wal, uint64_t bytes) : wal_(&wal), bytes_(bytes) {}
    Wal* wal_ = nullptr;
    uint64_t bytes_ = 0;
  };

  // Finds the segments left in the folder, which is made if needed. Writes nothing: the first
  // Reserve begins a segment, behind all old ones. Fails as OpenSegment for one of them.
  static Result<std::unique_ptr<Wal>> Open(const WalOptions& options, FileSystem& files,
                                           const Clock& clock);
  ~Wal();
  Wal(const Wal&) = delete;
  Wal& operator=(const Wal&) = delete;

  // Numbers of the segments in the folder, ascending.
  std::vector<uint64_t> Segments() const;
  std::string SegmentPath(uint64_t segment) const;
  // The file of one that is there. What the system says if it cannot be opened, after a few tries:
  // it may well be sound, so that nobody may go on as if nothing were in it. kUnimplemented for one
  // of a newer version of the format.
  Result<std::unique_ptr<RandomReadFile>> OpenSegment(uint64_t segment) const;
  // What Open found about where the log ended when it was closed last; nullopt if it was not, or
  // has gone on since. Errors as ReadWalEnd, which are no reason not to start.
  const Result<std::optional<WalEnd>>& found_end() const { return found_end_; }
  // What a replay found: up to where a segment that was there at Open has whole frames; 0 if it has
  // not even a header.
  void NoteFrames(uint64_t segment, uint64_t end);
  // That a segment was begun, which may be gone: its number is not given to another.
  void NoteBegun(uint64_t segment);
  // Gives a segment that cannot be read whole a second name, under which it stays when it is
  // removed. Where that fails RemoveBelow tries again, and until then leaves it, and those behind
  // it; if it can be read by then, for the next start to read.
  void KeepUnreadable(uint64_t segment);
  // The segments, ascending, with what has been written to each so far: all that is acknowledged.
  struct Extent {
    uint64_t segment = 0;
    uint64_t bytes = 0;
    bool growing = false;  // More may be written behind `bytes`.
  };
  std::vector<Extent> Extents() const;

  // Makes sure that `bytes` can be written. kUnavailable when they can't, when the disk is fuller
  // than the threshold, or after Close.
  Result<Reservation> Reserve(uint64_t bytes);

  // Queues the entries that `body` encodes. Requires: a Reservation that covers them.
  Position Enqueue(WalStream& stream, std::string_view tenant, std::string_view labels,
                   std::string_view body);
  // As above, of a body whose lines are places in `text`, which is written with it unless the frame
  // has it already. nullopt when others' commits have cut this push in too many frames: the caller
  // encodes the lines then. Requires: the Reservation covers kMaxTextCopies of the text as well.
  std::optional<Position> Enqueue(WalStream& stream, std::string_view tenant,
                                  std::string_view labels, std::string_view body, WalText& text);
  static constexpr uint64_t kMaxTextCopies = 2;

  // Returns when all up to `last` are durable. kUnavailable if writing one of [first, last], or
  // one in between them, failed.
  Status Commit(Ticket first, Ticket last);

  // Whether writing the entries of this ticket failed.
  bool Failed(Ticket ticket) const;

  // A segment number that no entry enqueued from now on will be below.
  uint64_t CurrentSegment() const;
  // The oldest segment to keep if the log shall not exceed `max_bytes`.
  uint64_t SegmentToKeepWithin(uint64_t max_bytes) const;
  // Begins another segment, if anything is in the present one: entries enqueued from now on share
  // no file with those before.
  Status EndSegment();
  // Deletes closed segments below `segment`, oldest first: of those that are there none is missing
  // but by damage. From the first that cannot be deleted on they are kept in mind for the next
  // call. kFailedPrecondition if one has to stay, as KeepUnreadable says. One call at a time.
  Status RemoveBelow(uint64_t segment);
  uint64_t BytesInUse() const;

  // Writes what is queued and closes. Idempotent; the destructor calls it.
  Status Close();
  // Notes in a file where the log ends, so that the next start can tell a loss from a crash.
  // Requires: Close was OK, all segments were replayed, and RemoveBelow does not run meanwhile.
  Status NoteEnd();

 private:
  friend class Reservation;

  Wal(const WalOptions& options, FileSystem& files, const Clock& clock);
  // The part of Open that comes when the segments are known.
  void FindEnd() SKALD_REQUIRES(mutex_);

  struct TicketRange {
    Ticket first = 0;
    Ticket last = 0;
  };

  // Makes queue_ fit to take an item of `stream`, which is defined if need be. False, and the
  // ticket has failed, if there is no file.
  bool BeginItem(WalStream& stream, std::string_view tenant, std::string_view labels)
      SKALD_REQUIRES(mutex_);
  // Empties queue_, whose items are in frame_ or lost.
  void EndFrame() SKALD_REQUIRES(mutex_);
  bool HasRoomFor(uint64_t bytes) const SKALD_REQUIRES(mutex_);
  bool SegmentIsFull() const SKALD_REQUIRES(mutex_);
  bool AnyFailed(Ticket first, Ticket last) const SKALD_REQUIRES(mutex_);
  void AddFailed(Ticket first, Ticket last) SKALD_REQUIRES(mutex_);

  // These give mutex_ up for a while, to do I/O. The second and third require !writing_, the fourth
  // that the caller has set it.
  Status CheckDiskUse() SKALD_REQUIRES(mutex_);
  void WriteQueue() SKALD_REQUIRES(mutex_);
  Status MakeRoom(uint64_t bytes) SKALD_REQUIRES(mutex_);
  Status BeginSegment(uint64_t reserve_bytes) SKALD_REQUIRES(mutex_);
  // OK if the segment has its second name, or can have none on this file system.
  Status LinkUnreadable(uint64_t segment) const;
  // OK if one that could not be read need not stay: it has its second name now, and nobody can read
  // it yet. kFailedPrecondition says what to do.
  Status KeepHeld(uint64_t segment) const;
  // The lowest segment below `end` that has to stay, and why; nullopt if there is none.
  std::optional<std::pair<uint64_t, Status>> FindHeld(uint64_t end);
  // Removes what NoteEnd of an earlier process left: of what comes now it knows nothing. Lets go of
  // mutex_ meanwhile; two at once do no harm.
  Status RetireEnd() SKALD_REQUIRES(mutex_);
  // Writes queue_ to file_. Requires: the caller has set writing_.
  void WriteQueueAsOwner() SKALD_REQUIRES(mutex_);

  const WalOptions options_;
  FileSystem& files_;
  const Clock& clock_;
  Result<std::optional<WalEnd>> found_end_ = std::optional<WalEnd>();  // Constant after Open.

  mutable Mutex mutex_;
  CondVar changed_;
  bool writing_ SKALD_GUARDED_BY(mutex_) = false;  // A thread owns the file.
  bool closed_ SKALD_GUARDED_BY(mutex_) = false;
  bool usable_ SKALD_GUARDED_BY(mutex_) = false;  // There is a file, and no write to it failed.
  std::string queue_ SKALD_GUARDED_BY(mutex_);    // Empty, or a frame header's room and items.
  uint64_t queued_frame_ SKALD_GUARDED_BY(mutex_) = 1;  // A number for what queue_ will become,
  uint64_t queued_texts_ SKALD_GUARDED_BY(mutex_) = 0;  // and how many texts are in it.
  Ticket last_ticket_ SKALD_GUARDED_BY(mutex_) = 0;
  Ticket resolved_ SKALD_GUARDED_BY(mutex_) = 0;  // Written or failed up to here.
  std::vector<TicketRange> failed_ SKALD_GUARDED_BY(mutex_);
  std::string failure_ SKALD_GUARDED_BY(mutex_);   // Of the last that failed.
  uint64_t segment_ SKALD_GUARDED_BY(mutex_) = 0;  // Being written, or the last one that was.
  // The last before it in which anything is, of this process.
  std::optional<WalPredecessor> predecessor_ SKALD_GUARDED_BY(mutex_);
  int64_t segment_opened_ns_ SKALD_GUARDED_BY(mutex_) = 0;
  uint64_t written_end_ SKALD_GUARDED_BY(mutex_) = 0;    // Size of the segment.
  uint64_t allocated_end_ SKALD_GUARDED_BY(mutex_) = 0;  // Disk space is there up to here.
  uint64_t promised_ SKALD_GUARDED_BY(mutex_) = 0;       // Sum of reservations.
  uint64_t next_stream_ SKALD_GUARDED_BY(mutex_) = 1;
  std::map<uint64_t, uint64_t> sizes_ SKALD_GUARDED_BY(mutex_);  // Of segments, by number.
  std::map<uint64_t, uint64_t> ends_ SKALD_GUARDED_BY(mutex_);   // Of their frames, where known.
  std::set<uint64_t> held_ SKALD_GUARDED_BY(mutex_);             // Neither read nor kept.
  bool has_end_ SKALD_GUARDED_BY(mutex_) = false;  // The file of NoteEnd may be there.
  int64_t disk_checked_ns_ SKALD_GUARDED_BY(mutex_) = 0;
  Status disk_use_ SKALD_GUARDED_BY(mutex_);

  // Belong to the thread that has set writing_.
  std::unique_ptr<WalSegmentWriter> file_;
  std::string frame_;
};

}  // namespace skald::ingester
