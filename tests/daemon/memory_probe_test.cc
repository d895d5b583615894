#include "memory_probe.h"

#include <gtest/gtest.h>

#include "temporary_files.h"

namespace earshotd {
namespace {

constexpr uint64_t kMiB = 1024 * 1024;

/// 100 MiB resident in pages of 4 KiB, on a system whose files are made up.
class MemoryProbeTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto page = static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
    root_.Write("proc/self/statm", "500000 " + std::to_string(100 * kMiB / page) + " 10 1 0 9 0\n");
  }
  void WriteGroup(const std::string& path, const std::string& limit, uint64_t used,
                  uint64_t inactive) {
    const std::string folder = "sys/fs/cgroup" + path;
    root_.Write(folder + "/memory.max", limit + "\n");
    root_.Write(folder + "/memory.current", std::to_string(used) + "\n");
    root_.Write(folder + "/memory.stat",
                "anon 1\ninactive_file " + std::to_string(inactive) + "\nactive_file 3\n");
  }
  MemoryUse Read(uint64_t limit = 0) const { return MemoryProbe(limit, root_.path()).Read(); }

  TemporaryFolder root_;
};

TEST_F(MemoryProbeTest, E2_TheConfigurationLimitsWhatIsResident) {
  EXPECT_EQ(Read(200 * kMiB).used, 100 * kMiB);
  EXPECT_EQ(Read(200 * kMiB).limit, 200 * kMiB);
  EXPECT_DOUBLE_EQ(Read(200 * kMiB).share(), 0.5);
}

TEST_F(MemoryProbeTest, E2_WithoutAnyLimitTheHostHasOne) {
  EXPECT_EQ(Read().used, 100 * kMiB);
  EXPECT_GT(Read().limit, 100 * kMiB);
}

TEST_F(MemoryProbeTest, E2_TheControlGroupCountsWhatCannotBeTakenBack) {
  root_.Write("proc/self/cgroup", "0::/system.slice/earshotd.service\n");
  WriteGroup("/system.slice/earshotd.service", std::to_string(400 * kMiB), 350 * kMiB, 50 * kMiB);
  EXPECT_EQ(Read().used, 300 * kMiB);
  EXPECT_EQ(Read().limit, 400 * kMiB);
}

TEST_F(MemoryProbeTest, E2_TheNearestOfAllLimitsCounts) {
  root_.Write("proc/self/cgroup", "0::/a/b\n");
  WriteGroup("/a/b", "max", 100 * kMiB, 0);
  WriteGroup("/a", std::to_string(400 * kMiB), 300 * kMiB, 0);
  EXPECT_EQ(Read().limit, 400 * kMiB) << "a limit above holds below as well";
  EXPECT_EQ(Read(110 * kMiB).limit, 110 * kMiB) << "the configuration may be stricter";
}

TEST_F(MemoryProbeTest, E2_AContainerSeesTheTopOfItsGroupsOnly) {
  root_.Write("proc/self/cgroup", "0::/docker/0123456789abcdef\n");
  WriteGroup("", std::to_string(256 * kMiB), 128 * kMiB, 0);
  EXPECT_EQ(Read().limit, 256 * kMiB);
}

TEST_F(MemoryProbeTest, E2_TheFirstVersionOfControlGroupsIsRead) {
  root_.Write("proc/self/cgroup", "5:memory:/x\n4:cpu:/y\n0::/\n");
  root_.Write("sys/fs/cgroup/memory/x/memory.limit_in_bytes", "209715200\n");
  root_.Write("sys/fs/cgroup/memory/x/memory.usage_in_bytes", "157286400\n");
  root_.Write("sys/fs/cgroup/memory/x/memory.stat", "cache 5\ntotal_inactive_file 1048576\n");
  root_.Write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
  EXPECT_EQ(Read().limit, 200 * kMiB);
  EXPECT_EQ(Read().used, 149 * kMiB);
}

TEST_F(MemoryProbeTest, NonsenseIsNoLimit) {
  root_.Write("proc/self/cgroup", "\n:\n0::\n0::/a\nx\n");
  root_.Write("sys/fs/cgroup/a/memory.max", "");
  EXPECT_EQ(Read(200 * kMiB).limit, 200 * kMiB);
  EXPECT_EQ(MemoryProbe(0, "/nowhere").Read().share(), 0);
}

TEST(MemoryProbeOfThisProcessTest, IsSomethingOfSomething) {
  const MemoryUse use = MemoryProbe(0).Read();
  EXPECT_GT(use.used, kMiB);
  EXPECT_GT(use.limit, use.used);
}

}  // namespace
}  // namespace earshotd
