// The first that runs, before the rest has come: who one is and what one wants to see stand in the address. The
// gateway takes as long to get to know as the page's other files take to come, so it is spoken to at once; and REST
// answers before the gateway does. app.js takes both over.

import { Api, INCIDENTS } from "./api.js";
import { gatewayOf } from "./gateway.js";
import { whereAmI } from "./people.js";

const { person, channel } = whereAmI();
gatewayOf(person.token);
globalThis.firstView = firstView(new Api(person.token), channel ?? INCIDENTS).catch(() => null); // then the gateway tells

// What can be read before the gateway has said anything.
async function firstView(api, channel) {
  const [channels, messages] = await Promise.all([api.channels(), api.messages(channel)]);
  return { token: person.token, channel, channels, messages };
}
