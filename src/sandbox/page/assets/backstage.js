// What stands behind the practice Discord, the side panel and the tour: made once there is a channel to read.

import { ClockFace } from "./clock.js";
import { Journal } from "./journal.js";
import { News } from "./news.js";
import { Panel } from "./panel.js";
import { Services } from "./services.js";
import { Tour } from "./tour.js";
import { Weather } from "./weather.js";

// `parts` is what the tour needs of everything else; answers the tour.
export function makeBackstage(parts) {
  const services = new Services();
  const news = new News();
  new Panel([
    { id: "services", label: "Services", node: services.node },
    { id: "discord", label: "Discord", node: new Weather(news).node },
    { id: "clock", label: "Clock", node: new ClockFace(news).node },
    { id: "journal", label: "Journal", node: new Journal(news).node },
  ]);
  const tour = new Tour({ services, news, ...parts });
  services.start();
  news.connect();
  return tour;
}
