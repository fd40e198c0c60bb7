//! The files that the page is made of, built into the program. `join` makes of them what is served.

pub(super) const HTML: &str = "text/html; charset=utf-8";
pub(super) const CSS: &str = "text/css; charset=utf-8";
pub(super) const JS: &str = "text/javascript; charset=utf-8";
pub(super) const SVG: &str = "image/svg+xml";

/// Name, content type, content.
pub(super) const FILES: &[(&str, &str, &str)] = &[
    ("icon.svg", SVG, include_str!("assets/icon.svg")),
    ("composer.css", CSS, include_str!("assets/composer.css")),
    ("layout.css", CSS, include_str!("assets/layout.css")),
    ("message.css", CSS, include_str!("assets/message.css")),
    ("panel.css", CSS, include_str!("assets/panel.css")),
    ("tour.css", CSS, include_str!("assets/tour.css")),
    ("api.js", JS, include_str!("assets/api.js")),
    ("app.js", JS, include_str!("assets/app.js")),
    ("backstage.js", JS, include_str!("assets/backstage.js")),
    ("channels.js", JS, include_str!("assets/channels.js")),
    ("clock.js", JS, include_str!("assets/clock.js")),
    ("commandline.js", JS, include_str!("assets/commandline.js")),
    ("commands.js", JS, include_str!("assets/commands.js")),
    ("components.js", JS, include_str!("assets/components.js")),
    ("composer.js", JS, include_str!("assets/composer.js")),
    ("dom.js", JS, include_str!("assets/dom.js")),
    ("drawers.js", JS, include_str!("assets/drawers.js")),
    ("early.js", JS, include_str!("assets/early.js")),
    ("embed.js", JS, include_str!("assets/embed.js")),
    ("gateway.js", JS, include_str!("assets/gateway.js")),
    ("interactions.js", JS, include_str!("assets/interactions.js")),
    ("journal.js", JS, include_str!("assets/journal.js")),
    ("markdown.js", JS, include_str!("assets/markdown.js")),
    ("menu.js", JS, include_str!("assets/menu.js")),
    ("message.js", JS, include_str!("assets/message.js")),
    ("modal.js", JS, include_str!("assets/modal.js")),
    ("news.js", JS, include_str!("assets/news.js")),
    ("panel.js", JS, include_str!("assets/panel.js")),
    ("people.js", JS, include_str!("assets/people.js")),
    ("picker.js", JS, include_str!("assets/picker.js")),
    ("services.js", JS, include_str!("assets/services.js")),
    ("store.js", JS, include_str!("assets/store.js")),
    ("story.js", JS, include_str!("assets/story.js")),
    ("suggest.js", JS, include_str!("assets/suggest.js")),
    ("time.js", JS, include_str!("assets/time.js")),
    ("timeline.js", JS, include_str!("assets/timeline.js")),
    ("tour.js", JS, include_str!("assets/tour.js")),
    ("weather.js", JS, include_str!("assets/weather.js")),
];
