#include "config/load.hh"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "support.hh"

namespace opensips::config {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kGood = R"(# a good file
log_level=3  stderror_enabled=no
syslog_enabled=on
syslog_facility=LOG_LOCAL0
workers=2
socket=udp:127.0.0.1:5060 as sip.example.com:5070
socket=udp:[2001:DB8::1]
socket = udp:*:5080
alias="Example.com"
alias=udp:example.org:5062
mpath="/opt/modules/"
mpath="more"
loadmodule "tm.so"
loadmodule "registrar.so"
modparam("tm", "T1_timer", 250)
modparam("tm", "fr_timeout", 5)
modparam("tm", "fr_inv_timeout", "2m")
modparam("tm", "auto_100trying", 0)
modparam("registrar", "max_contacts", 3)
modparam("registrar", "default_q", -1)
modparam("rr", "append_fromtag", 0)
script="route.lua"
log_file='/var/log/opensips.log'
script_time_limit="1s"
server_header="Server: mine"
record_route=false
)";

std::string notices_of(const Settings& settings) {
  std::string out;
  for (const auto& notice : settings.notices) out += notice.text() + '\n';
  return out;
}

TEST(LoadTest, GoodFileGivesItsSettings) {
  const auto loaded = load_text(std::string(kGood));
  ASSERT_TRUE(loaded) << loaded.error().text();
  const Settings& s = *loaded;
  EXPECT_EQ(s.workers, 2);
  EXPECT_EQ(s.log_level, 3);
  EXPECT_FALSE(s.stderror_enabled);
  EXPECT_TRUE(s.syslog_enabled);
  EXPECT_EQ(s.syslog_facility, "LOG_LOCAL0");
  EXPECT_EQ(s.script, "/etc/o/route.lua");
  EXPECT_EQ(s.log_file, "/var/log/opensips.log");
  EXPECT_EQ(s.mpath, (std::vector<std::string>{"/opt/modules/", "/etc/o/more"}));
  EXPECT_EQ(s.script_time_limit, 1s);
  EXPECT_EQ(s.server_header, "Server: mine");
  EXPECT_FALSE(s.record_route);
  EXPECT_EQ(s.tm.t1, 250ms);
  EXPECT_EQ(s.tm.t2, 4s);
  EXPECT_EQ(s.tm.fr_timeout, 5s);
  EXPECT_EQ(s.tm.fr_inv_timeout, 2min);
  EXPECT_FALSE(s.tm.auto_100trying);
  EXPECT_EQ(s.registrar.max_contacts, 3);
  ASSERT_EQ(s.modules.size(), 2U);
  EXPECT_EQ(s.modules[1].name, "registrar");
  EXPECT_TRUE(s.modules[1].built_in);
  EXPECT_EQ(s.place(s.modules[1].at), "/etc/o/o.cfg:14:12");
  EXPECT_EQ(s.place("script"), "/etc/o/o.cfg:22:8");
  EXPECT_EQ(s.place("pid_file"), "/etc/o/o.cfg");
}

TEST(LoadTest, GoodFileGivesItsSocketsAndAliases) {
  const auto loaded = load_text(std::string(kGood));
  ASSERT_TRUE(loaded);
  ASSERT_EQ(loaded->sockets.size(), 3U);
  const auto& first = loaded->sockets[0];
  EXPECT_EQ(first.transport, "udp");
  EXPECT_EQ(first.address, "127.0.0.1");
  EXPECT_EQ(first.port, 5060);
  EXPECT_EQ(first.advertised_host, "sip.example.com");
  EXPECT_EQ(first.advertised_port, 5070);
  EXPECT_EQ(first.at, (Position{0, 6, 8}));
  EXPECT_EQ(loaded->sockets[1].address, "2001:db8::1");
  EXPECT_TRUE(loaded->sockets[1].ipv6);
  EXPECT_EQ(loaded->sockets[1].port, 5060);
  EXPECT_EQ(loaded->sockets[2].address, "0.0.0.0");
  ASSERT_EQ(loaded->aliases.size(), 2U);
  EXPECT_EQ(loaded->aliases[0].transport, "");
  EXPECT_EQ(loaded->aliases[0].host, "example.com");
  EXPECT_EQ(loaded->aliases[0].port, 0);
  EXPECT_EQ(loaded->aliases[1].transport, "udp");
  EXPECT_EQ(loaded->aliases[1].port, 5062);
}

