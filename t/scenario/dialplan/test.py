"""The module dialplan: numbers of real calls are translated, rules are replaced while calls run, wrong ones are not."""
import re

from harness import Call, CalledSide, MariaDb, SqliteFile, Stream, check, equal

LIMIT = 120
HEAD = ("id(int,auto) dpid(int) pr(int) match_op(int) match_exp(string) match_flags(int) subst_exp(string) "
        "repl_exp(string) timerec(string) disabled(int) attrs(string)\n")


def rules(env, *rows, name="dialplan"):
    (env.directory / name).write_text(HEAD + "".join(f"{row}\n" for row in rows))


def prefixing(prefix):
    """Rules that put a word before every number."""
    return ["1:1:0:1:^[0-9]+$:0:.*:" + prefix + "\\\\0::0:"]


def server_of(env, callee, partitions=(), **options):
    modparams = [("dialplan", "directory", str(env.directory))]
    modparams += [("dialplan", "partition", partition) for partition in partitions]
    return env.server("route.lua", values={"CALLEE": callee}, modules=["dialplan"], modparams=modparams, **options)


def called(caller, callee, server, user, headers=()):
    """The user that the callee is called as."""
    call = Call(caller, server, f"sip:{user}@{server.hostport}", headers=headers).start()
    side = CalledSide.expect(callee)
    side.refuse(486)
    call.fails_with(486)
    return re.match(r"sip:([^@]*)@", side.invite.uri).group(1)


def test_example(env):
    """examples/dialplan, with addresses and the way to the modules of this test, and nothing else changed."""
    folder = env.root / "examples" / "dialplan"
    caller, gateway = env.endpoint("caller"), env.endpoint("gateway")
    port = env.port()
    for name in ("dialplan", "emergency", "route.lua"):
        text = (folder / name).read_text()
        (env.directory / name).write_text(text.replace("127.0.0.1:5070", gateway.hostport))
    config = (folder / "opensips.cfg").read_text().replace("udp:127.0.0.1:5060", f"udp:{env.ip}:{port}")
    config = f'mpath="{env.build / "modules"}"\nlua_path="{env.root / "lua"}"\n' + config
    server = env.server(config=config, port=port)
    for dialled, number in [("+4930123456", "+4930123456"), ("004930123456", "+4930123456"),
                            ("030123456", "+4930123456"), ("123456", "+4930123456"), ("112", "112"),
                            ("+49110", "110")]:
        equal(called(caller, gateway, server, dialled), number, dialled)
    check(called(caller, gateway, server, "HotLine") in ("+4930111", "+4930112"), "the hotline")
    Call(caller, server, f"sip:0090012345@{server.hostport}").start().fails_with(403)
    Call(caller, server, f"sip:nobody@{server.hostport}").start().fails_with(404)
    server.wait_log("nobody cannot be called: no rule")


def test_partitions(env):
    rules(env, "1:1:0:1:^0:0:^0(.*):default\\\\1::0:")
    rules(env, "1:1:0:1:^0:0:^0(.*):pstn\\\\1::0:", name="dialplan_pstn")
    caller, callee = env.endpoint("caller"), env.endpoint("callee")
    server = server_of(env, callee.hostport, ["pstn: table_name=dialplan_pstn"])
    equal(called(caller, callee, server, "01"), "default1", "without a partition")
    equal(called(caller, callee, server, "01", [("X-Partition", "pstn")]), "pstn1", "in pstn")
    Call(caller, server, f"sip:11@{server.hostport}", headers=[("X-Partition", "pstn")]).start().fails_with(404)
    Call(caller, server, f"sip:01@{server.hostport}", headers=[("X-Partition", "none")]).start().fails_with(500)
    server.wait_log("there is no partition none")


def test_commands(env):
    rules(env, "1:1:5:1:^0:0:^0(.*):+49\\\\1::0:national", "2:1:0:0:112:0::::0:")
    callee = env.endpoint("callee")
    server = server_of(env, callee.hostport)
    with Stream(server.control_socket) as control:
        equal(control.call("dialplan:translate", {"dpid": 1, "input": "030"})["result"],
              {"Output": "+4930", "ATTRIBUTES": "national",
               "rule": {"id": 1, "line": 2, "pr": 5, "match_op": 1, "match_exp": "^0"}}, "by its new name")
        equal(control.call("dp_translate", ["1", "112"])["result"]["Output"], "112", "by its old name")
        equal(control.call("dp_translate", [1, "9"])["error"], {"code": 404, "message": "no rule"}, "no rule")
        equal(control.call("dp_translate", [7, "9"])["error"]["message"], "no such dpid", "no dpid")
        equal(control.call("dp_translate", [1, "9", "none"])["error"]["message"], "no partition none", "no partition")
        equal(control.call("dp_reload", ["none"])["error"]["code"], 404, "reload of no partition")
        equal(control.call("dp_show_partiton")["result"],
              {"Partitions": [{"partition": "default", "default": True, "dpids": 1, "rules": 2}]}, "partitions")
        rules(env, "1:1:0:1:.:0::x::0:")
        equal(control.call("dialplan:reload")["result"], "OK", "reload")
        equal(control.call("dp_translate", [1, "9"])["result"]["Output"], "x", "after it")


