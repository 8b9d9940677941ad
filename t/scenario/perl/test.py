"""Perl beside Lua: the same routing passes the same test, faults and full queues end in an answer, versions keep apart;
functions in Perl are called from Lua."""
import hashlib
import json
import shutil
import subprocess
import time

from harness import Call, CalledSide, Stream, check, equal, hang_up, statistics

HERE = __file__.rsplit("/", 1)[0]
CODES = """sub on_request {
  my ($req) = @_;
  $req->relay($req->header("X-Target"), { on_failure => "failed" });
}
sub failed { my ($req) = @_; $req->reply(CODE, "Version " . OpenSIPS::generation()) }
"""


def needs_perl(env):
    if not (env.build / "modules" / "perl.so").exists():
        env.skip("the module perl is not built, there was no libperl")


def perl_server(env, script, **modparams):
    """A server whose script is that file, or text, in Perl."""
    needs_perl(env)
    path = env.directory / "route.pl"
    if "\n" in script:
        path.write_text(script)
    else:
        shutil.copy(f"{HERE}/{script}", path)
    return env.server(path, modules=["perl"], modparams=[("perl", name, value) for name, value in modparams.items()])


def call_of(caller, server, user, *headers):
    user, _, parameter = user.partition(";")
    uri = f"sip:{user}@{server.hostport}" + (f";{parameter}" if parameter else "")
    return Call(caller, server, uri, headers=headers).start()


def same_routing(env, server):
    caller, callee, second = (env.endpoint(name) for name in ("caller", "callee", "second"))
    options = caller.transact(caller.request("OPTIONS", server.uri), server.address)
    equal((options.code, options.reason, options.get("X-By"), options.body), (200, "Fine", "script", b"here"), "OPTIONS")
    equal(call_of(caller, server, "nobody").fails_with(404).get("X-User"), "nobody", "what the 404 says")

    headers = [("X-Target", callee.uri()), ("X-Secret", "xyz")]
    call = call_of(caller, server, "callee", *headers)
    side = CalledSide.expect(callee)
    equal([side.invite.get(name) for name in ("X-Secret", "X-Target", "X-Routed")],
          [None, None, hashlib.md5(b"xyz").hexdigest()], "the headers")
    side.ringing()
    caller.expect(180)
    side.answer()
    call.answered()
    side.expect_ack()
    hang_up(call, side)

    call = call_of(caller, server, "callee", *headers, ("X-Second", second.uri()))
    CalledSide.expect(callee).refuse(486, "Busy Here")
    side = CalledSide.expect(second)
    check("user-busy" in (side.invite.get("Diversion") or ""), "no Diversion")
    side.answer()
    call.answered()
    side.expect_ack()
    hang_up(call, side)

    call = call_of(caller, server, "callee", *headers, ("X-Second", second.uri()))
    CalledSide.expect(callee).refuse(603, "Decline")
    call.fails_with(603)
    call = call_of(caller, server, "callee", *headers)
    side = CalledSide.expect(callee)
    side.ringing()
    caller.expect(180)
    call.cancel()
    side.expect_cancel()
    call.fails_with(487)


def test_same_routing_in_lua(env):
    same_routing(env, env.server("same.lua"))


def test_same_routing_in_perl(env):
    same_routing(env, perl_server(env, "same.pl"))


def test_methods(env):
    """What operators know of OpenSIPS::Message, and objects that outlive their request."""
    server, caller, callee = perl_server(env, "methods.pl", threads=1), env.endpoint("caller"), env.endpoint("callee")
    for _ in range(2):
        answer = call_of(caller, server, "methods;x=1", ("X-List", "one"), ("X-List", "two")).final()
        equal((answer.code, answer.get("X-Failed")), (486, None), "what is wrong")
    call = call_of(caller, server, "callee", ("X-Target", callee.uri()))
    side = CalledSide.expect(callee)
    side.refuse(486, "Busy Here")
    equal(call.fails_with(606).reason, side.tag, "the tag in the failure")
    call = call_of(caller, server, "callee", ("X-Target", callee.uri()))
    side = CalledSide.expect(callee)
    side.answer()
    call.answered()
    side.expect_ack()
    server.wait_log("WARNING: answered with 200")