TEST(LoadTest, EachExemptPrefixCounts) {
  const auto loaded = load_text(
      "socket=udp:127.0.0.1:5060\nsource_limit_exempt=\"192.0.2.0/24\"\n"
      "source_limit_exempt=\"2001:db8::1\"\n");
  ASSERT_TRUE(loaded);
  ASSERT_EQ(loaded->source_limit_exempt.size(), 2U);
  EXPECT_TRUE(loaded->source_limit_exempt[0].contains(*base::Address::parse("192.0.2.7", 0)));
  EXPECT_EQ(errors_after_socket("source_limit_exempt=\"192.0.2.0/33\""),
            "2:21: source_limit_exempt is '192.0.2.0/33', expected an IP address or a range of "
            "them, as \"192.0.2.0/24\"\n");
}

TEST(LoadTest, NoticesAreNoErrors) {
  EXPECT_EQ(notices_of(good(
                "udp_workers=4\nloadmodule \"sl.so\"\nmodparam(\"rr\", \"append_fromtag\", 1)\n"
                "workers=5\n")),
            "/etc/o/o.cfg:2:1: udp_workers is another name of workers\n"
            "/etc/o/o.cfg:3:12: module sl is built in\n"
            "/etc/o/o.cfg:4:16: append_fromtag has no effect: The dialog layer keeps the tags.\n"
            "/etc/o/o.cfg:5:1: workers was set before, this value counts\n");
}

TEST(LoadTest, DefaultFileOfOpenSipsIsTakenButForItsRoutes) {
  EXPECT_EQ(
      errors_of(
          "log_level=3\nxlog_level=3\nstderror_enabled=no\nsyslog_enabled=yes\n"
          "syslog_facility=LOG_LOCAL0\nudp_workers=4\nsocket=udp:127.0.0.1:5060\n"
          "loadmodule \"signaling.so\"\nloadmodule \"tm.so\"\nmodparam(\"tm\", \"fr_timeout\", 5)\n"
          "modparam(\"tm\", \"restart_fr_on_each_reply\", 0)\nmodparam(\"tm\", "
          "\"onreply_avp_mode\", 1)\n"
          "loadmodule \"usrloc.so\"\nmodparam(\"usrloc\", \"nat_bflag\", \"NAT\")\n"
          "modparam(\"usrloc\", \"working_mode_preset\", \"single-instance-no-db\")\n"
          "modparam(\"registrar\", \"tcp_persistent_flag\", \"TCP_PERSISTENT\")\n"
          "loadmodule \"proto_udp.so\"\nroute{\n}\n"),
      "18:1: route blocks are not read any more, expected routing in Lua: script=\"route.lua\"\n");
}

TEST(LoadTest, UnknownNamesGetASuggestion) {
  EXPECT_EQ(errors_after_socket("scritp=\"x\""),
            "2:1: unknown parameter 'scritp', did you mean 'script'?\n");
  EXPECT_EQ(errors_after_socket("zzzzzzzz=1"),
            "2:1: unknown parameter 'zzzzzzzz', expected one of opensips.cfg(5)\n");
  EXPECT_EQ(errors_after_socket("fr_timeout=1"),
            "2:1: unknown parameter 'fr_timeout', expected modparam(\"tm\", \"fr_timeout\", …)\n");
  EXPECT_EQ(errors_after_socket("modparam(\"usrloc\", \"min_expires\", 60)"),
            "2:20: unknown parameter 'min_expires' of module usrloc, expected "
            "modparam(\"registrar\", \"min_expires\", …)\n");
  EXPECT_EQ(errors_after_socket("modparam(\"sl\", \"x\", 60)"),
            "2:16: unknown parameter 'x' of module sl, expected none: it has no parameters\n");
  EXPECT_EQ(errors_after_socket("listen=udp:1.2.3.4:5060"),
            "2:1: 'listen' is called socket now, expected socket=…\n");
  EXPECT_EQ(errors_after_socket("children=4"),
            "2:1: 'children' is called workers now, expected workers=…\n");
}

