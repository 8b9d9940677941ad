// A telephone for the test to use: what happens is written down, and can be waited for.
const seen = [];
const waiting = [];
let ua, session;

function note(event) {
  seen.push(event);
  for (const one of waiting.splice(0)) one();
}

// Resolves when the event has happened; each is waited for once.
async function happened(event) {
  while (!seen.includes(event)) await new Promise((resolve) => waiting.push(resolve));
  seen.splice(seen.indexOf(event), 1);
  return event;
}

const media = { mediaConstraints: { audio: true, video: false }, pcConfig: { iceServers: [] } };

function follow(one) {
  session = one;
  for (const event of ["progress", "accepted", "confirmed"]) one.on(event, () => note(event));
  one.on("ended", ({ originator }) => note(`ended by ${originator}`));
  one.on("failed", ({ originator, cause }) => note(`failed by ${originator}: ${cause}`));
}

const phone = {
  start(server, uri) {
    ua = new JsSIP.UA({ sockets: [new JsSIP.WebSocketInterface(server)], uri, session_timers: false });
    ua.on("registered", () => note("registered"));
    ua.on("unregistered", () => note("unregistered"));
    ua.on("registrationFailed", ({ cause }) => note(`not registered: ${cause}`));
    ua.on("disconnected", () => note("disconnected"));
    ua.on("newRTCSession", ({ originator, session }) => {
      follow(session);
      if (originator === "remote") note("called");
    });
    ua.start();
  },
  call: (target) => void ua.call(target, media),
  answer: () => session.answer(media),
  hang_up: () => session.terminate(),
  stop: () => ua.stop(),
};
