// How it works. ITIMER_PROF sends SIGPROF to a thread that runs, each time the process has used
// another 10 ms of processor time. The handler walks the frame pointers of the thread it
// interrupted and leaves the stack in a free slot. The one who collects empties the slots many
// times a second and counts equal stacks.
//
// The handler calls only what signal handlers may: atomics and one system call. A frame pointer
// may be anything in code that uses the register otherwise, so no address is read before the kernel
// has said that it can be.

#include "common/profile/cpu_profile.h"

#include <signal.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <ucontext.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <map>
#include <memory>
#include <thread>
#include <vector>

#include "common/logging.h"

namespace skald {
namespace {

constexpr int kPeriodUs = 10'000;
constexpr size_t kMaxDepth = 120;
// One processor fills 5 between two times that they are emptied.
constexpr size_t kSlots = 1024;
constexpr std::chrono::milliseconds kPause(50);
constexpr uintptr_t kMaxFrameBytes = 8 << 20;  // A frame pointer further up is none.
constexpr uintptr_t kPageBytes = 4096;

struct Slot {
  enum State : uint32_t { kFree, kWriting, kFull };

  std::atomic<uint32_t> state = kFree;
  uint32_t depth = 0;
  uintptr_t stack[kMaxDepth];
};

// What the signal handler works with: it has no other way to be told. The slots are never freed,
// as a signal may be late.
std::atomic<bool> collecting = false;
std::atomic<Slot*> slots = nullptr;
std::atomic<uint64_t> lost = 0;

struct Registers {
  uintptr_t pc = 0;
  uintptr_t sp = 0;
  uintptr_t fp = 0;
};

Registers RegistersOf(const ucontext_t& context) {
#if defined(__x86_64__)
  const auto& regs = context.uc_mcontext.gregs;
  return {.pc = static_cast<uintptr_t>(regs[REG_RIP]),
          .sp = static_cast<uintptr_t>(regs[REG_RSP]),
          .fp = static_cast<uintptr_t>(regs[REG_RBP])};
#elif defined(__aarch64__)
  return {.pc = context.uc_mcontext.pc,
          .sp = context.uc_mcontext.sp,
          .fp = context.uc_mcontext.regs[29]};
#else
#error "tell where this processor keeps its frame pointer"
#endif
}

// Whether eight bytes can be read there: the kernel reads them as a set of signals before it finds
// that it was not told what to do with them.
bool IsReadable(uintptr_t address) {
  constexpr int kNoSuchAction = -1;
  return syscall(SYS_rt_sigprocmask, kNoSuchAction, address, nullptr, sizeof(uint64_t)) != 0 &&
         errno == EINVAL;
}

// Stacks are read as they are, between and beneath what a sanitizer takes for variables.
__attribute__((no_sanitize("address", "thread"))) uint32_t Walk(const Registers& registers,
                                                                uintptr_t* stack) {
  uint32_t depth = 0;
  stack[depth++] = registers.pc;
  uintptr_t below = registers.sp;
  uintptr_t frame = registers.fp;
  uintptr_t readable_page = 0;
  while (depth < kMaxDepth && frame >= below && frame - below < kMaxFrameBytes &&
         frame % sizeof(uintptr_t) == 0) {
    const uintptr_t last = frame + sizeof(uintptr_t);
    for (const uintptr_t word : {frame, last}) {
      if (word / kPageBytes == readable_page) continue;
      if (!IsReadable(word)) return depth;
      readable_page = word / kPageBytes;
    }
    const auto* words = reinterpret_cast<const volatile uintptr_t*>(frame);
    if (words[1] < kPageBytes) break;
    stack[depth++] = words[1];
    below = frame + 2 * sizeof(uintptr_t);
    frame = words[0];
  }
  return depth;
}

Slot* Claim() {
  Slot* all = slots.load(std::memory_order_acquire);
  for (size_t i = 0; i < kSlots; ++i) {
    uint32_t free = Slot::kFree;
    if (all[i].state.compare_exchange_strong(free, Slot::kWriting, std::memory_order_acquire)) {
      return &all[i];
    }
  }
  return nullptr;
}

void OnTick(int, siginfo_t*, void* context) {
  const int saved = errno;
  if (collecting.load(std::memory_order_acquire)) {
    if (Slot* slot = Claim(); slot != nullptr) {
      slot->depth = Walk(RegistersOf(*static_cast<const ucontext_t*>(context)), slot->stack);
      slot->state.store(Slot::kFull, std::memory_order_release);
    } else {
      lost.fetch_add(1, std::memory_order_relaxed);
    }
  }
  errno = saved;
}

// Makes ready what stays for ever. Called by one at a time.
Status Prepare() {
  if (slots.load() != nullptr) return {};
  slots = new Slot[kSlots];
  struct sigaction action = {};
  action.sa_sigaction = OnTick;
  action.sa_flags = SA_SIGINFO | SA_RESTART;
  sigemptyset(&action.sa_mask);
  return sigaction(SIGPROF, &action, nullptr) == 0 ? Status()
                                                   : Internal("SIGPROF cannot be handled");
}

void SetTimer(int period_us) {
  const timeval period = {.tv_sec = 0, .tv_usec = period_us};
  const itimerval timer = {.it_interval = period, .it_value = period};
  setitimer(ITIMER_PROF, &timer, nullptr);
}

using Counts = std::map<std::vector<uintptr_t>, int64_t>;

// Moves the stacks that are ready to `counts`. Whether some were being written.
bool Drain(Counts& counts) {
  bool writing = false;
  Slot* all = slots.load();
  for (size_t i = 0; i < kSlots; ++i) {
    const uint32_t state = all[i].state.load(std::memory_order_acquire);
    writing |= state == Slot::kWriting;
    if (state != Slot::kFull) continue;
    ++counts[{all[i].stack, all[i].stack + all[i].depth}];
    all[i].state.store(Slot::kFree, std::memory_order_release);
  }
  return writing;
}

// Who collects, as long as it lives.
class Turn {
 public:
  Turn() : taken_(!busy_.exchange(true)) {}
  ~Turn() {
    if (taken_) busy_ = false;
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

  bool taken() const { return taken_; }

 private:
  static inline std::atomic<bool> busy_ = false;
  const bool taken_;
};

Profile MakeProfile(const Counts& counts) {
  constexpr int64_t kPeriodNs = int64_t{kPeriodUs} * 1000;
  Profile profile;
  profile.value_types = {{"samples", "count"}, {"cpu", "nanoseconds"}};
  profile.period_type = {"cpu", "nanoseconds"};
  profile.period = kPeriodNs;
  for (const auto& [stack, count] : counts) {
    profile.samples.push_back({.stack = stack, .values = {count, count * kPeriodNs}});
  }
  return profile;
}

}  // namespace

Result<Profile> CollectCpuProfile(const Clock& clock, std::chrono::nanoseconds duration,
                                  const CancelToken& cancel) {
  const Turn turn;
  if (!turn.taken()) {
    return Unavailable("a CPU profile is being taken already: one at a time");
  }
  SKALD_RETURN_IF_ERROR(Prepare());
  const int64_t time_ns = clock.NowNs();
  const int64_t begin_ns = clock.MonotonicNs();
  Counts counts;
  lost = 0;
  collecting = true;
  SetTimer(kPeriodUs);
  while (clock.MonotonicNs() - begin_ns < duration.count() && !cancel.cancelled()) {
    std::this_thread::sleep_for(std::min<std::chrono::nanoseconds>(kPause, duration));
    Drain(counts);
  }
  SetTimer(0);
  collecting = false;
  while (Drain(counts)) std::this_thread::yield();
  SKALD_RETURN_IF_ERROR(cancel.Check());
  if (lost > 0) LogWarn("a CPU profile lacks samples", {{"lost", lost.load()}});
  Profile profile = MakeProfile(counts);
  profile.time_ns = time_ns;
  profile.duration_ns = clock.MonotonicNs() - begin_ns;
  return profile;
}

}  // namespace skald
