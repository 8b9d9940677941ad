#pragma once

#include <cstdint>

namespace opensips::transaction {

/// The timers of RFC 3261 table 4, in milliseconds, under the names of tm's parameters. Those not
/// named here follow from them: A, E and G start at t1; I and K are t4 long.
struct Timers {
  std::uint32_t t1 = 500;
  std::uint32_t t2 = 4000;
  std::uint32_t t4 = 5000;
  std::uint32_t fr_timeout = 32000;  ///< B and F: a request without any answer; 64*T1
  std::uint32_t fr_inv_timeout =
      180000;                     ///< C: an INVITE that rings (RFC 3261 16.6: above 3 minutes)
  std::uint32_t timer_d = 32000;  ///< how long a refused INVITE's retransmitted answers are ACKed
  std::uint32_t linger =
      32000;  ///< H, J, L and M: how long an answered transaction is remembered; 64*T1
};

/// How long one branch is waited for, if not as long as the others; in milliseconds, 0: as Timers
/// has it.
struct Patience {
  std::uint32_t fr_timeout = 0;
  std::uint32_t fr_inv_timeout = 0;
};

}  // namespace opensips::transaction
