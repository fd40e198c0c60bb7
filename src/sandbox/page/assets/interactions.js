// Starting an interaction as Discord's client does, and learning what became of it: each carries a nonce,
// and the gateway answers with it. Every promise here is kept, at the latest when Discord would give up.

import { APPLICATION, GUILD, nonce } from "./api.js";

const SLASH = 2;
const COMPONENT = 3;
const AUTOCOMPLETE = 4;
const MODAL = 5;
const GIVE_UP_MS = 6000; // the bot has 3 s; the rest is for the way
const COMPLETION_MS = 3000;
const SILENT = "Muster did not respond.";

export class Interactions {
  constructor(api, store) {
    this.api = api;
    this.store = store;
    this.waiting = new Map(); // nonce → how to settle it
  }

  start(type, channel, data, more = {}, id = nonce()) {
    return new Promise((resolve) => {
      const settle = (outcome) => {
        if (this.waiting.delete(id)) resolve(outcome);
      };
      this.waiting.set(id, settle);
      setTimeout(() => settle({ ok: false, reason: SILENT }), type === AUTOCOMPLETE ? COMPLETION_MS : GIVE_UP_MS);
      const body = { type, application_id: APPLICATION, guild_id: GUILD, channel_id: channel, session_id: this.store.session, nonce: id, data, ...more };
      if (this.store.channels.get(channel)?.type === 1) delete body.guild_id;
      this.api.interact(body).catch((error) => settle({ ok: false, reason: error.message }));
    });
  }

  slash(channel, data, id) {
    return this.start(SLASH, channel, data, {}, id);
  }

  // A command of a message's menu.
  onMessage(command, message) {
    return this.start(SLASH, message.channel_id, { id: command.id, version: command.version, name: command.name, type: command.type, target_id: message.id });
  }

  component(message, data) {
    return this.start(COMPONENT, message.channel_id, data, { message_id: message.id, message_flags: message.flags ?? 0 });
  }

  submit(modal, components) {
    return this.start(MODAL, modal.channel_id, { id: modal.id, custom_id: modal.custom_id, components });
  }

  // The choices, or none if the bot has none to offer in time.
  async complete(channel, data) {
    const outcome = await this.start(AUTOCOMPLETE, channel, data);
    return outcome.choices ?? [];
  }

  handle(type, data) {
    const settle = this.waiting.get(String(data?.nonce));
    if (type === "INTERACTION_SUCCESS") settle?.({ ok: true });
    if (type === "INTERACTION_FAILURE") settle?.({ ok: false, reason: SILENT });
    if (type === "APPLICATION_COMMAND_AUTOCOMPLETE_RESPONSE") settle?.({ ok: true, choices: data.choices ?? [] });
    if (type === "INTERACTION_MODAL_CREATE") {
      settle?.({ ok: true });
      this.store.emit("modal", data);
    }
  }
}
