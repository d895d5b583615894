#pragma once

// A network of its own for one test, with loopback up and nothing else but what it sets up. Test
// code only.

#include <gtest/gtest.h>
#include <sched.h>

#include <cstdlib>
#include <string>
#include <thread>

namespace earshot {

/// In the network of the calling thread, until its end.
inline bool RunCommand(const std::string& command) { return std::system(command.c_str()) == 0; }

/// Runs `test` on a thread in a new network, and the threads that it starts are in it, too. Whether
/// that could be done; it takes privileges.
template <typename Test>
bool InOwnNetwork(Test test) {
  bool done = false;
  std::thread([&] {
    done = unshare(CLONE_NEWNET) == 0 && RunCommand("ip link set lo up");
    if (done) test();
  }).join();
  return done;
}

/// As InOwnNetwork, where loopback passes 3 Mbit/s.
template <typename Test>
void OnSlowPath(Test test) {
  bool is_slow = false;
  InOwnNetwork([&] {
    is_slow =
        RunCommand("tc qdisc add dev lo root tbf rate 3mbit burst 10kb limit 100mb 2>/dev/null");
    if (is_slow) test();
  });
  if (!is_slow) GTEST_SKIP() << "needs the right to make a network namespace, and tc";
}

/// The addresses of a host that has several. Loopback takes them as any interface does, and there
/// is no kernel without it.
inline constexpr const char* kSeveralAddresses =
    "set -e; for one in 10.1.0.1 10.1.0.2 10.1.0.9; do ip address add $one/32 dev lo; done; "
    "test ! -e /proc/net/if_inet6 || "
    "for one in fd00::1 fd00::2 fd00::9; do ip address add $one/128 dev lo nodad; done";

/// As InOwnNetwork, on such a host.
template <typename Test>
void WithSeveralAddresses(Test test) {
  const bool done = InOwnNetwork([&] {
    ASSERT_TRUE(RunCommand(kSeveralAddresses));
    test();
  });
  if (!done) GTEST_SKIP() << "needs the right to make a network namespace, and ip";
}

}  // namespace earshot
