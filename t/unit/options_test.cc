#include "options.hh"

#include <gtest/gtest.h>

namespace opensips {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Shared::Options of(const config::Settings& settings) {
  return options_of(settings, {});
}

TEST(Options, DefaultsAreThoseOfTheLayers) {
  const auto options = of({});
  const transaction::Timers timers;
  EXPECT_EQ(options.timers.t1, timers.t1);
  EXPECT_EQ(options.timers.t2, timers.t2);
  EXPECT_EQ(options.timers.t4, timers.t4);
  EXPECT_EQ(options.timers.fr_timeout, timers.fr_timeout);
  EXPECT_EQ(options.timers.fr_inv_timeout, timers.fr_inv_timeout);
  EXPECT_EQ(options.timers.timer_d, timers.timer_d);
  EXPECT_EQ(options.timers.linger, timers.linger);
  EXPECT_EQ(options.max_branches, Shared::Options().max_branches);
  EXPECT_EQ(options.max_forwards, Shared::Options().max_forwards);
  EXPECT_EQ(options.max_message, Shared::Options().max_message);
  EXPECT_TRUE(options.record_route);
  EXPECT_TRUE(options.auto_100trying);
  EXPECT_FALSE(options.disable_6xx_block);
}

TEST(Options, DefaultsOfTcpAreThoseOfItsLayer) {
  const auto options = of({}).tcp;
  const transport::TcpOptions tcp;
  EXPECT_EQ(options.max_message, tcp.max_message);
  EXPECT_EQ(options.send_queue, tcp.send_queue);
  EXPECT_EQ(options.connect_timeout, tcp.connect_timeout);
  EXPECT_EQ(options.lifetime, tcp.lifetime);
  EXPECT_EQ(options.message_time, tcp.message_time);
  EXPECT_EQ(options.send_timeout, tcp.send_timeout);
  EXPECT_EQ(options.connections, tcp.connections);
  EXPECT_EQ(options.per_source, tcp.per_source);
  EXPECT_EQ(options.answer_pings, tcp.answer_pings);
  EXPECT_EQ(options.backlog, tcp.backlog);
  EXPECT_EQ(options.keepalive, tcp.keepalive);
}

TEST(Options, SctpIsTheSystemsUnlessToldOtherwise) {
  const auto system = of({}).tcp.sctp;
  EXPECT_EQ(system.rto_initial, 0U);
  EXPECT_EQ(system.rto_min, 0U);
  EXPECT_EQ(system.rto_max, 0U);
  EXPECT_EQ(system.association_retransmissions, 0U);
  EXPECT_EQ(system.path_retransmissions, 0U);
  EXPECT_EQ(system.init_attempts, 0U);
  EXPECT_EQ(system.heartbeat_interval, 0U);
  config::Settings settings;
  settings.sctp = {milliseconds(1), milliseconds(2), milliseconds(3), 4, 5, 6, seconds(7)};
  const auto told = of(settings).tcp.sctp;
  EXPECT_EQ(told.rto_initial, 1U);
  EXPECT_EQ(told.rto_min, 2U);
  EXPECT_EQ(told.rto_max, 3U);
  EXPECT_EQ(told.association_retransmissions, 4U);
  EXPECT_EQ(told.path_retransmissions, 5U);
  EXPECT_EQ(told.init_attempts, 6U);
  EXPECT_EQ(told.heartbeat_interval, 7000U);
}

TEST(Options, TimersAreMilliseconds) {
  config::Settings settings;
  settings.tm.t1 = milliseconds(1);
  settings.tm.t2 = milliseconds(2);
  settings.tm.t4 = milliseconds(3);
  settings.tm.fr_timeout = milliseconds(4);
  settings.tm.fr_inv_timeout = milliseconds(5);
  settings.tm.timer_d = milliseconds(6);
  settings.tm.wt_timer = milliseconds(7);
  const auto timers = of(settings).timers;
  EXPECT_EQ(timers.t1, 1U);
  EXPECT_EQ(timers.t2, 2U);
  EXPECT_EQ(timers.t4, 3U);
  EXPECT_EQ(timers.fr_timeout, 4U);
  EXPECT_EQ(timers.fr_inv_timeout, 5U);
  EXPECT_EQ(timers.timer_d, 6U);
  EXPECT_EQ(timers.linger, 7U);
}

TEST(Options, RegistrationsAreCountedInSeconds) {
  config::Settings settings;
  settings.registrar.default_expires = seconds(100);
  settings.registrar.min_expires = seconds(10);
  settings.registrar.max_expires = seconds(1000);
  settings.registrar.max_contacts = 3;
  settings.registrar.outbound_mode = 2;
  settings.registrar.flow_timer = seconds(120);
  const auto registrar = of(settings).registrar;
  EXPECT_EQ(registrar.expires.default_expires, 100U);
  EXPECT_EQ(registrar.expires.min_expires, 10U);
  EXPECT_EQ(registrar.expires.max_expires, 1000U);
  EXPECT_EQ(registrar.max_contacts, 3U);
  EXPECT_EQ(registrar.outbound, location::OutboundMode::required);
  EXPECT_EQ(registrar.flow_timer, 120U);
}

TEST(Options, WorkerPerCoreUnlessToldOtherwise) {
  config::Settings settings;
  EXPECT_GE(of(settings).workers, 1U);
  settings.workers = 7;
  EXPECT_EQ(of(settings).workers, 7U);
}

TEST(Options, SwitchesAndLimitsArePassedOn) {
  config::Settings settings;
  settings.record_route = false;
  settings.tm.auto_100trying = false;
  settings.tm.disable_6xx_block = true;
  settings.user_agent_header = "User-Agent: Me";
  settings.tm.max_branches = 5;
  settings.tm.max_forwards_default = 20;
  settings.max_message_size = 4000;
  const auto options = options_of(settings, {1, 2});
  EXPECT_FALSE(options.record_route);
  EXPECT_FALSE(options.auto_100trying);
  EXPECT_TRUE(options.disable_6xx_block);
  EXPECT_EQ(options.user_agent_header, "Me");
  EXPECT_EQ(options.max_branches, 5U);
  EXPECT_EQ(options.max_forwards, 20U);
  EXPECT_EQ(options.max_message, 4000U);
  EXPECT_EQ(options.mac_key.k0, 1U);
  EXPECT_EQ(options.mac_key.k1, 2U);
}

TEST(Options, DatagramsAreGroupedAsTheOperatorSays) {
  using Mode = transport::UdpGrouping::Mode;
  config::Settings settings;
  EXPECT_EQ(options_of(settings, {}).udp_grouping, Mode::automatic);
  settings.udp_segmentation = "yes";
  EXPECT_EQ(options_of(settings, {}).udp_grouping, Mode::always);
  settings.udp_segmentation = "no";
  EXPECT_EQ(options_of(settings, {}).udp_grouping, Mode::never);
}

TEST(Options, ServerHeaderIsOursOrTheOperatorsOrNone) {
  config::Settings settings;
  EXPECT_TRUE(of(settings).server_header.starts_with("OpenSIPS/"));
  settings.server_header = "Server: My Proxy";
  EXPECT_EQ(of(settings).server_header, "My Proxy");
  settings.server_header = "My Proxy";
  EXPECT_EQ(of(settings).server_header, "My Proxy");
  settings.server_header = "Server:   ";
  EXPECT_EQ(of(settings).server_header, "");
  settings.server_signature = false;
  settings.server_header = "Server: My Proxy";
  EXPECT_EQ(of(settings).server_header, "");
}

}  // namespace
}  // namespace opensips