TEST(LoadTest, ModulesThatAreNotThereAreErrors) {
  EXPECT_EQ(
      errors_after_socket("loadmodule \"mi_http.so\"\nmodparam(\"mi_http\", \"port\", 8888)\n"
                          "modparam(\"acc\", \"x\", 1)\nmodparam(\"tm|acc\", \"T1_timer\", 500)"),
      "2:12: cannot open 'mi_http.so': no such module in mpath, expected one that is installed\n"
      "4:10: module 'acc' is not loaded, expected loadmodule \"acc.so\"\n"
      "5:10: module 'acc' is not loaded, expected loadmodule \"acc.so\"\n");
}

TEST(LoadTest, CommandsHaveTheirPlaces) {
  const auto settings = load_text(
      "socket=udp:1.2.3.4:5060\nloadmodule \"mi_fifo.so\"\ncontrol_socket=\"run/it\"\n"
      "modparam(\"mi_datagram\", \"socket_name\", \"/x/mi\")\n"
      "modparam(\"mi_datagram\", \"unix_socket_mode\", 0660)\n"
      "modparam(\"mi_fifo\", \"fifo_mode\", \"622\")");
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->control_socket, "/etc/o/run/it");
  EXPECT_EQ(settings->mi_datagram.socket_name, "/x/mi");
  EXPECT_EQ(settings->mi_datagram.mode, 0660);
  EXPECT_EQ(settings->mi_fifo.mode, 0622);
  EXPECT_TRUE(settings->names_module("mi_fifo"));
  EXPECT_TRUE(settings->names_module("mi_datagram"));
  EXPECT_FALSE(settings->names_module("mi"));
}

TEST(LoadTest, CommandsAreNotTakenFromTheNetwork) {
  EXPECT_EQ(errors_after_socket("modparam(\"mi_datagram\", \"socket_name\", \"udp:*:8080\")"),
            "2:40: socket_name is a UDP address, expected a path: commands are taken from this "
            "machine only\n");
  EXPECT_EQ(errors_after_socket("modparam(\"mi_fifo\", \"fifo_mode\", 0800)"),
            "2:34: fifo_mode is 0800, expected permissions in octal digits, as 0600\n");
  EXPECT_EQ(errors_after_socket("loadmodule \"mi_datagram.so\""),
            "1:1: mi_datagram has no socket, expected modparam(\"mi_datagram\", "
            "\"socket_name\", \"PATH\")\n");
}

TEST(LoadTest, ValuesThatContradictEachOtherAreErrors) {
  EXPECT_EQ(
      errors_after_socket("modparam(\"tm\", \"T1_timer\", 5000)"),
      "2:28: T1_timer is 5s and T2_timer is 4s, expected the first not to be above the second\n");
  EXPECT_EQ(
      errors_after_socket("modparam(\"registrar\", \"default_expires\", 9000)"),
      "2:42: default_expires is 150m and max_expires is 2h, expected the first not to be above the "
      "second\n");
  EXPECT_EQ(good("modparam(\"registrar\", \"max_expires\", 600)").registrar.default_expires, 600s);
  EXPECT_EQ(good("modparam(\"registrar\", \"max_expires\", 0)").registrar.default_expires, 3600s);
}

TEST(LoadTest, IncludedFilesAreReadInPlaceAndNamedInErrors) {
  const Files files{
      {"/etc/o/o.cfg",
       "include_file \"conf.d/a.cfg\"\nworkers=99\nimport_file \"none\"\n"
       "socket=udp:127.0.0.1"},
      {"/etc/o/conf.d/a.cfg", "\nlog_level=9\ninclude_file \"b.cfg\"\nscript=\"r.lua\""},
      {"/etc/o/conf.d/b.cfg", "wrkers=1"}};
  const auto loaded = load_files(files);
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().text(),
            "/etc/o/o.cfg:2:9: workers is 99, expected an integer from 0 to 64\n"
            "/etc/o/conf.d/a.cfg:2:11: log_level is 9, expected an integer from -3 to 4\n"
            "/etc/o/conf.d/b.cfg:1:1: unknown parameter 'wrkers', did you mean 'workers'?\n");
}