def test_faults(env):
    server, caller = perl_server(env, "faults.pl", threads=1, queue=1, time_limit=1500), env.endpoint("caller")
    callee = env.endpoint("callee")
    standing = call_of(env.endpoint("standing"), server, "callee", ("X-Target", callee.uri()))
    side = CalledSide.expect(callee)
    side.answer()
    standing.answered()
    side.expect_ack()
    for user, why in (("dies", r"route\.pl:5: on purpose"), ("exits", r"route\.pl:6: exit is refused here"),
                      ("misuses", r"route\.pl:9: request:reply: argument 1 \(code\): expected"),
                      ("spins", r"perl: on_request runs for longer than time_limit")):
        call_of(caller, server, user).fails_with(500, timeout=20)
        server.wait_log(why)
        call_of(caller, server, "fine").fails_with((486, 503), timeout=20)

    # The one that spins may die before it is given up.
    check(statistics(server, "perl:errors")[0] in (2, 3), "not counted, what died")

    # Nothing stops what sleeps: its thread is stuck. Its call gets 500, who waits for the thread 503 in time, whom the
    # queue has no room for at once; and what needs no thread goes on.
    calls = [call_of(env.endpoint(f"caller{number}"), server, "sleeps") for number in range(3)]
    equal(sorted(call.final(timeout=20).code for call in calls), [500, 503, 503], "the answers")
    hang_up(standing, side)
    # When it has ended, the next one is served.
    deadline = time.monotonic() + 30
    while call_of(caller, server, "fine").final(timeout=20).code != 486:
        check(time.monotonic() < deadline, "nobody is served any more")
        time.sleep(0.1)


def test_reload(env):
    server, callee = perl_server(env, CODES.replace("CODE", "601")), env.endpoint("callee")
    script, operator = env.directory / "route.pl", Stream(server.control_socket)
    env.open.append(operator)

    def waiting():
        call = call_of(env.endpoint("caller"), server, "callee", ("X-Target", callee.uri()))
        return call, CalledSide.expect(callee, call_id=call.invite.call_id)

    def refuse(waits, code):
        call, side = waits
        side.refuse(486, "Busy Here")
        equal(call.fails_with(code).reason, f"Version {code - 600}", "who answered")

    first = waiting()
    script.write_text("use strict;\n$x = 1;\n")
    refused = operator.call("reload_routes")["error"]
    check(f"{script}:2: Global symbol \"$x\"" in refused["message"], refused)
    script.write_text("sub other {}\n")
    check("handles no requests" in operator.call("reload_routes")["error"]["message"], "a script without a handler")
    script.write_text(CODES.replace("CODE", "602"))
    equal(operator.call("reload_routes")["result"]["generation"], 2, "the generation")
    refuse(waiting(), 602)
    refuse(first, 601)


def test_example(env):
    """examples/perl, with addresses of this test, and nothing else changed."""
    needs_perl(env)
    folder, blocked = env.root / "examples" / "perl", env.directory / "blocked"
    phone, voicemail, caller = (env.endpoint(name) for name in ("bob", "voicemail", "caller"))
    blocked.write_text("666\n")
    script = (folder / "route.pl").read_text().replace("/etc/opensips/blocked", str(blocked))
    (env.directory / "route.pl").write_text(script.replace("127.0.0.1:5070", voicemail.hostport))
    port = env.port()
    config = (folder / "opensips.cfg").read_text().replace("udp:127.0.0.1:5060", f"udp:{env.ip}:{port}")
    server = env.server(config=f'mpath="{env.build / "modules"}"\n' + config, port=port)
    equal(call_of(caller, server, "666").fails_with(603).get("Reason"), "Q.850;cause=21", "why it is refused")
    server.wait_log("calls 666, which is blocked")
    call_of(caller, server, "bob").fails_with(404)

    domain = server.hostport
    register = phone.request("REGISTER", f"sip:{domain}", f"sip:bob@{domain}")
    equal(phone.transact(register, server.address).code, 200, "the REGISTER")
    call = call_of(caller, server, "bob")
    side = CalledSide.expect(phone)
    equal(side.invite.get("X-Served-By"), "Perl", "the header")
    side.answer()
    call.answered()
    side.expect_ack()
    hang_up(call, side)
    call = call_of(caller, server, "bob")
    CalledSide.expect(phone).refuse(486, "Busy Here")
    side = CalledSide.expect(voicemail)
    equal([side.invite.get(name) for name in ("X-Served-By", "Diversion")],
          [None, "<sip:bob@example.com>;reason=user-busy"], "what the voicemail hears")
    side.refuse(480)
    call.fails_with(480)


