#include "l6_location/contact_row.hh"

#include <gtest/gtest.h>

#include <string>

#include "bindings.hh"

namespace opensips::location::testing {
namespace {

constexpr Moment kNow{1'000'000, 1'800'000'000'000};

class ContactRow : public ::testing::Test {
 protected:
  ContactRow() {
    sockets.add(base::Transport::udp, *base::Address::parse("192.0.2.1", 5060), "", 5060);
    sockets.add(base::Transport::tcp, *base::Address::parse("192.0.2.1", 5060), "", 5060);
  }

  BindingRef make(Binding::Fields fields) {
    const auto uri = parser::Uri::parse(fields.contact);
    if (uri) fields.contact_key = contact_key(*uri);
    if (uri) fields.host = uri->host;
    return Binding::make(fields);
  }
  BindingRef full() {
    base::Flow flow;
    flow.peer = *base::Address::parse("198.51.100.7", 40'000);
    flow.transport = base::Transport::tcp;
    flow.socket = 1;
    flow.connection = base::ConnectionId(77);
    flow.no_connect = true;
    return make({.contact = "sip:b%40b@10.0.0.1;transport=tcp",
                 .params = "+sip.instance=\"<urn:uuid:1>\";reg-id=1;x=\"\\\"\"",
                 .call_id = "call' OR ''='",
                 .user_agent = "Ph\xc3\xb6ne \xff\\",
                 .path = "<sip:p1.example.com;lr>, <sip:p2.example.com;lr>",
                 .received = flow,
                 .expires_at = kNow.monotonic_ms + 3'599'001,
                 .modified_at = kNow.monotonic_ms - 5000,
                 .cseq = 4'000'000'000,
                 .q = 501,
                 .methods = 33,
                 .id = 0x7fffffffffffffff});
  }

  transport::Sockets sockets;
};

TEST_F(ContactRow, EverythingThatIsWrittenIsReadAgain) {
  const auto before = full();
  const auto row = row_of("b@b@example.com", *before, kNow, sockets);
  const auto contact = contact_from(row, kNow, sockets);
  ASSERT_TRUE(contact);
  EXPECT_EQ(contact->aor, "b@b@example.com");
  const auto& after = *contact->binding;
  EXPECT_EQ(after.contact(), before->contact());
  EXPECT_EQ(after.host(), before->host());
  EXPECT_EQ(after.params(), before->params());
  EXPECT_EQ(after.call_id(), before->call_id());
  EXPECT_EQ(after.user_agent(), "Ph\xc3\xb6ne ?\\");
  EXPECT_EQ(after.path(), before->path());
  EXPECT_EQ(after.expires_at(), kNow.monotonic_ms + 3'600'000);  // a whole second
  EXPECT_EQ(after.modified_at(), before->modified_at());
  EXPECT_EQ(after.cseq(), before->cseq());
  EXPECT_EQ(after.contact_key(), before->contact_key());
  EXPECT_EQ(after.q(), before->q());
  EXPECT_EQ(after.methods(), before->methods());
  EXPECT_EQ(after.id(), before->id());
  EXPECT_EQ(after.received().peer, before->received().peer);
  EXPECT_EQ(after.received().transport, base::Transport::tcp);
  EXPECT_EQ(after.received().socket, 1);
  EXPECT_FALSE(after.received().connection);
  EXPECT_TRUE(after.received().no_connect);
  EXPECT_TRUE(after.behind_nat());
}

TEST_F(ContactRow, ColumnsAreOpenSipss) {
  const auto row = row_of("b@b@example.com", *full(), kNow, sockets);
  EXPECT_EQ(storage::text_of(row[1]), "b@b");
  EXPECT_EQ(storage::text_of(row[2]), "example.com");
  EXPECT_EQ(storage::text_of(row[4]), "sip:198.51.100.7:40000;transport=tcp");
  EXPECT_EQ(storage::integer_of(row[6]), 1'800'003'600);
  EXPECT_EQ(storage::text_of(row[10]), "2027-01-15 07:59:55");
  EXPECT_EQ(storage::text_of(row[14]), "tcp:192.0.2.1:5060");
  EXPECT_EQ(storage::text_of(row[16]), "\"<urn:uuid:1>\"");
}

TEST_F(ContactRow, TimeThatHasPassedBetweenTwoProcessesCounts) {
  const auto row = row_of("b@example.com", *full(), kNow, sockets);
  const Moment later{5000, kNow.wall_ms + 600'000};
  EXPECT_EQ(contact_from(row, later, sockets)->binding->remaining(5000), 3000U);
  const Moment too_late{5000, kNow.wall_ms + 3'700'000};
  EXPECT_TRUE(contact_from(row, too_late, sockets)->binding->expired(5000));
}

TEST_F(ContactRow, ASocketThatIsNoMoreIsReplacedByOneOfItsKind) {
  auto row = row_of("b@example.com", *full(), kNow, sockets);
  row[14] = std::string("tcp:192.0.2.9:5060");
  EXPECT_EQ(contact_from(row, kNow, sockets)->binding->received().socket, 1);
  row[4] = std::string("sip:198.51.100.7:40000;transport=wss");
  EXPECT_FALSE(contact_from(row, kNow, sockets)->binding->received().peer);
}

TEST_F(ContactRow, WhatOpenSipsWroteIsRead) {
  auto row = row_of("b@example.com", *full(), kNow, sockets);
  for (const int empty : {4, 5, 12, 14, 15, 16, 17, 18}) row[empty] = {};
  row[6] = std::int64_t{0};  // permanent
  row[7] = -1.0;             // no q
  const auto contact = contact_from(row, kNow, sockets);
  ASSERT_TRUE(contact);
  EXPECT_FALSE(contact->binding->received().peer);
  EXPECT_EQ(contact->binding->q(), kHighestQ);
  EXPECT_EQ(contact->binding->methods(), kAllMethods);
  EXPECT_FALSE(contact->binding->expired(kNow.monotonic_ms));
}

TEST_F(ContactRow, AMomentBeyondAllIsTheLatest) {
  auto row = row_of("b@example.com", *full(), kNow, sockets);
  row[6] = std::int64_t{UINT32_MAX};
  const auto latest = contact_from(row, kNow, sockets)->binding->expires_at();
  row[6] = INT64_MAX;
  EXPECT_EQ(contact_from(row, kNow, sockets)->binding->expires_at(), latest);
}

TEST_F(ContactRow, WhatIsNoContactIsRefused) {
  const auto good = row_of("b@example.com", *full(), kNow, sockets);
  const auto without = [&](std::size_t place, storage::Value value) {
    auto row = good;
    row[place] = std::move(value);
    return contact_from(row, kNow, sockets).has_value();
  };
  EXPECT_FALSE(without(0, std::int64_t{0}));
  EXPECT_FALSE(without(2, {}));
  EXPECT_FALSE(without(3, std::string("no URI")));
  EXPECT_FALSE(without(6, {}));
  EXPECT_FALSE(without(6, std::int64_t{-1}));
  EXPECT_FALSE(without(8, std::string(70'000, 'x')));
  EXPECT_FALSE(without(3, std::string("sip:b@10.0.0.1>\r\nX: y")));
  EXPECT_FALSE(without(5, std::string("<sip:p.example.com;lr>\r\nX: y")));
  EXPECT_FALSE(without(17, std::string(R"({"params":"x\r\nX: y"})")));
  EXPECT_TRUE(without(17, std::string(R"({"params":"x=y"})")));
  EXPECT_FALSE(contact_from({}, kNow, sockets));
}

TEST(AsUtf8, BytesThatAreNoneAreReplacedOneByOne) {
  EXPECT_EQ(as_utf8("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"),
            "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
  EXPECT_EQ(as_utf8("\xc3"), "?");
  EXPECT_EQ(as_utf8("\xc0\xaf"), "??");            // overlong
  EXPECT_EQ(as_utf8("\xed\xa0\x80"), "???");       // a surrogate
  EXPECT_EQ(as_utf8("\xf4\x90\x80\x80"), "????");  // beyond Unicode
  EXPECT_EQ(as_utf8("\xe2\x82z"), "??z");
}

}  // namespace
}  // namespace opensips::location::testing
