// Whole files in and out: an output appears under its name only when every byte of it is on disk.
#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "inrgene/core/error.hpp"

namespace inrgene {

namespace detail {

inline std::string system_message(int code) {
  return std::error_code(code, std::generic_category()).message();
}

[[noreturn]] inline void refuse_write(const std::filesystem::path& target, std::string found) {
  throw InputError({.file = target.string(),
                    .place = "writing it",
                    .found = std::move(found),
                    .expected = "a place with room that can be written"});
}

[[noreturn]] inline void refuse_read(const std::filesystem::path& file, std::string found) {
  throw InputError({.file = file.string(),
                    .place = "reading it",
                    .found = std::move(found),
                    .expected = "a file that can be read"});
}

/// A file descriptor, closed when it goes.
class Descriptor {
 public:
  explicit Descriptor(int descriptor = -1) : descriptor_(descriptor) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { close(); }

  [[nodiscard]] int get() const { return descriptor_; }
  void open(const std::filesystem::path& path, int flags) {
    close();
    descriptor_ = ::open(path.c_str(), flags | O_CLOEXEC, 0666);
  }
  /// Gives the descriptor away; this object no longer closes it.
  int release() { return std::exchange(descriptor_, -1); }
  /// 0, or the error number of close(2).
  int close() {
    if (descriptor_ < 0) return 0;
    return ::close(std::exchange(descriptor_, -1)) == 0 ? 0 : errno;
  }

 private:
  int descriptor_;
};

/// Writes all bytes, also over short writes and signals. Throws InputError naming `target`.
inline void write_all(int descriptor, std::string_view bytes, const std::filesystem::path& target) {
  while (!bytes.empty()) {
    const ::ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) refuse_write(target, system_message(errno));
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

/// Opens `file` for reading. Throws InputError when it is missing, a folder or not readable.
inline void open_to_read(Descriptor& descriptor, const std::filesystem::path& file) {
  descriptor.open(file, O_RDONLY);
  if (descriptor.get() < 0) refuse_read(file, system_message(errno));
  struct ::stat status {};
  if (::fstat(descriptor.get(), &status) != 0) refuse_read(file, system_message(errno));
  if (S_ISDIR(status.st_mode)) refuse_read(file, "a folder");
}

}  // namespace detail

/// An output file under a temporary name in the same folder, until `commit` gives it its own.
/// Other libraries may open `path()` and write there; the name keeps the target's ending.
/// A target that is a symbolic link is followed; a folder, device or pipe is refused.
/// Every member that fails throws InputError with the target's name and the system's reason.
class AtomicFile {
 public:
  explicit AtomicFile(std::filesystem::path target) : target_(std::move(target)) {
    std::error_code code;
    final_ = target_;
    if (std::filesystem::is_symlink(target_, code)) {
      final_ = std::filesystem::weakly_canonical(target_, code);
      if (code) detail::refuse_write(target_, code.message());
    }
    const std::filesystem::file_status status = std::filesystem::status(final_, code);
    if (std::filesystem::is_directory(status)) detail::refuse_write(target_, "a folder");
    if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
      detail::refuse_write(target_, "a device or a pipe");
    }
    make_temporary();
  }
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  ~AtomicFile() {
    if (committed_) return;
    std::error_code ignored;
    std::filesystem::remove(temporary_, ignored);
  }

  /// Where the bytes are until commit.
  [[nodiscard]] const std::filesystem::path& path() const { return temporary_; }

  /// Appends bytes.
  void write(std::string_view bytes) { detail::write_all(descriptor_.get(), bytes, target_); }

  /// Brings the bytes to the disk and then gives the file its name, replacing an older one.
  /// Streams of other libraries on `path()` must have been closed before.
  void commit() {
    // Some file systems cannot synchronise; they answer EINVAL, and there is nothing to wait for.
    if (::fsync(descriptor_.get()) != 0 && errno != EINVAL) {
      detail::refuse_write(target_, detail::system_message(errno));
    }
    if (const int code = descriptor_.close(); code != 0) {
      detail::refuse_write(target_, detail::system_message(code));
    }
    if (::rename(temporary_.c_str(), final_.c_str()) != 0) {
      detail::refuse_write(target_, detail::system_message(errno));
    }
    committed_ = true;
    // The new name itself survives a power cut only when the folder is on disk too.
    detail::Descriptor folder;
    folder.open(folder_of_final(), O_RDONLY);
    if (folder.get() >= 0) ::fsync(folder.get());
  }

 private:
  [[nodiscard]] std::filesystem::path folder_of_final() const {
    const std::filesystem::path folder = final_.parent_path();
    return folder.empty() ? std::filesystem::path(".") : folder;
  }

  void make_temporary() {
    std::string name = final_.filename().string();
    if (name.empty()) detail::refuse_write(target_, "a path without a file name");
    // Names may have 255 bytes: of a long one the end stays, as it says what the file is.
    name = name.substr(name.size() - std::min<std::size_t>(name.size(), 150));
    // O_EXCL decides between threads and programs that try the same name.
    for (int attempt = 0; attempt < 100000; ++attempt) {
      temporary_ = folder_of_final() / text(".part-", ::getpid(), "-", attempt, "-", name);
      descriptor_.open(temporary_, O_WRONLY | O_CREAT | O_EXCL);
      if (descriptor_.get() >= 0) return;
      if (errno != EEXIST) {
        committed_ = true;  // nothing of ours to remove
        detail::refuse_write(target_, detail::system_message(errno));
      }
    }
    detail::refuse_write(target_, "a folder full of abandoned temporary files");
  }

  std::filesystem::path target_;
  std::filesystem::path final_;
  std::filesystem::path temporary_;
  detail::Descriptor descriptor_;
  bool committed_ = false;
};

/// Writes `bytes` to `path`, whole or not at all; an existing file is replaced only by a finished
/// one. A device or pipe (/dev/stdout) is written straight. Throws InputError when the folder is
/// missing or not writable and when the disk is full.
inline void write_file(const std::filesystem::path& path, std::string_view bytes) {
  std::error_code ignored;
  const std::filesystem::file_status status = std::filesystem::status(path, ignored);
  if (std::filesystem::is_character_file(status) || std::filesystem::is_fifo(status)) {
    detail::Descriptor descriptor;
    descriptor.open(path, O_WRONLY);
    if (descriptor.get() < 0) detail::refuse_write(path, detail::system_message(errno));
    detail::write_all(descriptor.get(), bytes, path);
    if (const int code = descriptor.close(); code != 0) {
      detail::refuse_write(path, detail::system_message(code));
    }
    return;
  }
  AtomicFile file(path);
  file.write(bytes);
  file.commit();
}

/// All bytes of a file. Throws InputError when it is missing, a folder or not readable.
[[nodiscard]] inline std::string read_file(const std::filesystem::path& path) {
  detail::Descriptor descriptor;
  detail::open_to_read(descriptor, path);
  struct ::stat status {};
  std::string bytes;
  if (::fstat(descriptor.get(), &status) == 0 && S_ISREG(status.st_mode)) {
    bytes.reserve(static_cast<std::size_t>(status.st_size) + 1);
  }
  // The size is only a hint: a file may grow, and a pipe has none.
  for (std::size_t filled = 0;;) {
    bytes.resize(std::max(bytes.capacity(), filled + 65536));
    const ::ssize_t got = ::read(descriptor.get(), bytes.data() + filled, bytes.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) detail::refuse_read(path, detail::system_message(errno));
    filled += static_cast<std::size_t>(got);
    if (got == 0) {
      bytes.resize(filled);
      return bytes;
    }
  }
}

}  // namespace inrgene
