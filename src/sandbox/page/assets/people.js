// The four people one can be. Who it is stands in the address (#approver/…), so that two windows can be
// two people, and a reload stays who it was.

import { avatar, h, replace } from "./dom.js";

export const PEOPLE = [
  { key: "responder", id: "1100000000000000040", about: "declares, runs, resolves" },
  { key: "approver", id: "1100000000000000041", about: "approves what is risky" },
  { key: "lead", id: "1100000000000000042", about: "is told, decides" },
  { key: "onlooker", id: "1100000000000000043", about: "has no rights" },
].map((person) => ({ ...person, token: `sandbox.user.${person.key}` }));

export function whereAmI() {
  const [key, channel] = location.hash.slice(1).split("/");
  const person = PEOPLE.find((person) => person.key === key) ?? PEOPLE[0];
  return { person, channel: channel || null };
}

// A window has its person's name, so that “in a second window” finds one that is open already.
export const windowOf = (person) => `muster-${person.key}`;

export const address = (person, channel) => `#${person.key}${channel ? `/${channel}` : ""}`;

// Draws the choice; a choice goes through the address, as typing one there does.
export function drawPeople(node, me, currentChannel) {
  const rows = PEOPLE.map((person) => {
    const choose = () => { location.hash = address(person, currentChannel()); };
    // The other window opens where this one is.
    const here = (event) => { event.currentTarget.href = address(person, currentChannel()); };
    return h("div", { class: "person" },
      h("label", { title: person.about },
        h("input", { type: "radio", name: "person", value: person.key, checked: person === me, onchange: choose }),
        avatar({ id: person.id, username: person.key }, "small"),
        h("span", {}, person.key)),
      h("a", { href: address(person), onclick: here, onauxclick: here, target: windowOf(person), rel: "opener", class: "second", "aria-label": `Be the ${person.key} in a second window`, title: "In a second window" }, "↗"));
  });
  replace(node, h("fieldset", {}, h("legend", {}, "You are the"), rows));
}
