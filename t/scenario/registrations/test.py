"""The registrar of RFC 3261 10.3: several contacts, refresh, removal, wildcard, what it refuses."""
import time

from harness import check, equal, fresh
from harness.message import param_of, uri_of


class Phone:
    def __init__(self, env, **options):
        self.server = env.server("route.lua", **options)
        self.ua = env.endpoint("alice")
        self.call_id = fresh("reg")
        self.cseq = 0

    def register(self, *contacts, **headers):
        request = self.ua.request("REGISTER", self.server.uri, f"sip:alice@{self.server.hostport}",
                                  call_id=self.call_id).remove("Contact")
        self.cseq += 1
        request.set("CSeq", f"{self.cseq} REGISTER")
        for contact in contacts:
            request.add("Contact", contact)
        for name, value in headers.items():
            request.set(name.replace("_", "-"), value)
        self.sent = request
        return self.ua.transact(request, self.server)

    def bindings(self, answer=None):
        answer = answer or self.register()
        equal(answer.code, 200, "REGISTER")
        return {uri_of(c): int(param_of(c, "expires")) for c in answer.all("Contact")}


def test_several_contacts(env):
    phone = Phone(env)
    got = phone.bindings(phone.register("<sip:alice@192.0.2.1>;expires=1000;q=0.5, <sip:alice@192.0.2.2>",
                                        "<sip:alice@192.0.2.3>", Expires="500"))
    equal(sorted(got), ["sip:alice@192.0.2.1", "sip:alice@192.0.2.2", "sip:alice@192.0.2.3"], "the bindings")
    check(990 <= got["sip:alice@192.0.2.1"] <= 1000, f"the parameter goes before the header: {got}")
    check(490 <= got["sip:alice@192.0.2.3"] <= 500, f"the header counts where there is no parameter: {got}")
    equal(len(phone.bindings()), 3, "bindings in an answer to a query")


def test_one_contact_goes(env):
    phone = Phone(env)
    phone.register("<sip:alice@192.0.2.1>", "<sip:alice@192.0.2.2>")
    equal(sorted(phone.bindings(phone.register("<sip:alice@192.0.2.1>;expires=0"))), ["sip:alice@192.0.2.2"],
          "what is left")


def test_all_go_with_the_wildcard(env):
    phone = Phone(env)
    phone.register("<sip:alice@192.0.2.1>", "<sip:alice@192.0.2.2>")
    equal(phone.bindings(phone.register("*", Expires="0")), {}, "what is left")


def test_they_expire(env):
    phone = Phone(env, modparams=[("registrar", "min_expires", 1)])
    equal(len(phone.bindings(phone.register("<sip:alice@192.0.2.1>;expires=1", "<sip:alice@192.0.2.2>"))), 2,
          "the bindings")
    time.sleep(2)
    equal(sorted(phone.bindings()), ["sip:alice@192.0.2.2"], "what is left")


def test_refused(env):
    phone = Phone(env)
    first = phone.register("<sip:alice@192.0.2.1>")
    again = phone.ua.transact(phone.sent, phone.server)
    equal((again.code, again.get("To"), again.all("Contact")), (200, first.get("To"), first.all("Contact")),
          "what is no new request but a retransmission")
    equal(phone.register("*", Expires="60").code, 400, "a wildcard that is not to expire")
    equal(phone.register("*", "<sip:alice@192.0.2.9>", Expires="0").code, 400, "a wildcard beside a contact")
    equal(phone.register("<sip:alice@192.0.2.9").code, 400, "a broken contact")
    brief = phone.register("<sip:alice@192.0.2.8>;expires=1")
    check(brief.code in (200, 423), f"a very short registration got {brief.code}")
    check(brief.code == 200 or brief.get("Min-Expires"), "423 without Min-Expires")
    check("sip:alice@192.0.2.9" not in phone.bindings(), "a refused contact was stored")
    phone.cseq = 0
    check(phone.register("<sip:alice@192.0.2.1>").code in (400, 500), "an old CSeq of the same Call-ID")


def test_too_many_contacts(env):
    """No more than registrar's max_contacts of one user, and no more than tm's max_branches of one request."""
    phone = Phone(env)
    answers = [phone.register(f"<sip:alice@192.0.2.{i}>").code for i in range(1, 15)]
    equal(answers[:10], [200] * 10, "the first ten")
    check(all(code >= 400 for code in answers[10:]), f"more than ten contacts: {answers}")
    equal(len(phone.bindings()), 10, "the bindings")
