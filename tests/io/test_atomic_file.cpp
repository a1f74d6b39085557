#include "inrgene/io/atomic_file.hpp"

#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>

#include "inrgene/core/error.hpp"
#include "inrgene/io/byte_reader.hpp"
#include "inrgene/io/byte_writer.hpp"
#include "support/temp_dir.hpp"

namespace fs = std::filesystem;
using inrgene::AtomicFile;
using inrgene::InputError;
using inrgene::InputProblem;
using inrgene::test::TempDir;

namespace {

template <class Action>
InputProblem problem_of(Action action) {
  try {
    action();
  } catch (const InputError& error) {
    return error.problem();
  }
  FAIL("no InputError came");
  return {};
}

/// Lets files grow to `bytes` only, so that a write fails half-way as on a full disk.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_{};
  void (*handler_)(int);
};

}  // namespace

TEST_CASE("atomic file: bytes arrive, an older file is replaced, nothing else stays") {
  const TempDir dir;
  const std::string bytes("a\0b\n", 4);
  inrgene::write_file(dir / "f.bin", bytes);
  CHECK(inrgene::read_file(dir / "f.bin") == bytes);
  inrgene::write_file(dir / "f.bin", "");
  CHECK(inrgene::read_file(dir / "f.bin").empty());
  const std::string large(300000, 'x');
  inrgene::write_file(dir / "f.bin", large);
  CHECK(inrgene::read_file(dir / "f.bin") == large);
  CHECK(dir.entries() == 1);
}

TEST_CASE("atomic file: the name appears at commit, and never without it") {
  const TempDir dir;
  dir.write("f.nii.gz", "old");
  {
    AtomicFile file(dir / "f.nii.gz");
    CHECK(file.path().parent_path() == dir.path());
    CHECK(file.path().string().ends_with("f.nii.gz"));
    file.write("new");
    CHECK(dir.read("f.nii.gz") == "old");
    AtomicFile second(dir / "f.nii.gz");
    CHECK(second.path() != file.path());
    file.commit();
    CHECK(dir.read("f.nii.gz") == "new");
    second.write("lost");
  }
  CHECK(dir.read("f.nii.gz") == "new");
  CHECK(dir.entries() == 1);
}

TEST_CASE("atomic file: other libraries may write to its path") {
  const TempDir dir;
  AtomicFile file(dir / "f.txt");
  std::ofstream(file.path()) << "by a stream";
  file.commit();
  CHECK(dir.read("f.txt") == "by a stream");
}

TEST_CASE("atomic file: ordinary permissions, links followed, long names") {
  const TempDir dir;
  dir.write("plain", "");
  inrgene::write_file(dir / "ours", "x");
  CHECK(fs::status(dir / "ours").permissions() == fs::status(dir / "plain").permissions());
  fs::create_symlink("ours", dir / "link");
  inrgene::write_file(dir / "link", "y");
  CHECK(fs::is_symlink(dir / "link"));
  CHECK(dir.read("ours") == "y");
  const std::string name = std::string(240, 'n') + ".csv";
  inrgene::write_file(dir / name, "z");
  CHECK(dir.read(name) == "z");
}

TEST_CASE("atomic file: places that cannot be written") {
  const TempDir dir;
  const InputProblem missing = problem_of([&] { inrgene::write_file(dir / "no" / "f", "x"); });
  CHECK(missing.file == (dir / "no" / "f").string());
  CHECK(missing.found == "No such file or directory");
  CHECK(missing.expected == "a place with room that can be written");
  fs::create_directory(dir / "folder");
  CHECK(problem_of([&] { inrgene::write_file(dir / "folder", "x"); }).found == "a folder");
  dir.write("file", "kept");
  CHECK(problem_of([&] { inrgene::write_file(dir / "file" / "f", "x"); }).found ==
        "Not a directory");
  CHECK(problem_of([&] { inrgene::write_file("", "x"); }).found == "a path without a file name");
  CHECK(problem_of([] { AtomicFile("/dev/null"); }).found == "a device or a pipe");
  CHECK(dir.read("file") == "kept");
  CHECK(dir.entries() == 2);
}

TEST_CASE("atomic file: a folder without write permission") {
  if (::geteuid() == 0) {
    MESSAGE("skipped: root may write everywhere");
    return;
  }
  const TempDir dir;
  fs::permissions(dir.path(), fs::perms::owner_read | fs::perms::owner_exec);
  CHECK(problem_of([&] { inrgene::write_file(dir / "f", "x"); }).found == "Permission denied");
}

TEST_CASE("atomic file: a full device") {
  if (!fs::is_character_file("/dev/full")) {
    MESSAGE("skipped: no /dev/full here");
    return;
  }
  const InputProblem p = problem_of([] { inrgene::write_file("/dev/full", "x"); });
  CHECK(p.file == "/dev/full");
  CHECK(p.found == "No space left on device");
}

TEST_CASE("atomic file: a write that fails half-way leaves the older file and nothing else") {
  const TempDir dir;
  dir.write("f.csv", "old");
  std::string noise(1000000, ' ');
  for (std::size_t i = 0; i < noise.size(); ++i) {
    noise[i] = static_cast<char>((i * i * 2654435761U) >> 13U);
  }
  InputProblem plain;
  InputProblem packed;
  {
    const FileSizeLimit limit(4096);
    plain = problem_of([&] { inrgene::write_file(dir / "f.csv", noise); });
    packed = problem_of([&] {
      inrgene::ByteWriter writer(dir / "f.nii.gz");
      writer.write(noise);
      writer.commit();
    });
  }
  CHECK(plain.found == "File too large");
  CHECK(packed.found == "File too large");
  CHECK(packed.file == (dir / "f.nii.gz").string());
  CHECK(dir.read("f.csv") == "old");
  CHECK(dir.entries() == 1);
}

TEST_CASE("atomic file: files that cannot be read") {
  const TempDir dir;
  const InputProblem p = problem_of([&] { (void)inrgene::read_file(dir / "none"); });
  CHECK(p.file == (dir / "none").string());
  CHECK(p.place == "reading it");
  CHECK(p.found == "No such file or directory");
  CHECK(problem_of([&] { (void)inrgene::read_file(dir.path()); }).found == "a folder");
}

TEST_CASE("byte writer: packed bytes come back through the byte reader, the same every time") {
  const TempDir dir;
  std::string bytes;
  for (int i = 0; i < 100000; ++i) bytes += std::to_string(i);
  for (const char* name : {"a.txt", "a.gz", "b.gz"}) {
    inrgene::ByteWriter writer(dir / name);
    writer.write(std::string_view(bytes).substr(0, 1000));
    writer.write({});
    writer.write(std::string_view(bytes).substr(1000));
    writer.commit();
    CHECK(inrgene::ByteReader(dir / name).read_rest() == bytes);
  }
  CHECK(dir.read("a.txt") == bytes);
  CHECK(dir.read("a.gz") == dir.read("b.gz"));
  CHECK(dir.read("a.gz").size() < bytes.size() / 2);
  // Members one after the other are one file, as gzip defines it.
  dir.write("two.gz", dir.read("a.gz") + dir.read("b.gz"));
  CHECK(inrgene::ByteReader(dir / "two.gz").read_rest() == bytes + bytes);
}
