#include "app/tool_command.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <set>
#include <vector>

#include "app/app_config.h"
#include "app/command_line.h"
#include "app/data_folders.h"
#include "common/clock.h"
#include "common/files.h"
#include "common/status.h"
#include "maintenance/inspect.h"
#include "maintenance/snapshot.h"
#include "maintenance/verify.h"
#include "net/http_client.h"
#include "net/http_types.h"

namespace skald::app {
namespace {

constexpr int kExitFaults = 1;
constexpr int kExitUsage = 2;

constexpr const char* kUsage =
    "usage: skald inspect [WHAT...] [DATA] [--json] [-flag=value ...]\n"
    "       skald verify [DATA] [--deep] [--json] [-flag=value ...]\n"
    "       skald snapshot [NAME] [--url=http://localhost:3100]\n"
    "       skald restore SNAPSHOT DATA [-flag=value ...]\n"
    "\n"
    "DATA is the server's folder, as -common.path-prefix; else flags and -config.file say, as for\n"
    "the server, where data is. Nothing is changed, and the server may run meanwhile.\n"
    "\n"
    "inspect shows what is stored; WHAT is summary, packs, chunks, blocks, columns, filters,\n"
    "index, wal or all.\n"
    "verify reads packs, log and index, and prints a line for each finding: all of packs and\n"
    "log; each table of the index block by block, and as a whole if it was written with a\n"
    "checksum of all of it; RocksDB's manifest and log as far as a start reads them. It does not\n"
    "read RocksDB's OPTIONS and IDENTITY, which nothing depends on, nor delete requests, rules\n"
    "and their state, which a start checks. --deep asks filters for all words. Exits with 1 if\n"
    "a finding is a fault, or where there is no data.\n"
    "\n"
    "snapshot asks the server at --url for a snapshot in its folder of snapshots\n"
    "(-snapshots.directory), and prints where it is.\n"
    "restore makes DATA, which must not exist, of a snapshot, for a server to start on; what "
    "flags\n"
    "and -config.file put elsewhere, as compactor.working_directory, goes there.\n";

// Arguments of a tool, as far as they are its own.
struct ToolArguments {
  bool json = false;
  bool deep = false;
  std::vector<std::string> words;  // Neither flags nor values of them.
  maintenance::DataFolders folders;
};

bool IsInspection(std::string_view word) {
  return std::ranges::count(maintenance::kInspections, word) > 0;
}

// Finds out where data is. A word that is nobody's is its folder.
Status FindFolders(const std::vector<std::string>& flags, const std::string& data,
                   ToolArguments& out) {
  SKALD_ASSIGN_OR_RETURN(CommandLine line, ParseCommandLine(flags));
  if (!data.empty()) line.settings.push_back("-common.path-prefix=" + data);
  Configuration configuration;
  SKALD_RETURN_IF_ERROR(configuration.Load(line.config_files, line.expand_env, line.settings));
  out.folders = DataFoldersOf(configuration.config());
  return {};
}

Result<ToolArguments> ReadArguments(std::span<const std::string> arguments) {
  ToolArguments out;
  std::vector<std::string> flags;
  std::string data;
  for (const std::string& argument : arguments) {
    if (argument == "--json" || argument == "-json") {
      out.json = true;
    } else if (argument == "--deep" || argument == "-deep") {
      out.deep = true;
    } else if (argument.starts_with("-")) {
      flags.push_back(argument);
    } else if (IsInspection(argument) || argument == "all") {
      out.words.push_back(argument);
    } else if (data.empty()) {
      data = argument;
    } else {
      return InvalidArgument("two folders: " + data + " and " + argument);
    }
  }
  SKALD_RETURN_IF_ERROR(FindFolders(flags, data, out));
  if (data.empty()) return out;
  SKALD_ASSIGN_OR_RETURN(const bool exists, MakePosixFileSystem()->Exists(data));
  if (!exists) return NotFound(data + " does not exist");
  return out;
}

int Fail(const Status& status) {
  std::fprintf(stderr, "%s\n", std::string(status.message()).c_str());
  return status.code() == StatusCode::kInvalidArgument ? kExitUsage : kExitFaults;
}

int RunInspect(const ToolArguments& arguments) {
  std::set<std::string> wanted(arguments.words.begin(), arguments.words.end());
  if (wanted.empty()) wanted = {"summary"};
  if (wanted.contains("all")) {
    wanted.insert(std::begin(maintenance::kInspections), std::end(maintenance::kInspections));
  }
  const auto files = MakePosixFileSystem();
  const auto inspection = maintenance::Inspect(*files, arguments.folders, wanted);
  if (!inspection.ok()) return Fail(inspection.status());
  std::fputs((arguments.json ? inspection->ToJson() : inspection->ToText()).c_str(), stdout);
  return 0;
}

int RunVerify(const ToolArguments& arguments) {
  if (!arguments.words.empty()) {
    return Fail(InvalidArgument("verify does not know " + arguments.words.front()));
  }
  const auto files = MakePosixFileSystem();
  const auto verification =
      maintenance::Verify(*files, arguments.folders, {.deep = arguments.deep});
  if (!verification.ok()) return Fail(verification.status());
  std::fputs((arguments.json ? verification->ToJson() : verification->ToText()).c_str(), stdout);
  return verification->sound() ? 0 : kExitFaults;
}

int RunSnapshot(std::span<const std::string> arguments) {
  std::string url = "http://localhost:3100";
  std::string name;
  for (const std::string& argument : arguments) {
    const size_t value = argument.find('=') + 1;
    if (argument.starts_with("--url=") || argument.starts_with("-url=")) {
      url = argument.substr(value);
    } else if (argument.starts_with("-") || !name.empty()) {
      return Fail(InvalidArgument("snapshot does not know " + argument));
    } else {
      name = argument;
    }
  }
  const SystemClock clock;
  net::HttpClient client({.timeout = std::chrono::hours(1)}, clock);
  const auto answer =
      client.Send({.method = "POST",
                   .url = url + "/api/v1/snapshot?name=" + net::EncodeUrlComponent(name),
                   .retry = net::RetryPolicy::kNever});
  if (!answer.ok()) return Fail(answer.status());
  std::fputs((answer->body + "\n").c_str(), answer->status == 200 ? stdout : stderr);
  return answer->status == 200 ? 0 : kExitFaults;
}

int RunRestore(std::span<const std::string> arguments) {
  std::vector<std::string> flags;
  std::vector<std::string> words;
  for (const std::string& argument : arguments) {
    (argument.starts_with("-") ? flags : words).push_back(argument);
  }
  if (words.size() != 2) return Fail(InvalidArgument("restore takes a snapshot and a folder"));
  ToolArguments found;
  if (const Status status = FindFolders(flags, words[1], found); !status.ok()) return Fail(status);
  const auto files = MakePosixFileSystem();
  const auto counts = maintenance::Restore(*files, words[0], words[1], found.folders);
  if (!counts.ok()) return Fail(counts.status());
  std::printf("%s: %llu files linked, %llu copied\n", words[1].c_str(),
              static_cast<unsigned long long>(counts->linked),
              static_cast<unsigned long long>(counts->copied));
  return 0;
}

}  // namespace

bool IsTool(std::string_view word) {
  return word == "inspect" || word == "verify" || word == "snapshot" || word == "restore";
}

int RunTool(std::span<const std::string> arguments) {
  const std::span<const std::string> own = arguments.subspan(1);
  if (std::ranges::any_of(own, [](const std::string& argument) {
        return argument == "-help" || argument == "--help" || argument == "-h";
      })) {
    std::fputs(kUsage, stdout);
    return 0;
  }
  if (arguments[0] == "snapshot") return RunSnapshot(own);
  if (arguments[0] == "restore") return RunRestore(own);
  const auto read = ReadArguments(own);
  if (!read.ok()) return Fail(read.status());
  return arguments[0] == "inspect" ? RunInspect(*read) : RunVerify(*read);
}

}  // namespace skald::app
