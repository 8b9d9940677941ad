#pragma once

#include <string>

namespace opensips::transport {

/// Whether anybody captures packets in this network namespace (tcpdump, sngrep, an agent that
/// copies SIP): a packet socket for every protocol is open. True also if that cannot be found out.
/// `list`: as the kernel has it in /proc/net/packet. Any thread; about 10 microseconds.
bool anybody_captures(const std::string& list = "/proc/net/packet");

}  // namespace opensips::transport
