#pragma once

// How the descriptors of a UDP port are opened: what the kernel is asked for, and how several
// sockets share a port.

#include <cstdint>
#include <optional>

#include "earshot/socket_address.h"

namespace earshot {

/// Bound, or the negative errno. `dual_stack`: IPv4 comes to an IPv6 socket, too.
int OpenUdp(const SocketAddress& local, bool dual_stack);

/// Two more sockets at one port.
struct UdpBeside {
  int checks;
  int rest;
};
/// Splits the port of `media`. From then on the kernel gives it what starts like RTP or RTCP
/// (RFC 7983: a first byte of 128 to 191), to `checks` what starts like STUN (0 to 3), and `rest`
/// gets all else; what waits in `media` stays there. Nothing where the system does not offer it:
/// then nothing has changed. Nobody else can bind the port, as before, unless they ask to share it
/// and are the same user.
std::optional<UdpBeside> OpenUdpBeside(int media);

/// Has the kernel say with each datagram where it was sent to. Whether it will.
bool TellDestinations(int descriptor, bool ipv6);

uint16_t BoundPort(int descriptor);

/// Whether the kernel takes many datagrams in one piece and cuts them apart: since Linux 4.18.
bool KernelCutsSegments(int descriptor);

}  // namespace earshot
