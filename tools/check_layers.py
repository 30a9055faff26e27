#!/usr/bin/env python3
"""Holds every #include under src/ against the layering of the rooms.

usage: tools/check_layers.py [ROOT]

Rules, each named in what is printed as `file:line: rule: text`:
  deps     a file includes its own room and those in the DEPS of its CMakeLists.txt; DEPS are not transitive
  rows     DEPS name lower rows only (ROWS below, as src/README.md draws them); api may also use ui
  cycle    the DEPS of all rooms have no cycle
  narrow   some dependencies hold for one shelf of a room only (NARROW below)
  door     each library comes in by one door (DOORS below)
  header   no header includes a third-party header; hash.h alone does
  unknown  an include that is of no room, no system header and no library with a door
  twice    two headers of a room define a type of one name: the linker would take either's members for both
Exit status 1 if anything was found.
"""
import fnmatch
import os
import re
import sys

ROWS = [
    ["common"],
    ["net", "model"],
    ["wire", "ring"],
    ["rpc", "logql", "chunkstore", "patterns", "notify"],
    ["distributor", "ingester", "querier", "ruler", "deletes"],
    ["api", "ui", "cli", "maintenance"],
    ["app"],
]
SAME_ROW = {("api", "ui")}

# (room, dependency): the files that may include it.
NARROW = {("chunkstore", "net"): ["chunkstore/objstore/*"]}

ADAPTERS = ["net/*", "rpc/*", "ring/*", "*_service.cc"]

# Library: how its headers are spelled, and the files that may include them.
DOORS = {
    "Boost": (["boost/*"], ["net/*"]),
    "libcurl": (["curl/*"], ["net/http_client.cc", "net/curl_request.cc"]),
    "gRPC": (["grpc/*", "grpcpp/*", "*.grpc.pb.h"], ADAPTERS),
    "protobuf": (["google/protobuf/*", "*.pb.h"], ADAPTERS + ["wire/*"]),
    "RocksDB": (["rocksdb/*"], ["chunkstore/index/*"]),
    "simdjson": (["simdjson.h"], ["wire/*", "logql/*", "cli/*"]),
    "nlohmann-json": (["nlohmann/*"], ["api/*", "ruler/*", "cli/*", "logql/template/*", "notify/oauth2_tokens.cc"]),
    "yaml-cpp": (["yaml-cpp/*"], ["common/config*", "ruler/*"]),
    "RE2": (["re2/*"], ["common/*"]),
    "Vectorscan": (["hs.h", "hs/*"], ["common/*"]),
    "codecs": (["lz4*.h", "zstd*.h", "snappy*.h", "zlib.h"], ["common/*"]),
    "xxhash": (["xxhash.h"], ["common/*"]),
    "prometheus-cpp": (["prometheus/*"], ["common/*"]),
    "spdlog": (["spdlog/*"], ["common/*"]),
    "Abseil": (["absl/*"], ["common/hash.h"]),
    "OpenSSL": (["openssl/*"], ["net/*", "chunkstore/objstore/*", "common/sha256.cc", "notify/relabel.cc"]),
    "date": (["date/*"], ["logql/*"]),
    "jemalloc": (["jemalloc/*"], ["common/*", "api/*", "app/*"]),
    "CLI11": (["CLI/*"], ["cli/*"]),
}
HEADERS_WITH_LIBRARIES = {"common/hash.h"}

# Standard C++ headers have no dot; the rest of the system's are these.
SYSTEM = re.compile(
    r"[a-z_0-9]+$|(sys|netinet|arpa|net|linux)/[a-z_0-9]+\.h$|"
    r"(aio|cpuid|cxxabi|dirent|dlfcn|elf|endian|errno|fcntl|ftw|glob|grp|ifaddrs|inttypes|limits|link|malloc|math|netdb|poll|pthread|pwd|resolv|"
    r"sched|signal|spawn|stdint|stdio|stdlib|string|strings|termios|time|ucontext|unistd|[a-z]*mmintrin|immintrin|"
    r"arm_neon|arm_acle)\.h$")
INCLUDE = re.compile(r'\s*#\s*include\s*[<"]([^>"]+)[>"]')
ROOM = re.compile(r"skald_room\s*\(([^)]*)\)")
TYPE = re.compile(r"(?:struct|class|enum class) (\w+)(?: final)?(?: : [^;]*)? \{")
KEYWORDS = {"NAME", "SRCS", "VECTORIZED", "DEPS", "LIBS", "PUBLIC_LIBS"}


