#pragma once

// How the descriptors of a UDP port are opened: what the kernel is asked for, and the second socket
// at a port.

#include <cstdint>

#include "earshot/socket_address.h"

namespace earshot {

/// Bound, or the negative errno. `dual_stack`: IPv4 comes to an IPv6 socket, too.
int OpenUdp(const SocketAddress& local, bool dual_stack);

/// Opens a second socket at the port of `media`. From then on the kernel gives `media` what starts
/// like RTP or RTCP (RFC 7983: a first byte of 128 to 191), the new one all else; what waits in
/// `media` stays there. -1 where the system does not offer it: nothing has changed then. Nobody
/// else can bind the port, as before, unless they ask to share it and are the same user.
int OpenUdpBeside(int media);

uint16_t BoundPort(int descriptor);

/// Whether the kernel takes many datagrams in one piece and cuts them apart: since Linux 4.18.
bool KernelCutsSegments(int descriptor);

}  // namespace earshot
