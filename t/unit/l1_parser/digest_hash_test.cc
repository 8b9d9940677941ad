#include "l1_parser/digest_hash.hh"

#include <gtest/gtest.h>

#include <cctype>
#include <string>

namespace opensips::parser {
namespace {

constexpr auto kMd5 = DigestAlgorithm::md5;
constexpr auto kSha256 = DigestAlgorithm::sha256;
constexpr auto kSha512 = DigestAlgorithm::sha512_256;

std::string response(const DigestInput& input, std::string_view username, std::string_view realm,
                     std::string_view password) {
  return std::string(
      digest_response(input, digest_ha1(input.algorithm, username, realm, password)).text());
}

// RFC 7616 3.9.1.
std::string of_mufasa(DigestAlgorithm algorithm) {
  return response({.algorithm = algorithm,
                   .nonce = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
                   .cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
                   .nc = "00000001",
                   .qop = "auth",
                   .method = "GET",
                   .uri = "/dir/index.html",
                   .body = ""},
                  "Mufasa", "http-auth@example.org", "Circle of Life");
}

TEST(DigestResponse, IsThatOfTheExamplesOfRfc7616) {
  EXPECT_EQ(of_mufasa(kMd5), "8ca523f5e9506fed4657c9700eebdbec");
  EXPECT_EQ(of_mufasa(kSha256), "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1");
}

// RFC 7616 3.9.2 with the hashes of erratum 4897: those in the RFC are of another SHA-512/256 than
// the standard's.
TEST(DigestResponse, IsThatOfTheExampleWithSha512) {
  const std::string name = "J\xc3\xa4s\xc3\xb8n Doe";
  EXPECT_EQ(DigestHash::of(kSha512, {name, "api@example.org"}).text(),
            "793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b");
  EXPECT_EQ(response({.algorithm = kSha512,
                      .nonce = "5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK",
                      .cnonce = "NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v",
                      .nc = "00000001",
                      .qop = "auth",
                      .method = "GET",
                      .uri = "/doe.json",
                      .body = ""},
                     name, "api@example.org", "Secret, or not?"),
            "3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5");
}

// RFC 2617 3.5.
TEST(DigestResponse, IsThatOfTheExampleOfRfc2617) {
  EXPECT_EQ(response({.algorithm = kMd5,
                      .nonce = "dcd98b7102dd2f0e8b11d0f600bfb0c093",
                      .cnonce = "0a4f113b",
                      .nc = "00000001",
                      .qop = "auth",
                      .method = "GET",
                      .uri = "/dir/index.html",
                      .body = ""},
                     "Mufasa", "testrealm@host.com", "Circle Of Life"),
            "6629fae49393a05397450978507c4ef1");
}

struct Bob {
  DigestAlgorithm algorithm;
  std::string_view qop;
  std::string_view body;
  std::string_view expected;
};

// Computed by another implementation of the hashes.
TEST(DigestResponse, KnowsIntegritySessionsAndNoQop) {
  using enum DigestAlgorithm;
  const Bob cases[] = {
      {md5, "auth", "", "a4297ddab1c06a0732d41a669d063a46"},
      {md5, "", "", "9d9bfe43c8062ce3ca739ff0272ac862"},
      {md5, "auth-int", "v=0\r\n", "83776acd8728d53eacbb162f6e84cf86"},
      {md5, "auth-int", "", "4a91ea71ed0207675464298416222d2d"},
      {md5_sess, "auth", "", "f8edf1ed71c9b30105100afaf7022567"},
      {sha256, "auth", "", "891d32e092acaf672fe703af077a70f9f2540c27bd091b8cca317c5978d30044"},
      {sha256, "auth-int", "v=0\r\n",
       "2113e4e560f63ac8a52c80613a3d39acfc1fe508e74e67926be26a988d8b751c"},
      {sha256_sess, "auth", "", "601580ee50f06531bae14d8a1d9f31880566a6624c62dbac59801f95f0b66008"},
      {sha512_256, "auth", "", "4a2e88d05411bd1164d9985407e778c01401170ee43f08fe022e63e59fd34573"},
      {sha512_256, "auth-int", "v=0\r\n",
       "a1cc5fc7376968293eaf0d6f48dae481b403e810f5e079ff6f4fbcabb93e1285"},
      {sha512_256_sess, "auth", "",
       "d718021cf13585358eec9890ed7207957d0e04e1a0fcef2410f7d09c8ab6e930"},
  };
  for (const Bob& one : cases) {
    const DigestInput input{.algorithm = one.algorithm,
                            .nonce = "dcd98b7102dd2f0e8b11d0f600bfb0c093",
                            .cnonce = "0a4f113b",
                            .nc = "00000001",
                            .qop = one.qop,
                            .method = "INVITE",
                            .uri = "sip:bob@biloxi.example",
                            .body = one.body};
    EXPECT_EQ(response(input, "bob", "biloxi.example", "zanzibar"), one.expected)
        << to_string(one.algorithm) << ' ' << one.qop;
  }
}

TEST(DigestResponse, NeedsAHashOfItsOwnAlgorithm) {
  const DigestInput input{.algorithm = kSha256, .nonce = "n", .method = "GET", .uri = "u"};
  EXPECT_TRUE(digest_response(input, digest_ha1(kMd5, "a", "b", "c")).empty());
  EXPECT_TRUE(digest_response(input, DigestHash()).empty());
  EXPECT_FALSE(digest_response(input, digest_ha1(kSha512, "a", "b", "c")).empty());
  EXPECT_TRUE(digest_ha1(DigestAlgorithm::other, "a", "b", "c").empty());
}

TEST(DigestHash, IsMadeOfDigits) {
  const auto hash = DigestHash::of_digits("0123456789ABCDEF0123456789abcdef");
  EXPECT_EQ(hash.text(), "0123456789abcdef0123456789abcdef");
  EXPECT_TRUE(DigestHash::of_digits("").empty());
  EXPECT_TRUE(DigestHash::of_digits("0123456789abcdef0123456789abcde").empty());
  EXPECT_TRUE(DigestHash::of_digits("0123456789abcdef0123456789abcdeg").empty());
}

TEST(DigestHash, IsThatOfTheTextWhereverItIsCut) {
  EXPECT_EQ(DigestHash::of(kMd5, {""}).text(), "d41d8cd98f00b204e9800998ecf8427e");
  EXPECT_EQ(DigestHash::of(kMd5, {"abc"}).text(), "900150983cd24fb0d6963f7d28e17f72");
  for (const auto algorithm : {kMd5, kSha256, kSha512}) {
    for (const std::size_t size : {54, 55, 56, 63, 64, 65, 255, 256, 257, 600}) {
      const std::string a(size, 'a'), b(size / 2, 'b');
      const auto hash = DigestHash::of(algorithm, {a, b, a});
      EXPECT_EQ(hash.text(), DigestHash::of(algorithm, {a + ":" + b + ":" + a}).text()) << size;
      EXPECT_EQ(hash.text().size(), digest_size(algorithm));
    }
  }
}

TEST(DigestHash, FoldsLettersAndNothingElse) {
  const std::string digits = "0123456789abcdef0123456789abcdef";
  const auto hash = DigestHash::of_digits(digits);
  for (std::size_t place = 0; place < digits.size(); ++place) {
    for (unsigned byte = 0; byte < 256; ++byte) {
      auto other = digits;
      other[place] = static_cast<char>(byte);
      const bool same = byte < 128 && std::tolower(static_cast<int>(byte)) == digits[place];
      ASSERT_EQ(hash.equals(other), same) << place << ' ' << byte;
    }
  }
}

TEST(DigestHash, IsComparedInAnyCase) {
  const auto hash = DigestHash::of(kMd5, {"a", "b"});
  EXPECT_EQ(hash.text(), DigestHash::of(kMd5, {"a:b"}).text());
  std::string upper(hash.text());
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  EXPECT_TRUE(hash.equals(upper));
  upper[5] = upper[5] == '0' ? '1' : '0';
  EXPECT_FALSE(hash.equals(upper));
  EXPECT_FALSE(hash.equals(""));
  EXPECT_FALSE(hash.equals(hash.text().substr(1)));
  EXPECT_FALSE(DigestHash().equals(""));
}

TEST(DigestAlgorithms, HaveTheirNamesAndSizes) {
  using enum DigestAlgorithm;
  for (const auto algorithm : {md5, md5_sess, sha256, sha256_sess, sha512_256, sha512_256_sess}) {
    EXPECT_EQ(digest_algorithm_of(to_string(algorithm)), algorithm);
    EXPECT_EQ(digest_size(algorithm), without_session(algorithm) == md5 ? 32U : 64U);
    EXPECT_TRUE(is_available(algorithm));
  }
  EXPECT_EQ(without_session(sha512_256_sess), sha512_256);
  EXPECT_EQ(without_session(other), other);
  EXPECT_EQ(to_string(other), "");
  EXPECT_EQ(digest_size(other), 0U);
  EXPECT_FALSE(is_available(other));
}

TEST(DigestTexts, LoseTheirBackslashes) {
  std::string room;
  EXPECT_EQ(unquoted("plain", room), "plain");
  EXPECT_TRUE(room.empty());
  EXPECT_EQ(unquoted(R"(a \"b\" \\ c)", room), R"(a "b" \ c)");
  EXPECT_EQ(unquoted(R"(end\)", room), R"(end\)");
}

TEST(DigestUsername, IsReadFromEitherNotation) {
  std::string room;
  DigestCredentials credentials;
  credentials.username = R"(J\"s)";
  EXPECT_EQ(username_of(credentials, room), "J\"s");
  credentials.extended_username = true;
  credentials.username = "utf-8'de'J%C3%A4s%C3%B8n%20Doe";
  EXPECT_EQ(username_of(credentials, room), "J\xc3\xa4s\xc3\xb8n Doe");
  for (const char* bad : {"", "'", "UTF-8'", "ISO-8859-1''a", "UTF-8''%", "UTF-8''%4", "UTF-8''%4g",
                          "UTF-8a", "''a"}) {
    credentials.username = bad;
    EXPECT_FALSE(username_of(credentials, room)) << bad;
  }
}

}  // namespace
}  // namespace opensips::parser
