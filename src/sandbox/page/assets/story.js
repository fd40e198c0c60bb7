// The tour: one incident in eight steps, as data. A step has one part or more; each says what to do and how it is
// recognised once it is done, whoever did it and however (`as` says who is meant to):
//   { service }        that practice service is broken;
//   { event, where }   a commit of the journal holds this event; `where` narrows it by places in it;
//   { channel }        that channel is open.

export const STORY = [
  {
    id: "break", title: "Break something",
    parts: [{
      text: "Soundlab's new release cannot load its presets. Let it happen: press the button here, or break it under Backstage, Services.",
      act: { service: "soundlab", fault: "bad-release", label: "Break soundlab" },
      seen: { service: "soundlab" },
    }],
  },
  {
    id: "triage", title: "Say that something is wrong",
    parts: [{
      text: "Three answers give a level, with its reason, and by when somebody should respond. In doubt they count as the worse.",
      as: "responder", command: "/triage what:Nobody can load a preset users:many feature:core data:no service:soundlab",
      seen: { event: "triage-asked" },
    }, {
      text: "Nothing is opened by itself. Press “Open incident” below the answer: a card appears, with a thread to work in.",
      as: "responder", seen: { event: "incident-declared" },
    }],
  },
  {
    id: "health", title: "Look",
    parts: [{
      text: "Ask the service's own runbook what is wrong: every check, what it expected and what came.",
      as: "responder", command: "/health service:soundlab",
      seen: { event: "check-asked" },
    }],
  },
  {
    id: "rollback", title: "Roll back",
    parts: [{
      text: "/readyz answers 503. Put the release before back. That is risky, so somebody else has to agree.",
      as: "responder", command: "/rollback service:soundlab",
      seen: { event: "run-asked", where: { "plan.action": "rollback" } },
    }],
  },
  {
    id: "approve", title: "Let somebody else agree",
    parts: [{
      text: "Who asks may not agree. Be the approver, in a second window, and press Approve below the card.",
      as: "approver", seen: { event: "run-agreed" },
    }],
  },
  {
    id: "verify", title: "See that it worked",
    parts: [{
      text: "The run is under way: each step reports with its time, against two minutes.",
      seen: { event: "run-ended" },
    }, {
      text: "The run is over. Ask once more how soundlab is.",
      as: "responder", command: "/health service:soundlab",
      seen: { event: "check-asked" },
    }],
  },
  {
    id: "resolve", title: "Say that it is over",
    parts: [{
      text: "The card turns green. Everything that happened stands in the timeline already.",
      as: "responder", command: "/incident resolve how:Rolled back to the release before",
      seen: { event: "incident-resolved" },
    }],
  },
  {
    id: "report", title: "Write it up, and let it be published",
    parts: [{
      text: "The report writes itself from the timeline. What no machine knows is missing: why it happened, and what you do otherwise next time.",
      as: "responder", command: "/report write root-cause:The new release cannot load its presets lessons:Try a release with real presets before it is deployed",
      seen: { event: "report-written" },
    }, {
      text: "Somebody else reads it and publishes it: be the approver, and publish.",
      as: "approver", command: "/report publish",
      seen: { event: "report-published" },
    }, {
      text: "There it is, with a picture of what happened when.",
      channel: "incident-reports",
      seen: { channel: "incident-reports" },
    }],
  },
];
