// One connection to the gateway, kept up: HELLO, IDENTIFY or RESUME, heartbeats, and coming back after
// the server was away. It knows opcodes and sequence numbers, and nothing of what the events mean.

const OP = { dispatch: 0, heartbeat: 1, identify: 2, resume: 6, reconnect: 7, invalid: 9, hello: 10, ack: 11 };
// What Discord closes with when trying again cannot help.
const FATAL = new Map([[4004, "The sandbox does not know this person's token."], [4010, "Invalid shard."], [4011, "Sharding required."], [4012, "Invalid gateway version."], [4013, "Invalid intents."], [4014, "Disallowed intents."]]);
// After these the session is gone: identify again.
const FORGET = new Set([1000, 1001, 4003, 4007, 4009]);

// This window's connection for that person: whichever script needs it first begins it.
export function gatewayOf(token) {
  if (globalThis.gateway?.token !== token) {
    globalThis.gateway = new Gateway(token);
    globalThis.gateway.connect();
  }
  return globalThis.gateway;
}

class Gateway {
  constructor(token) {
    this.token = token;
    this.heard = []; // while nobody listens
    this.session = null;
    this.sequence = null;
    this.failures = 0;
  }

  // on.dispatch(type, data), on.state("connecting" | "up" | "down" | "refused", detail); what was heard before comes first.
  listen(on) {
    this.on = on;
    for (const [what, ...about] of this.heard.splice(0)) on[what](...about);
  }

  tell(what, ...about) {
    if (this.on) this.on[what](...about);
    else this.heard.push([what, ...about]);
  }

  connect() {
    clearTimeout(this.again);
    this.tell("state", "connecting");
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/gateway?v=10&encoding=json`);
    this.socket = socket;
    socket.onmessage = ({ data }) => {
      if (socket === this.socket) this.receive(JSON.parse(data));
    };
    socket.onclose = ({ code }) => {
      if (socket === this.socket) this.closed(code);
    };
  }

  send(op, d) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify({ op, d }));
  }

  receive({ op, d, s, t }) {
    if (s !== null && s !== undefined) this.sequence = s;
    if (op === OP.hello) this.hello(d);
    else if (op === OP.heartbeat) this.beat();
    else if (op === OP.ack) this.acknowledged = true;
    else if (op === OP.reconnect) this.socket.close(4000);
    else if (op === OP.invalid) this.invalid(d);
    else if (op === OP.dispatch) this.dispatch(t, d);
  }

  hello({ heartbeat_interval }) {
    this.acknowledged = true;
    const tick = () => {
      if (!this.acknowledged) return this.socket.close(4000); // it is no longer listening
      this.acknowledged = false;
      this.beat();
      this.heart = setTimeout(tick, heartbeat_interval);
    };
    this.heart = setTimeout(tick, heartbeat_interval * Math.random());
    if (this.session) this.send(OP.resume, { token: this.token, session_id: this.session, seq: this.sequence });
    else this.identify();
  }

  beat() {
    this.send(OP.heartbeat, this.sequence);
  }

  identify() {
    this.sequence = null;
    this.send(OP.identify, { token: this.token, properties: { os: "", browser: "Muster sandbox", device: "" } });
  }

  invalid(resumable) {
    if (!resumable) this.forget();
    if (this.session) this.send(OP.resume, { token: this.token, session_id: this.session, seq: this.sequence });
    else this.identify();
  }

  dispatch(type, data) {
    if (type === "READY") this.session = data.session_id;
    if (type === "READY" || type === "RESUMED") {
      this.failures = 0;
      this.tell("state", "up");
    }
    this.tell("dispatch", type, data);
  }

  forget() {
    this.session = null;
    this.sequence = null;
  }

  closed(code) {
    clearTimeout(this.heart);
    if (FATAL.has(code)) return this.tell("state", "refused", FATAL.get(code));
    if (FORGET.has(code)) this.forget();
    // A server that was started again knows nothing of the session; it says so, and we identify.
    const delay = Math.min(10000, 400 * 2 ** this.failures) * (0.75 + Math.random() / 2);
    this.failures += 1;
    this.tell("state", "down", Date.now() + delay);
    this.again = setTimeout(() => this.connect(), delay);
  }
}
