"""opensips test: operators' own tests. Those of the examples pass; one that fails says where, and shows what happened."""
import re
import subprocess

from harness import check, equal

SCRIPT = """local sip = require "sip"
sip.on_request(function(req)
  local answer, why = sip.http.get("http://127.0.0.1:1/" .. req.ruri.user)
  if req.ruri.user == "broken" then error "on purpose" end
  if not answer then return req:reply(503, why) end
  sip.log("notice", "goes to " .. answer.body)
  return req:relay(answer.body)
end)
"""

TESTS = """local test = require "test"
test.script "route.lua"

test.case("is relayed", function(t)
  t:http("GET", "http://127.0.0.1:1/bob"):returns(200, "sip:bob@192.0.2.2")
  local alice, bob = t:phones("alice", "bob")
  local call = alice:invite "bob"
  bob:expect "INVITE":reply(200)
  call:expect(200):ack()
  t:expect_log "goes to sip:bob"
end)

test.case("fails: no answer is laid out", function(t)
  t:phone "alice":invite "bob"
end)

test.case("fails: the script does", function(t)
  t:http("GET", "*"):returns(404)
  t:phone "alice":invite "broken"
end)

test.case("fails: the phone does not ring", function(t)
  t:http("GET", "http://127.0.0.1:1/*"):returns(200, "sip:carol@192.0.2.3")
  local alice, bob, carol = t:phones("alice", "bob", "carol")
  local call = alice:invite "bob"
  carol:expect "INVITE":reply(180)
  call:expect(200)
end)

test.case("fails: nothing comes in time", function(t)
  t:phone "alice":expect("OPTIONS", { within = "90s" })
end)
"""


def run(env, *arguments):
    return subprocess.run([env.build / "opensips", "test", *map(str, arguments)], timeout=50 * env.patience, check=False,
                          text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def test_examples(env):
    done = run(env, env.root / "examples")
    check(done.returncode == 0 and re.search(r"^[1-9]\d* passed, 0 failed$", done.stdout, re.M), done.stdout)
    for folder in (env.root / "examples").iterdir():
        tested = f"{folder}/route_test.lua: " in done.stdout
        check(tested or not (folder / "route.lua").exists(), f"{folder.name} has no tests")


def test_words(env):
    """All that a test may say: twice the same, to the last byte."""
    first, second = (run(env, "-v", env.root / "t/scenario/script_tests/words") for _ in range(2))
    check(first.returncode == 0, first.stdout)
    equal(second.stdout, first.stdout, "what the second run says")


def test_failures(env):
    (env.directory / "route.lua").write_text(SCRIPT)
    file = env.directory / "all_test.lua"
    file.write_text(TESTS)
    done = run(env, env.directory)
    equal(done.returncode, 1, f"the status; it said {done.stdout}")
    equal(done.stdout.splitlines()[-1], "1 passed, 4 failed", "the last line")
    passed, no_answer, broken, no_ring, nothing = (
        re.split(r"^(?=PASS|FAIL)", done.stdout, flags=re.M)[1:])
    check("is relayed" in passed, passed)
    check(f"{file}:14: " in no_answer and "route.lua:3: nothing answers http GET http://127.0.0.1:1/bob" in no_answer, no_answer)
    check(f"{file}:19: " in broken and re.search(r"route\.lua:4: on purpose", broken), broken)
    check(f"{file}:27: expected 200, got 180 Ringing" in no_ring, no_ring)
    for line in (r"seconds +alice +opensips +carol", r"0\.000 +\|-+ INVITE -+>\|", r"route\.lua:3 waits",
                 r"http GET http://127\.0\.0\.1:1/bob: 200", r"log notice: goes to sip:carol", r"\|<-+ 180 Ringing -+\|"):
        check(re.search(line, no_ring), f"no {line} in {no_ring}")
    check(f"{file}:31: expected OPTIONS at alice, nothing came within 90s" in nothing, nothing)


def test_what_cannot_be_run(env):
    equal(run(env).returncode, 2, "the status without a path")
    check("no such file" in run(env, env.directory / "nowhere").stdout, "a path that is none")
    equal(run(env, env.directory).returncode, 1, "the status without tests")
    file = env.directory / "all_test.lua"
    file.write_text("local test = require 'test'\ntest.case('no server', function(t) t:phone 'alice' end)\n")
    done = run(env, file)
    check(f"{file}:2: the server does not start: {env.directory}/opensips.cfg" in done.stdout, done.stdout)
    file.write_text("test.case(\n")
    check("all_test.lua:2: " in run(env, file).stdout, "a mistake in the test")