def test_reload_during_calls(env):
    """Good and broken rules in turn: no call fails, and a broken file changes nothing but what the command says."""
    count, rate = env.scaled(4000, 200), 200 if not env.sanitizer else 40
    rules(env, *prefixing("r0"))
    sipp_called = env.sipp("uas_call.xml", values={"RING": 20}, calls=count)
    server = server_of(env, sipp_called.hostport)
    calling = env.sipp("uac_call.xml", target=server, calls=count, rate=rate, values={"USER": "4711", "TALK": 50})
    with Stream(server.control_socket) as control:
        for turn in range(1, 31):
            rules(env, *prefixing(f"r{turn}"))
            equal(control.call("dialplan:reload").get("result"), "OK", f"reload {turn}")
            rules(env, *prefixing("broken"), "2:1:0:1:^\\\\+49(:0::::0:")
            error = control.call("dialplan:reload")["error"]
            equal(error["code"], 500, "the code of a broken file")
            equal(error["message"], f"{env.directory / 'dialplan'}:3:16: missing closing parenthesis", "what it says")
            equal(control.call("dp_translate", [1, "5"])["result"]["Output"], f"r{turn}5", "the rules then")
        server.wait_log("the rules stay as they are")
        statistics = control.call("get_statistics", [["dialplan:"]])["result"]
        equal(statistics["dialplan:reloads"], 30, "reloads")
        equal(statistics["dialplan:failed_reloads"], 30, "failed reloads")
        calling.finish(90)
        sipp_called.finish(30)
        statistics = control.call("get_statistics", [["dialplan:"]])["result"]
        equal(statistics["dialplan:translated"], count, "translations")


def test_broken_rules_at_start(env):
    rules(env, "1:x:0:1:^0:0::::0:", "2:1:0:1:[:0::::0:")
    server = server_of(env, "127.0.0.1:9", start=False)
    check(server.run_to_end() != 0, "it has to refuse")
    server.expected_status = server.status
    server.wait_log(r"dialplan:2:3: dpid is 'x', expected an integer of 32 bits")
    server.wait_log(r"dialplan:3:10: missing terminating \] for character class")


def test_costly_rule(env):
    """An expression that would take hours for some number: that number is not translated by it, calls go on."""
    rules(env, "1:1:0:1:^([0-9]+)+[ab]$:0::::0:", "2:1:1:1:^1:0:.*:ok\\\\0::0:")
    caller, callee = env.endpoint("caller"), env.endpoint("callee")
    server = server_of(env, callee.hostport)
    number = "1" * 60 + "x"
    with Stream(server.control_socket) as control:
        for _ in range(3):
            equal(called(caller, callee, server, number), "ok" + number, "the next rule")
        equal(control.call("get_statistics", [["dialplan:match_limits"]])["result"],
              {"dialplan:match_limits": 3}, "counted")
    server.wait_log("match_exp of rule 1 .* costs too much")
    equal(server.log().count("costs too much"), 1, "said once")


ROW = "INSERT INTO {} (id, dpid, pr, match_op, match_exp, match_flags, subst_exp, repl_exp) VALUES ({}, 1, 0, 1, '{}', 0, '{}', '{}')"


def with_tables(env, callee, database, **options):
    return env.server("route.lua", values={"CALLEE": callee}, modules=["dialplan", database.module], modparams=[
        ("dialplan", "db_url", database.url),
        ("dialplan", "partition", f"pstn: table_name=dialplan_pstn; db_url={database.url}")], **options)


def test_rules_in_a_database(env):
    """The same rules from OpenSIPS's table; a reload that fails leaves them as they are."""
    database = SqliteFile(env)
    database.query(ROW.format("dialplan", 1, "^0", "^0(.*)", "one\\1"))
    database.query("CREATE TABLE dialplan_pstn AS SELECT * FROM dialplan")
    database.query("UPDATE dialplan_pstn SET repl_exp = 'pstn\\1'")
    database.query("INSERT INTO version VALUES ('dialplan_pstn', 5)")
    caller, callee = env.endpoint("caller"), env.endpoint("callee")
    server = with_tables(env, callee.hostport, database)
    equal(called(caller, callee, server, "01"), "one1", "from the table")
    equal(called(caller, callee, server, "01", [("X-Partition", "pstn")]), "pstn1", "in pstn")
    with Stream(server.control_socket) as control:
        database.query("UPDATE dialplan SET repl_exp = 'two\\1'")
        equal(control.call("dialplan:reload", [])["result"], "OK", "reload")
        equal(called(caller, callee, server, "01"), "two1", "after the reload")
        database.query(ROW.format("dialplan", 2, "(", "", ""))
        wrong = control.call("dp_reload", ["default"])["error"]
        check(wrong["code"] == 500 and wrong["message"].startswith("rule 2: match_exp: "), wrong)
        database.query("DROP TABLE dialplan")
        equal(control.call("dp_reload", ["default"])["error"]["code"], 500, "no table")
        equal(called(caller, callee, server, "01"), "two1", "after what went wrong")


def test_a_database_that_comes_later(env):
    database = MariaDb(env)
    database.query(ROW.format("dialplan", 1, "^0", "^0(.*)", "one\\\\1"))
    database.query("CREATE TABLE dialplan_pstn LIKE dialplan")
    database.query("INSERT INTO version VALUES ('dialplan_pstn', 5)")
    database.stop()
    caller, callee = env.endpoint("caller"), env.endpoint("callee")
    server = with_tables(env, callee.hostport, database)
    Call(caller, server, f"sip:01@{server.hostport}").start().fails_with(404)
    database.start()
    server.wait_log("partition default has been read")
    equal(called(caller, callee, server, "01"), "one1", "from the table")
    database.freeze()
    with Stream(server.control_socket, timeout=60) as control:
        equal(control.call("dp_reload", ["default"])["error"]["code"], 500, "reload")
    equal(called(caller, callee, server, "01"), "one1", "after the reload")
    database.thaw()
