"""kill -9 at a random moment, under load, with write-through: no registration that was acknowledged is lost."""
import random
import threading
import time

from harness import check
from location_sql.kept import Kept, kill

SOAK = True
LIMIT = 240
USERS, AT_ONCE = 400, 50


class Load:
    """Registers, refreshes and removes contacts as fast as it is answered, and knows what was acknowledged."""

    def __init__(self, kept, chance):
        self.kept, self.random = kept, chance
        self.agreed = {}   # contact by user: what the last acknowledged REGISTER has said, None for none
        self.asked = {}    # by Call-ID: (user, contact), not answered
        self.wanted = {}   # by user: all that was asked for since
        self.acknowledged = 0
        self.sequence = 0

    def ask(self):
        user = f"u{self.random.randrange(USERS)}"
        if any(user == other for other, _ in self.asked.values()):
            return
        self.sequence += 1
        goes = self.random.random() < 0.2
        contact = None if goes else f"sip:{user}@192.0.2.1:{1024 + self.sequence % 60000}"
        request = (self.kept.request(user, "*", Expires="0") if goes
                   else self.kept.request(user, *self.swap(user), f"<{contact}>", Expires="3600"))
        self.asked[request.call_id] = (user, contact)
        self.wanted.setdefault(user, set()).add(contact)
        self.kept.phone.send(request, self.kept.server)

    def swap(self, user):
        """The contact that is there goes in the same REGISTER."""
        return [f"<{one}>;expires=0" for one in {self.agreed.get(user), *self.wanted.get(user, ())} if one]

    def take_answer(self, timeout):
        answer = self.kept.phone.maybe(lambda m: m.call_id in self.asked and m.code and m.code >= 200, timeout)
        if not answer:
            return False
        user, contact = self.asked.pop(answer.call_id)
        check(answer.code == 200, f"REGISTER of {user}: {answer.code}")
        self.agreed[user] = contact
        self.wanted[user] = set()
        self.acknowledged += 1
        return True

    def run(self, seconds):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            while len(self.asked) < AT_ONCE and time.monotonic() < until:
                self.ask()
            self.take_answer(0.2)

    def settle(self):
        """After the kill: answers that were sent before it count."""
        while self.take_answer(0.1):
            pass
        self.asked.clear()

    def verify(self):
        """Each user has what was acknowledged last, or what was asked for since."""
        found = {}
        for aor, contact in self.kept.contacts():
            found.setdefault(aor.split("@")[0], set()).add(contact)
        for user in {*found, *self.agreed, *self.wanted}:
            there = found.get(user, set())
            may_be = [{one} if one else set() for one in {self.agreed.get(user), *self.wanted.get(user, ())}]
            check(there in may_be, f"{user} has {there}; acknowledged was {self.agreed.get(user)}, asked for since "
                                   f"{self.wanted.get(user)}")
            self.agreed[user] = next(iter(there), None)
        self.wanted.clear()


def test(env):
    kills = 50 if env.soak else 5
    seed = random.randrange(1 << 32)
    chance = random.Random(seed)
    kept = Kept(env, workers=2)
    load = Load(kept, chance)
    for number in range(kills):
        seconds = chance.uniform(0.05, 1.0)
        killer = threading.Timer(seconds, kill, [kept.server])
        before = load.acknowledged
        killer.start()
        load.run(seconds)
        killer.join()
        load.settle()
        check(load.acknowledged > before, f"nothing was acknowledged before kill {number}")
        kept.start()
        kept.await_loaded()
        try:
            load.verify()
        except Exception:
            print(f"    kill {number} of {kills}, seed {seed}", flush=True)
            raise
