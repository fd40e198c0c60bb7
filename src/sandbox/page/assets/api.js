// Discord's REST interface as its own client uses it: a user's token, JSON, and errors as sentences.

export const APPLICATION = "1100000000000000001";
// Messages that are asked for at once; fewer are the first of all.
export const PAGE = 100;
// Its first channel: what one sees who does not say where to go.
export const INCIDENTS = "1100000000000000030";
export const GUILD = "1100000000000000010";

export class ApiError extends Error {
  constructor(message, status, code) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export class Api {
  constructor(token) {
    this.token = token;
  }

  async ask(method, path, body, tries = 3) {
    const headers = { authorization: this.token };
    if (body !== undefined) headers["content-type"] = "application/json";
    let response;
    try {
      response = await fetch(`/api/v10${path}`, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
    } catch {
      throw new ApiError("The sandbox does not answer. Is it still running?", 0, 0);
    }
    if (response.status === 204) return null;
    const answer = await response.json().catch(() => null);
    if (response.status === 429 && tries > 1) {
      await wait(1000 * Math.min(Number(answer?.retry_after) || 1, 10));
      return this.ask(method, path, body, tries - 1);
    }
    if (!response.ok) throw new ApiError(answer?.message || `${method} ${path} was answered ${response.status}`, response.status, answer?.code);
    return answer;
  }

  channels() {
    return this.ask("GET", `/guilds/${GUILD}/channels`);
  }

  threads() {
    return this.ask("GET", `/guilds/${GUILD}/threads/active`);
  }

  roles() {
    return this.ask("GET", `/guilds/${GUILD}/roles`);
  }

  messages(channel, before) {
    return this.ask("GET", `/channels/${channel}/messages?limit=${PAGE}${before ? `&before=${before}` : ""}`);
  }

  commands() {
    return this.ask("GET", `/guilds/${GUILD}/application-command-index`);
  }

  say(channel, content, nonce) {
    return this.ask("POST", `/channels/${channel}/messages`, { content, nonce });
  }

  interact(interaction) {
    return this.ask("POST", "/interactions", interaction, 1);
  }
}

const EPOCH = 1420070400000n;
let counter = 0n;

// An id of the kind Discord's client makes up for a message that it is about to send.
export function nonce() {
  counter = (counter + 1n) % 4096n;
  return String(((BigInt(Date.now()) - EPOCH) << 22n) + counter);
}

export const timeOf = (id) => Number((BigInt(id) >> 22n) + EPOCH);
