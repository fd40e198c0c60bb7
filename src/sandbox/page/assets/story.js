// The tour: one incident in eight steps, as data. How a step is recognised:
//   service    a practice service that is broken;
//   event      an event of the journal with this name; `where` narrows it by places in it;
//   cause      what a commit says led to it, from its beginning; `event` where both are needed.
// Only what happens after the step before it counts, except where a later step already happened.

const RUN = "plan.action";

export const STORY = [
  {
    id: "break", title: "Break something",
    text: "Soundlab's new release cannot load its presets. Let it happen: press the button here, or break it under Backstage, Services.",
    act: { service: "soundlab", fault: "bad-release", label: "Break soundlab" },
    seen: { service: "soundlab" },
  },
  {
    id: "triage", title: "Say that something is wrong", as: "responder",
    text: "Declare an incident. A card appears in #incidents, with a thread to work in.",
    command: "/incident declare title:Soundlab has no presets severity:P2 service:soundlab",
    seen: { event: "incident-declared" },
  },
  {
    id: "health", title: "Look", as: "responder",
    text: "Ask the service's own runbook what is wrong: every check, what it expected and what came.",
    command: "/health service:soundlab",
    seen: { event: "check-asked" },
  },
  {
    id: "rollback", title: "Roll back", as: "responder",
    text: "/readyz answers 503. Put the release before back. That is risky, so somebody else has to agree.",
    command: "/rollback service:soundlab",
    seen: { event: "run-asked", where: { [RUN]: "rollback" } },
  },
  {
    id: "approve", title: "Let somebody else agree", as: "approver",
    text: "Who asks may not agree. Be the approver in a second window, and press Approve below the card.",
    seen: { event: "run-agreed" },
  },
  {
    id: "verify", title: "See that it worked", as: "responder",
    text: "Each step reports with its time, against two minutes. When the run is done, ask again how soundlab is.",
    command: "/health service:soundlab",
    after: { event: "run-ended" },
    seen: { event: "check-asked" },
  },
  {
    id: "resolve", title: "Say that it is over", as: "responder",
    text: "The card turns green. Everything that happened stands in the timeline already.",
    command: "/incident resolve how:rolled back to the release before",
    seen: { event: "incident-resolved" },
  },
  {
    id: "report", title: "Read the report", as: "responder",
    text: "It was written from the timeline, by itself. It is in #incident-reports.",
    channel: "incident-reports",
    seen: { channel: "incident-reports" },
  },
];
