#include "common/profile/code_map.h"

#include <cxxabi.h>
#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <span>

#include "common/files.h"
#include "common/logging.h"

namespace skald {
namespace {

std::string ExecutablePath() {
  char path[4096];
  const ssize_t size = readlink("/proc/self/exe", path, sizeof path);
  return size > 0 ? std::string(path, static_cast<size_t>(size)) : "skald";
}

std::string Hex(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) {
    char digits[3];
    std::snprintf(digits, sizeof digits, "%02x", static_cast<unsigned char>(c));
    out += digits;
  }
  return out;
}

// The build id among the notes of a loaded file; empty if there is none.
std::string BuildIdIn(const char* notes, size_t size) {
  const auto padded = [](size_t n) { return (n + 3) & ~size_t{3}; };
  while (size >= sizeof(ElfW(Nhdr))) {
    ElfW(Nhdr) note;
    std::memcpy(&note, notes, sizeof note);
    const size_t total = sizeof note + padded(note.n_namesz) + padded(note.n_descsz);
    if (total > size) break;
    const char* name = notes + sizeof note;
    if (note.n_type == NT_GNU_BUILD_ID &&
        std::string_view(name, note.n_namesz) == std::string_view("GNU\0", 4)) {
      return Hex({name + padded(note.n_namesz), note.n_descsz});
    }
    notes += total;
    size -= total;
  }
  return "";
}

struct Found {
  std::vector<CodeMap::Module> modules;
  uint64_t executable_base = 0;
  bool first = true;
};

// For dl_iterate_phdr, which names the executable first, with an empty path.
int AddModules(dl_phdr_info* info, size_t, void* data) {
  Found& found = *static_cast<Found*>(data);
  const std::string path = found.first ? ExecutablePath() : info->dlpi_name;
  if (found.first) found.executable_base = info->dlpi_addr;
  found.first = false;
  const std::span<const ElfW(Phdr)> headers(info->dlpi_phdr, info->dlpi_phnum);
  std::string build_id;
  for (const ElfW(Phdr) & header : headers) {
    if (header.p_type == PT_NOTE && build_id.empty()) {
      build_id = BuildIdIn(reinterpret_cast<const char*>(info->dlpi_addr + header.p_vaddr),
                           header.p_memsz);
    }
  }
  for (const ElfW(Phdr) & header : headers) {
    if (header.p_type != PT_LOAD || (header.p_flags & PF_X) == 0) continue;
    const uint64_t begin = info->dlpi_addr + header.p_vaddr;
    found.modules.push_back({.begin = begin,
                             .end = begin + header.p_memsz,
                             .file_offset = header.p_offset,
                             .path = path,
                             .build_id = build_id});
  }
  return 0;
}

std::string Demangled(const std::string& symbol) {
  int status = 0;
  char* name = abi::__cxa_demangle(symbol.c_str(), nullptr, nullptr, &status);
  std::string out = status == 0 && name != nullptr ? name : symbol;
  std::free(name);
  return out;
}

// "libc.so.6+0x1234"
std::string PlaceIn(const CodeMap::Module& module, uintptr_t address) {
  char offset[32];
  std::snprintf(offset, sizeof offset, "+0x%llx",
                static_cast<unsigned long long>(address - module.begin + module.file_offset));
  return module.path.substr(module.path.rfind('/') + 1) + offset;
}

}  // namespace

CodeMap CodeMap::OfThisProcess() {
  CodeMap map;
  Found found;
  dl_iterate_phdr(AddModules, &found);
  map.modules_ = std::move(found.modules);
  map.executable_base_ = found.executable_base;
  const auto files = MakePosixFileSystem();
  auto executable = files->OpenForRead("/proc/self/exe");
  auto symbols =
      executable.ok() ? SymbolTable::Read(**executable) : Result<SymbolTable>(executable.status());
  if (symbols.ok()) {
    map.executable_ = *std::move(symbols);
  } else {
    LogWarn("a profile lacks names of functions", {{"err", symbols.status()}});
  }
  return map;
}

const CodeMap::Module* CodeMap::ModuleAt(uintptr_t address) const {
  for (const Module& module : modules_) {
    if (address >= module.begin && address < module.end) return &module;
  }
  return nullptr;
}

CodeMap::Function CodeMap::FunctionAt(uintptr_t address) const {
  const Module& module = *ModuleAt(address);
  std::string symbol;
  if (module.path == modules_.front().path) {
    symbol = executable_.NameAt(address - executable_base_);
  }
  Dl_info info;
  if (symbol.empty() && dladdr(reinterpret_cast<void*>(address), &info) != 0 &&
      info.dli_sname != nullptr) {
    symbol = info.dli_sname;
  }
  if (symbol.empty()) {
    const std::string place = PlaceIn(module, address);
    return {place, place};
  }
  return {Demangled(symbol), symbol};
}

}  // namespace skald
