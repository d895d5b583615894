#include "file_reader.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace earshotd {
namespace {

class FileDescriptor {
 public:
  explicit FileDescriptor(int value) : value_(value) {}
  ~FileDescriptor() {
    if (value_ >= 0) close(value_);
  }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  int value() const { return value_; }

 private:
  int value_;
};

earshot::Error FileError(const std::string& path, const std::string& problem) {
  return {"file-unusable", "\"" + path + "\" " + problem};
}

/// Empty if the file may be read.
std::string ProblemWith(const struct stat& status, size_t max_size, FileSecrecy secrecy) {
  if (S_ISDIR(status.st_mode)) return "is a directory";
  if (!S_ISREG(status.st_mode)) return "is not a regular file";
  if (static_cast<size_t>(status.st_size) > max_size) {
    return "is larger than " + std::to_string(max_size) + " bytes";
  }
  if (secrecy == FileSecrecy::kSecret && (status.st_mode & S_IROTH) != 0) {
    return "is a secret that everybody on this host can read; chmod o-rwx it, or set "
           "allow_insecure_permissions";
  }
  return "";
}

}  // namespace

earshot::Result<std::string> ReadWholeFile(const std::string& path, size_t max_size,
                                           FileSecrecy secrecy) {
  // Non-blocking, so that a named pipe is refused below instead of waited for.
  const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.value() < 0) return FileError(path, "cannot be read: " + std::string(strerror(errno)));
  struct stat status {};
  if (fstat(file.value(), &status) != 0) {
    return FileError(path, "cannot be read: " + std::string(strerror(errno)));
  }
  const std::string problem = ProblemWith(status, max_size, secrecy);
  if (!problem.empty()) return FileError(path, problem);

  std::string contents(max_size + 1, '\0');
  size_t used = 0;
  while (used < contents.size()) {
    const ssize_t count = read(file.value(), contents.data() + used, contents.size() - used);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return FileError(path, "cannot be read: " + std::string(strerror(errno)));
    if (count == 0) break;
    used += static_cast<size_t>(count);
  }
  if (used > max_size) {
    return FileError(path, "is larger than " + std::to_string(max_size) + " bytes");
  }
  contents.resize(used);
  contents.shrink_to_fit();
  return contents;
}

}  // namespace earshotd
