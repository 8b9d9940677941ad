"""JsSIP in Chromium registers, calls a telephone, is called by it, and each side hangs up: signalling, no media."""
import pathlib
import shutil
import sys

from harness import Call, CalledSide, equal

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import browser as chromium  # noqa: E402  pylint: disable=wrong-import-position

LIMIT = 120
LOAD = ALONE = True

# What a browser takes as an offer, and as an answer to its own.
WEBRTC = ("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n"
          "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 127.0.0.1\r\na=rtcp-mux\r\na=mid:0\r\na=sendrecv\r\n"
          "a=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuvwx\r\na=ice-options:trickle\r\n"
          "a=fingerprint:sha-256 " + ":".join(["AB"] * 32) + "\r\na=setup:SETUP\r\n"
          "a=rtpmap:111 opus/48000/2\r\na=candidate:1 1 udp 2130706431 127.0.0.1 40000 typ host\r\n")
OFFER, ANSWER = (WEBRTC.replace("SETUP", role).encode() for role in ("actpass", "active"))


def bundle(env):
    """jssip.js, as `make check` makes it."""
    for folder in (env.build, env.build.parent):
        if (folder / "t/jssip/jssip.js").exists():
            return folder / "t/jssip/jssip.js"
    return env.skip("no JsSIP; make jssip")


def open_phone(env, trusted=None):
    script = bundle(env)
    if not chromium.find():
        env.skip("no Chromium")
    pages = env.directory / "pages"
    pages.mkdir()
    for file in (script, env.folder / "phone.html", env.folder / "phone.js"):
        shutil.copy(file, pages)
    return chromium.Browser(env, pages, "phone.html", trusted)


def register(phone, server):
    request = phone.request("REGISTER", server.uri, f"sip:{phone.name}@{server.hostport}")
    request.set("From", f"<sip:{phone.name}@{server.hostport}>;tag=r")
    equal(phone.transact(request, server).code, 200, "REGISTER")


def calls(env, server, url, browser=None):
    browser, phone = browser or open_phone(env), env.endpoint("phone")
    register(phone, server)
    browser.run(f"phone.start('{url}', 'sip:browser@{server.hostport}')")
    browser.expect("registered")
    for browser_leaves in (True, False):
        call = Call(phone, server, f"sip:browser@{server.hostport}", body=OFFER).start()
        browser.expect("called")
        phone.expect(180)
        browser.run("phone.answer()")
        call.answered()
        browser.expect("confirmed")
        leave(env, browser, phone, call, browser_leaves)

        browser.run(f"phone.call('sip:phone@{server.hostport}')")
        called = CalledSide.expect(phone)
        called.ringing()
        browser.expect("progress")
        called.answer(ANSWER)
        browser.expect("confirmed")
        called.expect_ack()
        leave(env, browser, phone, called, browser_leaves)
    browser.run("phone.stop()")
    browser.expect("unregistered")


def leave(env, browser, phone, side, browser_leaves):
    if browser_leaves:
        browser.run("phone.hang_up()")
        phone.reply(phone.expect("BYE"), 200, "OK")
        browser.expect("ended by local")
    else:
        side.dialog.bye()
        browser.expect("ended by remote")


def test_ws(env):
    server = env.server("open_users.lua", transports=("udp", "ws"))
    calls(env, server, f"ws://{server.hostport}")


def test_wss(env):
    own = env.authority().issue("server", f"IP:{env.ip}")
    # A browser that is asked for a certificate, and has none, fails.
    tls = [("certificate", own.certificate), ("private_key", own.key), ("verify_cert", "0")]
    server = env.server("open_users.lua", transports=("udp", "wss"), tls=tls)
    calls(env, server, f"wss://{server.hostport}", open_phone(env, own))


def test_sipp(env):
    """SIPp calls the browser and hangs up; the browser calls SIPp and hangs up."""
    server = env.server("open_users.lua", transports=("udp", "ws"))
    browser = open_phone(env)
    browser.run(f"phone.start('ws://{server.hostport}', 'sip:browser@{server.hostport}')")
    browser.expect("registered")

    calling = env.sipp("uac_webrtc.xml", target=server, calls=1, values={"USER": "browser", "TALK": 100})
    browser.expect("called")
    browser.run("phone.answer()")
    browser.expect("confirmed")
    browser.expect("ended by remote")
    calling.finish()

    called = env.sipp("uas_webrtc.xml", calls=1, values={"RING": 20})
    env.sipp("register.xml", target=server, calls=1, values={"USER": "sipp", "CONTACT": called.hostport}).finish()
    browser.run(f"phone.call('sip:sipp@{server.hostport}')")
    browser.expect("confirmed")
    browser.run("phone.hang_up()")
    browser.expect("ended by local")
    called.finish()


def test_example(env):
    """examples/webrtc, with addresses of this test, and nothing else changed."""
    folder, port = env.root / "examples" / "webrtc", env.port()
    browser = open_phone(env)
    shutil.copy(folder / "route.lua", env.directory)
    config = (folder / "opensips.cfg").read_text()
    for before, now in (("udp:127.0.0.1:5060", f"udp:{env.ip}:{port}"), ("ws:127.0.0.1:8080", f"ws:{env.ip}:{port}"),
                        ("http://127.0.0.1:8000", browser.origin)):
        config = config.replace(before, now)
    server = env.server(config=f'lua_path="{env.root / "lua"}"\n' + config, port=port)
    calls(env, server, f"ws://{server.hostport}", browser)