def read_deps(cmake_file):
    """The rooms a CMakeLists.txt declares: {name: (deps, line number)}."""
    with open(cmake_file, encoding="utf-8") as f:
        text = re.sub(r"#[^\n]*", "", f.read())
    rooms = {}
    for call in ROOM.finditer(text):
        lists, key = {}, None
        for word in call.group(1).split():
            if word in KEYWORDS:
                key = word
            elif key:
                lists.setdefault(key, []).append(word)
        line = text.count("\n", 0, call.start()) + 1
        rooms[lists.get("NAME", ["?"])[0]] = (lists.get("DEPS", []), line)
    return rooms


def matches(path, patterns):
    return any(fnmatch.fnmatchcase(path, p) for p in patterns)


def find_cycle(deps):
    """One cycle of rooms as a list that begins and ends alike, or None."""
    done, path = set(), []

    def visit(room):
        if room in path:
            return path[path.index(room):] + [room]
        if room in done or room not in deps:
            return None
        path.append(room)
        for dep in deps[room]:
            cycle = visit(dep)
            if cycle:
                return cycle
        path.pop()
        done.add(room)
        return None

    for room in sorted(deps):
        cycle = visit(room)
        if cycle:
            return cycle
    return None


class Checker:
    def __init__(self, root):
        self.src = os.path.join(root, "src")
        self.offences = []
        self.deps = {}
        self.types = {}  # (room, name of a type): the header that defines it.
        self.row = {room: i for i, row in enumerate(ROWS) for room in row}

    def offend(self, path, line, rule, text):
        self.offences.append("src/%s:%d: %s: %s" % (path, line, rule, text))

    def check_rooms(self):
        for folder in sorted(os.listdir(self.src)):
            cmake = os.path.join(self.src, folder, "CMakeLists.txt")
            if not os.path.exists(cmake):
                continue
            shown = folder + "/CMakeLists.txt"
            self.deps.setdefault(folder, [])
            if folder not in self.row:
                self.offend(shown, 1, "rows", "room %s has no row in tools/check_layers.py" % folder)
            for name, (deps, line) in read_deps(cmake).items():
                if name != folder:
                    self.offend(shown, line, "deps", "room %s is declared in folder %s" % (name, folder))
                self.deps[folder] = self.deps[folder] + deps
                for dep in deps:
                    self.check_row(shown, line, folder, dep)
        cycle = find_cycle(self.deps)
        if cycle:
            self.offend(cycle[0] + "/CMakeLists.txt", 1, "cycle", " -> ".join(cycle))

    def check_row(self, shown, line, room, dep):
        if dep not in self.row:
            self.offend(shown, line, "deps", "%s is no room" % dep)
        elif room in self.row and self.row[dep] >= self.row[room] and (room, dep) not in SAME_ROW:
            self.offend(shown, line, "rows", "%s may not depend on %s: not in a lower row" % (room, dep))

    def check_include(self, path, line, target):
        room = path.split("/")[0]
        for library, (spellings, doors) in DOORS.items():
            if matches(target, spellings):
                if not matches(path, doors):
                    self.offend(path, line, "door", "%s comes in by %s, not by <%s> here"
                                % (library, ", ".join(doors), target))
                elif path.endswith(".h") and path not in HEADERS_WITH_LIBRARIES:
                    self.offend(path, line, "header", "a header includes <%s> of %s" % (target, library))
                return
        used = target.split("/")[0]
        if os.path.exists(os.path.join(self.src, target)) or used in self.deps and target.endswith(".h"):
            if used != room and used not in self.deps.get(room, []):
                self.offend(path, line, "deps", '"%s": %s is not in the DEPS of %s' % (target, used, room))
            elif (room, used) in NARROW and not matches(path, NARROW[room, used]):
                self.offend(path, line, "narrow", '"%s": only %s may use %s'
                            % (target, ", ".join(NARROW[room, used]), used))
        elif not SYSTEM.match(target):
            self.offend(path, line, "unknown", "%s is no room, no system header and no library with a door" % target)

    def check_files(self):
        for folder, _, names in os.walk(self.src):
            for name in sorted(names):
                if not name.endswith((".h", ".cc")):
                    continue
                full = os.path.join(folder, name)
                path = os.path.relpath(full, self.src)
                with open(full, encoding="utf-8") as f:
                    for number, text in enumerate(f, 1):
                        include = INCLUDE.match(text)
                        if include:
                            self.check_include(path, number, include.group(1))
                        defined = TYPE.match(text) if name.endswith(".h") else None
                        if defined:
                            first = self.types.setdefault((path.split("/")[0], defined.group(1)), path)
                            if first != path:
                                self.offend(path, number, "twice", "%s is defined in %s already" % (defined.group(1), first))


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
    checker = Checker(root)
    checker.check_rooms()
    checker.check_files()
    for offence in sorted(checker.offences):
        print(offence)
    return 1 if checker.offences else 0


if __name__ == "__main__":
    sys.exit(main())
