#include "config/tls.hh"

#include "support.hh"

namespace opensips::config {
namespace {

std::string parameter(const std::string& name, const std::string& value) {
  return "modparam(\"tls_mgm\", \"" + name + "\", \"" + value + "\")\n";
}

std::vector<TlsDomain> domains_of(const std::string& text) {
  return good(text).tls_domains;
}

TEST(TlsDomainsTest, ValuesWithoutADomainAreForTheDefaultOnes) {
  const auto domains = domains_of(parameter("certificate", "/a.pem"));
  ASSERT_EQ(domains.size(), 2U);
  EXPECT_TRUE(domains[0].server);
  EXPECT_FALSE(domains[1].server);
  for (const auto& one : domains) {
    EXPECT_EQ(one.name, "default");
    EXPECT_EQ(one.certificate, "/a.pem");
    EXPECT_EQ(one.lowest, kTls12);
    EXPECT_TRUE(one.verify_cert && one.require_cert && one.verify_hostname);
  }
}

TEST(TlsDomainsTest, ADomainMayBeNamedBehindItsValues) {
  const auto domains =
      domains_of(parameter("private_key", "[d]/k") + parameter("match_sip_domain", "[d]A.b, *.C") +
                 parameter("match_ip_address", "[d]192.0.2.1, [2001:db8::1]:5061") +
                 parameter("verify_cert", "[d]0") + parameter("server_domain", "d"));
  ASSERT_EQ(domains.size(), 2U);
  EXPECT_EQ(domains[0].private_key, "/k");
  EXPECT_EQ(domains[0].sip_domains, (std::vector<std::string>{"a.b", "*.c"}));
  ASSERT_EQ(domains[0].addresses.size(), 2U);
  EXPECT_EQ(domains[0].addresses[1].port(), 5061);
  EXPECT_FALSE(domains[0].verify_cert);
  EXPECT_EQ(domains[1].name, "default");  // somebody may have to be called
  EXPECT_FALSE(domains[1].server);
}

TEST(TlsDomainsTest, MethodsAreVersionsOrRanges) {
  const auto versions = [](const std::string& method) {
    const auto domains = domains_of(parameter("tls_method", method));
    return std::pair(domains.at(0).lowest, domains.at(0).highest);
  };
  EXPECT_EQ(versions("TLSv1_2"), std::pair(kTls12, kTls12));
  EXPECT_EQ(versions("tlsv1_3"), std::pair(kTls13, kTls13));
  EXPECT_EQ(versions("TLSv1_2-"), std::pair(kTls12, 0));
  EXPECT_EQ(versions("TLSv1-TLSv1_2"), std::pair(kTls10, kTls12));
  EXPECT_EQ(versions("-TLSv1_2"), std::pair(kTls10, kTls12));
  EXPECT_EQ(versions("-"), std::pair(kTls10, 0));
  EXPECT_EQ(versions("SSLv23"), std::pair(kTls12, 0));
}

TEST(TlsDomainsTest, MayBeInATableWithNamesOfItsOwn) {
  EXPECT_FALSE(has_tls_table(good(parameter("certificate", "/a.pem"))));
  const auto settings = good("socket=tls:127.0.0.1:5061\n" + parameter("db_url", "sqlite:///x") +
                             parameter("certificate_col", "pem"));
  EXPECT_TRUE(has_tls_table(settings));
  EXPECT_EQ(settings.tls_table.db_url, "sqlite:///x");
  EXPECT_EQ(settings.tls_table.name, "tls_mgm");
  EXPECT_EQ(settings.tls_table.certificate, "pem");
  EXPECT_EQ(settings.tls_table.ciphers_list, "cipher_list");
  ASSERT_EQ(settings.tls_domains.size(), 1U);  // for clients, until the table has one
  EXPECT_TRUE(settings.tls_domains[0].implied);
  EXPECT_TRUE(has_tls_table(
      good("db_default_url=\"sqlite:///x\"\n" + parameter("db_table", "tls_domains"))));
  EXPECT_EQ(errors_after_socket(parameter("db_table", "tls_domains")),
            "2:33: tls_mgm has a table without a database, expected a db_url too\n");
}

TEST(TlsDomainsTest, EveryColumnIsAParameter) {
  for (const auto& column : tls_columns()) {
    TlsDomain domain;
    const bool is_flag = set_tls_value(domain, column.parameter, "1") == std::nullopt;
    EXPECT_TRUE(is_flag || set_tls_value(domain, column.parameter, "TLSv1_2") == std::nullopt ||
                set_tls_value(domain, column.parameter, "192.0.2.1") == std::nullopt)
        << column.parameter;
  }
}

TEST(TlsDomainsTest, WhatIsWrongIsSaidWhereItStands) {
  const auto wrong = [](const std::string& text) { return errors_after_socket(text); };
  EXPECT_EQ(wrong(parameter("certificate", "[d]/x")),
            "2:36: there is no TLS domain 'd', expected one of server_domain or client_domain\n");
  EXPECT_EQ(wrong(parameter("server_domain", "d") + parameter("server_domain", "d")),
            "3:38: TLS domain 'd' is there already, expected another name\n");
  EXPECT_EQ(wrong(parameter("verify_cert", "often")),
            "2:36: verify_cert is 'often', expected 1 or 0\n");
  EXPECT_NE(wrong(parameter("tls_method", "TLSv1_4")).find("2:35: tls_method is 'TLSv1_4', "),
            std::string::npos);
  EXPECT_NE(wrong(parameter("match_ip_address", "[x")).find("expected addresses"),
            std::string::npos);
}

}  // namespace
}  // namespace opensips::config
