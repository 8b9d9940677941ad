#include "l0_transport/tls/channel.hh"

#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include "l0_transport/tls/service.hh"
#include "unit/l0_transport/tls/certificates.hh"

namespace opensips::transport::tls {
namespace {

using base::Address;
using Handshake = Channel::Handshake;
using Outcome = Channel::Written::Outcome;

const Address kHere = *Address::parse("192.0.2.1", 5061);

/// Two channels of our own over one socket pair, stepped by hand.
class TlsChannelTest : public ::testing::Test {
 protected:
  TlsChannelTest() : own("sip.example", "DNS:sip.example") { file.write(own); }

  void meet(config::TlsDomain at_server, config::TlsDomain at_client) {
    at_server.name = "s";
    at_server.certificate = at_server.ca_list = file.path();
    at_client.name = "c";
    at_client.server = false;
    at_client.ca_list = file.path();
    service.emplace(std::vector{at_server, at_client});
    const auto read = service->read();
    ASSERT_TRUE(read) << read.error().text;
    service->use(*read);
    int ends[2];
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
    server = service->accept(FileDescriptor(ends[0]), kHere);
    client = service->connect(FileDescriptor(ends[1]), kHere, "sip.example");
    ASSERT_TRUE(server && client);
  }
  void meet() {
    config::TlsDomain at_server;
    at_server.require_cert = false;
    meet(at_server, {});
  }
  /// What the two handshakes end with.
  std::pair<Handshake, Handshake> shake_hands() {
    std::pair ends(Handshake::wants_read, Handshake::wants_read);
    for (int i = 0; i < 10; ++i) {
      if (ends.second == Handshake::wants_read) ends.second = client->handshake();
      if (ends.first == Handshake::wants_read) ends.first = server->handshake();
    }
    return ends;
  }
  static Channel::Written write(Channel& to, std::initializer_list<std::string_view> parts) {
    std::vector<iovec> what;
    for (const auto part : parts) what.push_back({const_cast<char*>(part.data()), part.size()});
    return to.write(what);
  }
  std::string read(Channel& from) {
    last = from.read(room);
    return {room.data(), last.size};
  }

  SelfSigned own;
  File file;
  std::optional<Service> service;
  ChannelPtr server, client;
  std::string room = std::string(Channel::kReadSize, '\0');
  Channel::Read last;
};

TEST_F(TlsChannelTest, SeveralPiecesGoInOneRecordAndComeInOneRead) {
  meet();
  ASSERT_EQ(shake_hands(), std::pair(Handshake::done, Handshake::done));
  EXPECT_EQ(read(*client), "");  // tickets
  const auto written = write(*client, {"one ", "two ", "three"});
  EXPECT_EQ(written.outcome, Outcome::some);
  EXPECT_EQ(written.size, 13U);
  EXPECT_EQ(write(*client, {"!"}).size, 1U);
  EXPECT_EQ(read(*server), "one two three!");
  EXPECT_EQ(last.end, Channel::Read::End::none);
  EXPECT_EQ(server->peer()->version, "TLSv1.3");
  EXPECT_EQ(server->peer()->server_name, "sip.example");
  EXPECT_FALSE(server->peer()->has_certificate);
  EXPECT_TRUE(client->peer()->verified);
}

TEST_F(TlsChannelTest, WhatDoesNotFitIsTriedAgainFromElsewhere) {
  meet();
  ASSERT_EQ(shake_hands(), std::pair(Handshake::done, Handshake::done));
  std::string sent;
  std::string arrived;
  std::string waiting;
  unsigned blocked = 0;
  for (int i = 0; sent.size() < 4'000'000; ++i) {
    if (waiting.empty()) waiting.assign(1000 + i * 37 % 30'000, static_cast<char>('a' + i % 26));
    const std::string copy = waiting;  // moves between the tries
    const auto written = write(*client, {copy, "behind"});
    if (written.outcome == Outcome::blocked) {
      ++blocked;
      arrived += read(*server);
      continue;
    }
    ASSERT_EQ(written.outcome, Outcome::some);
    const auto whole = copy + "behind";
    sent += whole.substr(0, written.size);
    waiting = whole.substr(written.size);
  }
  while (arrived.size() < sent.size()) {
    const auto more = read(*server);
    ASSERT_FALSE(more.empty());
    arrived += more;
  }
  EXPECT_GT(blocked, 3U);
  EXPECT_TRUE(arrived == sent);
}

TEST_F(TlsChannelTest, BytesBeforeTheEndAreHandedOverWithIt) {
  meet();
  ASSERT_EQ(shake_hands(), std::pair(Handshake::done, Handshake::done));
  write(*client, {"last words"});
  client.reset();
  EXPECT_EQ(read(*server), "last words");
  EXPECT_EQ(last.end, Channel::Read::End::closed);
}

TEST_F(TlsChannelTest, NoVersionInCommon) {
  config::TlsDomain modern;
  modern.lowest = config::kTls13;
  config::TlsDomain old;
  old.highest = config::kTls12;
  meet(modern, old);
  EXPECT_EQ(shake_hands(), std::pair(Handshake::failed, Handshake::failed));
  EXPECT_EQ(server->handshake_error(), HandshakeError::version);
  EXPECT_EQ(client->handshake_error(), HandshakeError::version);
}

TEST_F(TlsChannelTest, ClientWithoutTheCertificateThatIsRequired) {
  config::TlsDomain simple;
  simple.highest = config::kTls12;
  meet({}, simple);
  EXPECT_EQ(shake_hands(), std::pair(Handshake::failed, Handshake::failed));
  EXPECT_EQ(server->handshake_error(), HandshakeError::certificate);
  EXPECT_EQ(client->handshake_error(), HandshakeError::refused);
}

TEST_F(TlsChannelTest, NameThatIsNotServed) {
  config::TlsDomain other;
  other.sip_domains = {"other.example"};
  meet(other, {});
  EXPECT_EQ(shake_hands(), std::pair(Handshake::failed, Handshake::failed));
  EXPECT_EQ(server->handshake_error(), HandshakeError::no_domain);
  EXPECT_NE(server->handshake_problem().find("sip.example"), std::string_view::npos);
}

TEST_F(TlsChannelTest, PeerThatIsGone) {
  meet();
  EXPECT_EQ(client->handshake(), Handshake::wants_read);
  client.reset();
  server->handshake();
  EXPECT_EQ(server->handshake(), Handshake::failed);
  EXPECT_EQ(server->handshake_error(), HandshakeError::by_peer);
}

TEST_F(TlsChannelTest, AReloadThatFailsLeavesTheDomains) {
  meet();
  const auto before = service->domains();
  std::FILE* const broken = std::fopen(file.path().c_str(), "w");
  std::fputs("nothing", broken);
  std::fclose(broken);
  EXPECT_FALSE(service->read());
  EXPECT_EQ(service->domains(), before);
  EXPECT_EQ(shake_hands(), std::pair(Handshake::done, Handshake::done));
}

}  // namespace
}  // namespace opensips::transport::tls
