// Runs the inrgene program as its users do: as a process with files, exit code, stdout and stderr.
#pragma once

#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "support/temp_dir.hpp"

namespace inrgene::test {

struct Result {
  int code = -1;  ///< exit code; 128 + signal when a signal ended it
  std::string out;
  std::string err;
};

/// A started program.
class Process {
 public:
  explicit Process(const std::vector<std::string>& arguments) {
    std::vector<std::string> words{INRGENE_PROGRAM};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    const std::string out = (output_ / "out").string();
    const std::string err = (output_ / "err").string();
    pid_ = ::fork();
    REQUIRE(pid_ >= 0);
    if (pid_ == 0) {
      const int out_file = ::open(out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
      const int err_file = ::open(err.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
      ::dup2(out_file, 1);
      ::dup2(err_file, 2);
      ::execv(argv[0], argv.data());
      ::_exit(127);
    }
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process() {
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
    }
  }

  void signal(int number) const { ::kill(pid_, number); }
  Result wait() {
    int status = 0;
    REQUIRE(::waitpid(std::exchange(pid_, -1), &status, 0) > 0);
    const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return {code, output_.read("out"), output_.read("err")};
  }

 private:
  TempDir output_;
  ::pid_t pid_ = -1;
};

inline Result run(const std::vector<std::string>& arguments) {
  return Process(arguments).wait();
}

/// Runs a command that must end well; its output.
inline std::string succeed(const std::vector<std::string>& arguments) {
  const Result result = run(arguments);
  INFO(arguments.front(), ": ", result.err);
  REQUIRE(result.code == 0);
  return result.out;
}

/// Waits until `file` is there; fails after a minute.
inline void wait_for(const std::filesystem::path& file) {
  for (int i = 0; i < 6000; ++i) {
    if (std::filesystem::exists(file)) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  FAIL("never came: " << file.string());
}

inline bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// Names of all files below a folder, sorted: to show that a failed command left nothing.
inline std::vector<std::string> listing(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    names.push_back(entry.path().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace inrgene::test