def test_functions_of_the_server(env):
    """Functions that need the worker are called there while Perl waits for them; and handlers for what has no request."""
    needs_perl(env)
    shutil.copy(f"{HERE}/server.pl", env.directory / "route.pl")
    server = env.server(env.directory / "route.pl", modules=["perl", "auth", str(env.build / "t" / "modules" / "good")], workers=2)
    caller, callee = env.endpoint("caller"), env.endpoint("callee")

    def said(user, *headers):
        return call_of(caller, server, user, *headers).fails_with(480).reason

    for number in (1, 2):
        equal(said("counts"), f"{number},calls,same,{1 if number == 1 else 'refused'}", "the shared table")
    equal((said("local"), said("socket")), ("yes", f"udp:{server.hostport}"), "what only the server knows")
    equal(said("marks"), ",m,own,ownm,counted", "a function of a module, and what it changes in the request")
    equal(said("marks", ("X-Mark", "x")), "x,xm,own,ownm,counted", "what was there before")
    equal([said(user) for user in ("thing", "misuses", "reserved")], ["refused"] * 3, "what cannot be")
    equal(said("raises"), "raised", "an event")
    until(lambda: said("told") == "E_SCRIPT_ASKED raises 3", "the event's handler was not called")
    until(lambda: int(said("ticks")) > 2, "the timer's function does not run again and again")
    call_of(caller, server, "challenged").fails_with(401)
    call = call_of(caller, server, "given_up")
    caller.expect(100)
    call.cancel()
    call.fails_with(487)
    server.wait_log("sip.is_local: this request has ended|its caller has given up", timeout=20)
    until(lambda: said("challenge") == "answered", "the handler does not know that its request is answered")

    call = call_of(caller, server, "callee", ("X-Target", callee.uri()))
    side = CalledSide.expect(callee)
    equal(side.invite.get("X-Dialog"), "unconfirmed,caller caller,1", "the dialog")
    side.answer()
    call.answered()
    side.expect_ack()
    bye = call.dialog.request("BYE")
    call.dialog.send(bye)
    got = callee.expect(lambda m: m.is_request and m.method == "BYE", "BYE")
    equal(got.get("X-Seen"), "caller caller,long", "a request inside the dialog")
    callee.reply(got, 200, "OK")
    equal(caller.expect_final(bye).code, 200, "the answer to BYE")
    until(lambda: said("ended") == "ended", "the dialog's handler was not told of its end")


def until(holds, why):
    deadline = time.monotonic() + 20
    while not holds():
        check(time.monotonic() < deadline, why)
        time.sleep(0.05)


def test_what_ends_slowly(env):
    """A script whose objects take long to end holds up neither calls nor the operator, and ends with the server."""
    text = CODES.replace("CODE", "601") + """
package Slow; sub new { bless {}, shift } sub DESTROY { select undef, undef, undef, 3 }
package main;
our $kept = Slow->new;
sub end { open my $file, ">>", "ENDED" or die; print $file "ended\\n" }
END { end() }
"""
    ended = env.directory / "ended"
    server, callee = perl_server(env, text.replace("ENDED", str(ended)), threads=1), env.endpoint("callee")
    script, operator = env.directory / "route.pl", Stream(server.control_socket)
    env.open.append(operator)
    call = call_of(env.endpoint("waiting"), server, "callee", ("X-Target", callee.uri()))
    side = CalledSide.expect(callee)
    for code in (602, 603):  # the one before the current is kept
        script.write_text(CODES.replace("CODE", str(code)))
        check("result" in operator.call("reload_routes"), "a reload")
    side.refuse(486, "Busy Here")  # the last of the first version goes on a worker
    call.fails_with(601)
    begun = time.monotonic()
    for _ in range(5):
        again = call_of(env.endpoint(), server, "callee", ("X-Target", callee.uri()))
        CalledSide.expect(callee, call_id=again.invite.call_id).refuse(486, "Busy Here")
        again.fails_with(603)
    check("result" in operator.call("uptime"), "a command")
    check(statistics(server, "perl:ending")[0] == 1 or time.monotonic() - begun > 3, "it has ended where nobody saw it")
    until(lambda: statistics(server, "perl:ending")[0] == 0, "it does not end")
    equal(ended.read_text(), "ended\n", "END")


def test_handlers_that_are_not_there(env):
    """What the top level names has to be there: else the script is not loaded."""
    server = perl_server(env, CODES.replace("CODE", "601"))
    operator = Stream(server.control_socket)
    env.open.append(operator)
    for named in ('on_event("E_MINE", "nowhere")', 'every("1s", "nowhere")'):
        (env.directory / "route.pl").write_text(CODES + f"OpenSIPS::{named};\n")
        message = operator.call("reload_routes")["error"]["message"]
        check(f"route.pl: OpenSIPS::{named.split('(')[0]} names nowhere, expected sub nowhere" in message, message)


def test_the_end_of_the_server(env):
    """END blocks run while there is a log; a handler that asks a worker that has stopped holds nobody up."""
    needs_perl(env)
    (env.directory / "route.pl").write_text("""
sub on_request {
  my ($req) = @_;
  return $req->reply(200) if $req->method eq "OPTIONS";
  OpenSIPS::log("warn", "asks");
  1 while eval { OpenSIPS::is_local("x"); 1 };
}
END {
  eval { OpenSIPS::good::count() };
  OpenSIPS::log("warn", "the end: $@");
}
""")
    server = env.server(env.directory / "route.pl", modules=["perl", str(env.build / "t" / "modules" / "good")],
                        modparams=[("perl", "threads", 1), ("perl", "time_limit", 60_000)])
    call_of(env.endpoint(), server, "asks")
    server.wait_log("asks")
    server.stop()
    server.wait_log("the end: of OpenSIPS:: there is but log")