TEST(LoadTest, RelativePathsStartAtTheFileThatSaysThem) {
  const auto loaded =
      load_files({{"/etc/o/o.cfg", "include_file \"d/a.cfg\"\nsocket=udp:127.0.0.1"},
                  {"/etc/o/d/a.cfg", "script=\"r.lua\"\nmac_key_file=\"../key\""}});
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->script, "/etc/o/d/r.lua");
  EXPECT_EQ(loaded->mac_key_file, "/etc/o/key");
}

TEST(LoadTest, IncludesThatFailAreErrorsAtTheirPlace) {
  EXPECT_EQ(errors_after_socket("include_file \"none.cfg\""),
            "2:14: cannot read '/etc/o/none.cfg': No such file or directory, expected a "
            "configuration file\n");
  EXPECT_EQ(errors_after_socket("include_file \"./o.cfg\""),
            "2:14: './o.cfg' includes itself, expected another file\n");
  EXPECT_EQ(errors_after_socket("include_file \"\""),
            "2:14: file is '', expected the name of a file\n");
  EXPECT_EQ(notices_of(good("import_file \"none.cfg\"")),
            "/etc/o/o.cfg:2:13: 'none.cfg' does not exist, nothing imported\n");
}

TEST(LoadTest, NameWithALineBreakIsPrintedInOneLine) {
  const auto loaded =
      load_files({{"/etc/o/o.cfg", "include_file \"a\nb\x7f\""}, {"/etc/o/a\nb\x7f", "wrkers=1"}});
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().list.at(0).text(),
            "/etc/o/a\\x0ab\\x7f:1:1: unknown parameter 'wrkers', did you mean 'workers'?");
}

TEST(LoadTest, IncludeDepthAndNumberAreBounded) {
  Files files;
  for (int i = 0; i < 20; ++i) {
    std::string text;
    for (int j = 0; j < 10; ++j) text += "include_file \"f" + std::to_string(i + 1) + "\"\n";
    files["/etc/o/f" + std::to_string(i)] = text;
  }
  files["/etc/o/o.cfg"] = "include_file \"f0\"\n";
  const auto loaded = load_files(files);
  ASSERT_FALSE(loaded);
  EXPECT_NE(
      loaded.error().text().find("too many files, expected up to 10 levels and 256 files in all"),
      std::string::npos);
}

TEST(LoadTest, FilesOnDisk) {
  namespace fs = std::filesystem;
  std::string pattern = (fs::temp_directory_path() / "load_test_XXXXXX").string();
  ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
  const fs::path dir = pattern;
  std::ofstream(dir / "o.cfg") << "include_file \"i.cfg\"\n";
  std::ofstream(dir / "i.cfg") << "socket=udp:127.0.0.1:0\n";
  ASSERT_EQ(::mkfifo((dir / "fifo").c_str(), 0600), 0);
  std::ofstream(dir / "large") << std::string(kFileMax + 1, ' ');
  const auto loaded = load(dir / "o.cfg");
  ASSERT_TRUE(loaded) << loaded.error().text();
  EXPECT_EQ(loaded->place(loaded->sockets.at(0).at), (dir / "i.cfg").string() + ":1:8");
  EXPECT_EQ(load(dir / "none").error().text(),
            (dir / "none").string() +
                ": cannot be read: No such file or directory, expected a configuration file\n");
  EXPECT_NE(load(dir).error().text().find("Not a regular file"), std::string::npos);
  EXPECT_NE(load(dir / "fifo").error().text().find("Not a regular file"), std::string::npos);
  EXPECT_NE(load(dir / "large").error().text().find("Larger than 1048576 bytes"),
            std::string::npos);
  fs::remove_all(dir);
}

TEST(LoadTest, AServerWithoutASocketIsAnError) {
  EXPECT_EQ(errors_of("workers=1"),
            "1:1: no socket to listen on, expected socket=udp:ADDRESS:PORT\n");
}

}  // namespace
}  // namespace opensips::config
