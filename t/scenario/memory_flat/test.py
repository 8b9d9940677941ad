"""Calls leave nothing behind: once transactions come and go at the same rate, the process does not grow."""
LOAD = ALONE = True
SOAK = True
LIMIT = 180
BOUND_KB = 2048           # growth allowed after the warm-up, over all calls that follow
QUICK = [("tm", "wt_timer", 2)]  # seconds that a finished transaction lingers, for 32


def test(env):
    if env.sanitizer:
        env.skip("a sanitizer keeps freed memory")
    count, rate = (1_000_000, 1500) if env.soak else (20_000, 1000)
    warm = 8 * rate
    called = env.sipp("uas_call.xml", values={"RING": 5})
    server = env.server("to_callee.lua", values={"CALLEE": called.hostport}, modparams=QUICK)
    calling = env.sipp("uac_call.xml", target=server, calls=count, rate=rate, values={"USER": "callee", "TALK": 5})
    calling.await_calls(warm)
    before = server.rss_kb()
    stats = calling.finish(count / rate * 2 + 60, repeated=env.soak)
    after = server.rss_kb()
    called.stop()
    if after - before > BOUND_KB:
        env.fail(f"it grew from {before} KiB to {after} KiB over {count - warm} calls ({stats})")