def test_check(env):
    """opensips -C compiles a script, and runs nothing of it."""
    needs_perl(env)

    def checked(text, modules='loadmodule "perl.so"\n'):
        (env.directory / "route.pl").write_text(text)
        config = env.directory / "opensips.cfg"
        config.write_text(f'mpath="{env.build / "modules"}"\n{modules}socket=udp:127.0.0.1:5060\nscript="route.pl"\n')
        done = subprocess.run([env.build / "opensips", "-C", "-f", config], check=False, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return done.returncode, done.stdout

    equal(checked("sub on_request { 1 }\ndie 'it runs';\n")[0], 0, "the status of one that is fine")
    status, said = checked("sub on_request {\n  my $x = ;\n}\n")
    check(status == 1 and "route.pl:2: syntax error" in said, said)
    status, said = checked("sub on_request { 1 }\n", modules="")
    check(status == 1 and 'expected loadmodule "perl.so"' in said, said)


def test_replay_of_what_prints(env):
    """What a script prints is not among the lines of opensips replay -j."""
    needs_perl(env)
    functions = env.directory / "functions.pl"
    shutil.copy(f"{HERE}/functions.pl", functions)
    server = env.server("calls.lua", modules=["perl"], modparams=[("perl", "filename", str(functions))])
    record, operator = env.directory / "calls.rec", Stream(server.control_socket)
    env.open.append(operator)
    operator.call("script:record", {"file": str(record)})
    call_of(env.endpoint("caller"), server, "values_of").fails_with(480)
    time.sleep(1.2)  # what happens in its last second is not in it
    operator.call("script:record_off")
    functions.write_text(functions.read_text() + 'print qq({"same":9,"different":0}\n); $| = 1; print "printed\n";\n')

    def replay(file):
        done = subprocess.run([env.build / "opensips", "replay", "-m", env.build / "modules", "-j", "-f", server.config_path, file],
                              capture_output=True, text=True, timeout=30 * env.patience, check=False)
        return [json.loads(line) for line in done.stdout.splitlines()], done.stderr

    lines, errors = replay(record)
    equal([(line.get("calls"), line.get("same")) for line in lines], [(1, 1)], "the lines")
    check("printed" in errors, errors)
    check("No such file" in replay(env.directory / "nowhere")[0][0]["error"], "why there are none")


def test_calls_from_lua(env):
    needs_perl(env)
    functions = env.directory / "functions.pl"
    shutil.copy(f"{HERE}/functions.pl", functions)
    server = env.server("calls.lua", modules=["perl", str(env.build / "t" / "modules" / "good")],
                        modparams=[("perl", "filename", str(functions)), ("perl", "threads", 1), ("perl", "queue", 1),
                                   ("perl", "time_limit", 1500)])
    caller, operator = env.endpoint("caller"), Stream(server.control_socket)
    env.open.append(operator)
    answer = call_of(caller, server, "values_of").fails_with(480)
    equal((answer.reason, answer.get("X-Changed")), ("two 3.5 caller INVITE", "made in Perl"), "what came of it")
    equal(call_of(caller, server, "counts").fails_with(480).reason, "counted", "a function of another module")
    for user, why in (("dies", "no such number at"), ("decides", "not for this function to say"),
                      ("nowhere", "nowhere"), ("shares", "has a shared table in it"), ("half", "in the middle at")):
        failed = call_of(caller, server, user).fails_with(500)
        check(why in failed.get("X-Error"), f"the error of {user}")
        equal(failed.get("X-Changed"), "no", f"what {user} has left in the request")
    call_of(caller, server, "given").fails_with(500)
    server.wait_log("argument 2: a shared table cannot be passed")

    functions.write_text("sub values_of {\n")
    check(f"{functions}:2: Missing right curly" in operator.call("reload_routes")["error"]["message"], "the error of a reload")
    functions.write_text("sub values_of { return { text => 'anew' } } sub sleeps { sleep 6 }\n")
    check("result" in operator.call("reload_routes"), "a reload")
    equal(call_of(caller, server, "values_of").fails_with(480).reason, "anew", "what the new one says")

    calls = [call_of(env.endpoint(f"caller{number}"), server, "sleeps") for number in range(3)]
    equal(sorted(call.final(timeout=20).code for call in calls), [500, 503, 503], "the answers")
