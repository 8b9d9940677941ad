#include "l0_transport/tls/service.hh"

#include "unit/l0_transport/tls/certificates.hh"

namespace opensips::transport::tls {
namespace {

const base::Address kHere = *base::Address::parse("192.0.2.1", 5061);

/// A domain of a table.
config::TlsDomain row(const std::string& name, bool server, const std::string& pem = {}) {
  config::TlsDomain domain;
  domain.name = name;
  domain.server = server;
  domain.row = "table t, row 7";
  domain.certificate = domain.ca_list = pem;
  return domain;
}

config::TlsDomain implied_client() {
  config::TlsDomain domain;
  domain.name = "default";
  domain.server = false;
  domain.implied = true;
  return domain;
}

TEST(TlsService, RowsHaveTheirCertificatesThemselves) {
  Service service({implied_client()});
  const auto pem = pem_of(SelfSigned("one", "DNS:one"));
  const auto read = service.read(std::vector{row("front", true, pem)});
  ASSERT_TRUE(read) << read.error().text;
  EXPECT_EQ((*read)->all().size(), 2U);
  const auto* const front = (*read)->any_for(kHere);
  ASSERT_NE(front, nullptr);
  EXPECT_NE(SSL_CTX_get0_certificate(front->context.get()), nullptr);
  EXPECT_EQ(sk_X509_NAME_num(SSL_CTX_get_client_CA_list(front->context.get())), 1);
  EXPECT_EQ(front->setting.certificate, "");  // OpenSSL has it
  EXPECT_EQ(service.domains()->any_for(kHere), nullptr);
  service.use(*read);
  EXPECT_EQ(service.domains()->any_for(kHere), front);
}

TEST(TlsService, ARowTakesThePlaceOfADomainThatNobodyNamed) {
  Service service({implied_client()});
  const auto read = service.read(std::vector{row("default", false)});
  ASSERT_TRUE(read) << read.error().text;
  ASSERT_EQ((*read)->all().size(), 1U);
  EXPECT_EQ((*read)->all()[0].setting.row, "table t, row 7");
}

TEST(TlsService, ANameIsThatOfOneDomainOfItsKind) {
  Service service({});
  EXPECT_TRUE(service.read(std::vector{row("a", false), row("b", false)}));
  const auto twice = service.read(std::vector{row("a", false), row("a", false)});
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().row, "table t, row 7");
  EXPECT_EQ(twice.error().text, "TLS domain a for clients is there already, expected another name");
}

TEST(TlsService, WhatIsWrongWithARowIsSaidOfTheRow) {
  Service service({});
  const auto pem = pem_of(SelfSigned("one", "DNS:one"));
  const auto wrong = [&](std::string config::TlsDomain::*parameter, const std::string& text) {
    auto domain = row("front", true, pem);
    domain.*parameter = text;
    const auto read = service.read(std::vector{domain});
    EXPECT_FALSE(read);
    EXPECT_EQ(read.error().row, "table t, row 7");
    return read.error().text.substr(0, read.error().text.rfind(": "));
  };
  using D = config::TlsDomain;
  EXPECT_EQ(wrong(&D::certificate, "x"),
            "TLS domain front: certificate is not a certificate in PEM");
  EXPECT_EQ(wrong(&D::private_key, "x"),
            "TLS domain front: private_key is not a key in PEM without a passphrase");
  EXPECT_EQ(wrong(&D::private_key, pem_of(SelfSigned("two", "DNS:two"))), "TLS domain front");
  EXPECT_EQ(wrong(&D::ca_list, "x"), "TLS domain front: ca_list has no certificates in PEM");
  EXPECT_EQ(wrong(&D::dh_params, pem),
            "TLS domain front: dh_params has no parameters for DH in PEM");
  auto cut = pem;
  cut.insert(pem.find("-----END CERT"), "?");
  EXPECT_EQ(wrong(&D::certificate, cut),
            "TLS domain front: certificate is not a certificate in PEM");
}

}  // namespace
}  // namespace opensips::transport::tls
