#include "l6_location/binding.hh"

#include <gtest/gtest.h>

#include <string>

#include "bindings.hh"

namespace opensips::location {
namespace {

using testing::binding;

std::uint32_t key(std::string_view text) {
  return contact_key(*parser::Uri::parse(text));
}

bool is_for(const BindingRef& binding, std::string_view text) {
  const auto uri = parser::Uri::parse(text);
  return uri && binding->is_for(*uri, contact_key(*uri));
}

TEST(Binding, KeepsCopiesOfWhatItWasMadeOf) {
  std::string contact = "sip:alice@192.0.2.4:5062;line=x";
  std::string call_id = "a84b4c76e66710";
  base::Flow flow;
  flow.peer = *base::Address::parse("192.0.2.9", 1024);
  flow.socket = 3;
  flow.transport = base::Transport::tls;
  const auto made = Binding::make({.contact = contact,
                                   .host = std::string_view(contact).substr(10, 9),
                                   .params = "+sip.instance=\"<urn:uuid:1>\"",
                                   .call_id = call_id,
                                   .user_agent = "",
                                   .received = flow,
                                   .expires_at = 5000,
                                   .modified_at = 1000,
                                   .cseq = 7,
                                   .contact_key = 9,
                                   .q = 500});
  contact.assign(contact.size(), '?');
  call_id.assign(call_id.size(), '?');
  EXPECT_EQ(made->contact(), "sip:alice@192.0.2.4:5062;line=x");
  EXPECT_EQ(made->host(), "192.0.2.4");
  EXPECT_EQ(made->params(), "+sip.instance=\"<urn:uuid:1>\"");
  EXPECT_EQ(made->call_id(), "a84b4c76e66710");
  EXPECT_EQ(made->user_agent(), "");
  EXPECT_EQ(made->received().peer, flow.peer);
  EXPECT_EQ(made->received().socket, 3);
  EXPECT_EQ(made->received().transport, base::Transport::tls);
  EXPECT_EQ(made->modified_at(), 1000U);
  EXPECT_EQ(made->cseq(), 7U);
  EXPECT_EQ(made->q(), 500);
}

TEST(Binding, IsNotMadeOfMoreTextThanItCanHold) {
  const std::string most(Binding::kMaxText, 'x');
  EXPECT_TRUE(Binding::make({.contact = most, .params = {}, .call_id = {}, .user_agent = {}}));
  EXPECT_FALSE(Binding::make({.contact = most, .params = "x", .call_id = {}, .user_agent = {}}));
}

TEST(Binding, ExpiresAtItsMomentAndRoundsWhatIsLeftUp) {
  const auto made = binding("sip:a@b", {.expires_at = 5000});
  EXPECT_EQ(made->remaining(1000), 4U);
  EXPECT_EQ(made->remaining(1001), 4U);
  EXPECT_EQ(made->remaining(2000), 3U);
  EXPECT_EQ(made->remaining(4999), 1U);
  EXPECT_FALSE(made->expired(4999));
  EXPECT_TRUE(made->expired(5000));
  EXPECT_EQ(made->remaining(5000), 0U);
  EXPECT_EQ(made->remaining(9000), 0U);
}

TEST(Binding, IsForEquivalentUris) {
  const auto made = binding("sip:%61lice@Atlanta.com;transport=TCP");
  EXPECT_TRUE(is_for(made, "sip:%61lice@Atlanta.com;transport=TCP"));
  EXPECT_TRUE(is_for(made, "sip:alice@AtLanTa.CoM;Transport=tcp"));
  EXPECT_FALSE(is_for(made, "sip:alice@atlanta.com"));
  EXPECT_FALSE(is_for(made, "sip:ALICE@atlanta.com;transport=tcp"));
  EXPECT_FALSE(is_for(made, "sip:alice@atlanta.com:5060;transport=tcp"));
}

TEST(ContactKey, IsTheSameForEquivalentUris) {
  EXPECT_EQ(key("sip:%61lice@atlanta.com;transport=TCP"),
            key("SIP:alice@AtLanTa.CoM;Transport=tcp"));
  EXPECT_EQ(key("sip:carol@chicago.com"), key("sip:carol@chicago.com;newparam=5"));
  EXPECT_EQ(key("tel:+1-201-555-0123"), key("tel:+12015550123"));
}

TEST(ContactKey, TellsUsersHostsAndPortsApart) {
  EXPECT_NE(key("sip:alice@a.com"), key("sip:bob@a.com"));
  EXPECT_NE(key("sip:alice@a.com"), key("sip:alice@b.com"));
  EXPECT_NE(key("sip:alice@a.com"), key("sip:alice@a.com:5060"));
  EXPECT_NE(key("sip:alice@a.com"), key("sips:alice@a.com"));
}

}  // namespace
}  // namespace opensips::location
