//! What the picture shows, as shapes and words with their places: phases, severity, runs, marks,
//! and the axis below. Nothing stands on anything else, however much happened.

use chrono_tz::Tz;

use super::font::Fonts;
use super::lanes::{self, Form, bundled};
use super::{axis, fired, labelled, span, standing};
use crate::core::alerts::lines::AlertSpan;
use crate::core::history::{History, RunSpan, Turn};
use crate::kit::text;
use crate::kit::time::{Timestamp, spoken};
use crate::model::incident::{Severity, Status};
use crate::model::run::RunEnd;
use crate::render::report::{DRILL, offset};

/// Where words begin, and where a line of them stands on its base line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Anchor {
    /// At this point.
    Start,
    /// Half of it before this point.
    Middle,
    /// All of it before this point.
    End,
}

/// Something that is drawn.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)] // places and sizes in the scene's units, colours as 0xRRGGBB
pub enum Shape {
    /// A rectangle, its corners rounded.
    Box { x: f32, y: f32, w: f32, h: f32, round: f32, colour: u32 },
    /// A mark.
    Mark { x: f32, y: f32, r: f32, form: Form, colour: u32 },
    /// Words.
    Words { x: f32, y: f32, size: f32, bold: bool, anchor: Anchor, colour: u32, words: String },
}

/// A picture before it has pixels.
#[derive(Clone, Debug, PartialEq)]
pub struct Scene {
    /// How wide, in units.
    pub width: f32,
    /// How high.
    pub height: f32,
    /// What is drawn, the lowest first.
    pub shapes: Vec<Shape>,
}

const WIDTH: f32 = 1_000.0;
const MARGIN: f32 = 28.0;
/// Where time begins: what stands before it are the names of the lanes.
const LEFT: f32 = 140.0;
const RIGHT: f32 = WIDTH - MARGIN - 14.0;
const BAR: f32 = 30.0;
const GAP: f32 = 14.0;
/// Rows of runs; more of them are counted.
const ROWS: usize = 6;
/// Pixels that marks keep from each other: two that are full stand side by side.
const APART: f32 = 24.0;
/// Ticks of the axis.
const TICKS: i64 = 9;

const INK: u32 = 0x1F_24_30;
const SOFT: u32 = 0x5B_64_72;
const FAINT: u32 = 0xE4_E7_EC;
const WHITE: u32 = 0xFF_FF_FF;
const GREEN: u32 = 0x2D_9D_5B;
const RED: u32 = 0xC9_30_38;
const BLUE: u32 = 0x2F_6D_C4;
const PURPLE: u32 = 0x7A_4F_B0;
const AMBER: u32 = 0xA8_5D_0A;
const TEAL: u32 = 0x11_79_80;

/// Lays a picture out.
pub fn scene(h: &History, tz: Tz) -> Scene {
    let (from, to) = span(h);
    let mut easel = Easel { fonts: Fonts::load(), shapes: vec![], from, to };
    let mut y = easel.head(h, tz);
    let top = y;
    y = easel.phases(h, y);
    y = easel.severities(h, y);
    y = easel.alerts(h, y);
    y = easel.runs(h, y);
    y = easel.marks(h, y);
    let height = easel.axis(tz, top, y);
    // The lines of the axis lie below everything.
    easel.shapes.sort_by_key(|s| !matches!(s, Shape::Box { colour: FAINT, .. }));
    Scene { width: WIDTH, height, shapes: easel.shapes }
}

struct Easel {
    fonts: Fonts,
    shapes: Vec<Shape>,
    from: Timestamp,
    to: Timestamp,
}

impl Easel {
    fn x(&self, at: Timestamp) -> f32 {
        let part = (at.0 - self.from.0) as f64 / (self.to.0 - self.from.0) as f64;
        LEFT + (RIGHT - LEFT) * part.clamp(0.0, 1.0) as f32
    }

    fn box_(&mut self, x: f32, y: f32, w: f32, h: f32, round: f32, colour: u32) {
        self.shapes.push(Shape::Box { x, y, w, h, round, colour });
    }

    fn words(&mut self, at: (f32, f32), (size, bold): (f32, bool), anchor: Anchor, colour: u32, words: &str) {
        let (x, y) = at;
        self.shapes.push(Shape::Words { x, y, size, bold, anchor, colour, words: words.to_owned() });
    }

    /// The name of a lane, at the height of a bar that begins at `y`.
    fn lane(&mut self, y: f32, name: &str) {
        self.words((MARGIN, y + BAR / 2.0 + 5.5), (15.0, false), Anchor::Start, SOFT, name);
    }

    /// Title, and below it what a reader wants first.
    fn head(&mut self, h: &History, tz: Tz) -> f32 {
        let c = &h.card;
        let mut y = 26.0;
        if c.drill {
            self.box_(0.0, 0.0, WIDTH, 34.0, 0.0, PURPLE);
            self.words((MARGIN, 23.0), (16.0, true), Anchor::Start, WHITE, DRILL);
            y += 34.0;
        }
        let title = format!("{} · {}", c.id, text::line(&c.title));
        let title = self.fonts.fitting(&title, 24.0, true, WIDTH - 2.0 * MARGIN);
        self.words((MARGIN, y + 20.0), (24.0, true), Anchor::Start, INK, &title);
        let stands = match c.phase.end() {
            Some((when, _)) => format!("resolved after {}", spoken(when.at.since(c.declared.at))),
            None => "ongoing".to_owned(),
        };
        let day = c.declared.at.utc().with_timezone(&tz).format("%-d %B %Y");
        let zone = offset(c.declared.at, tz);
        let below = format!("{} · {stands} · {day} · times in {tz} ({zone})", c.severity.in_words());
        let below = self.fonts.fitting(&below, 15.0, false, WIDTH - 2.0 * MARGIN);
        self.words((MARGIN, y + 46.0), (15.0, false), Anchor::Start, SOFT, &below);
        y + 72.0
    }

    /// Bars that follow each other, each with its words where they fit.
    fn bars(&mut self, y: f32, bars: &[(Timestamp, Timestamp, u32, u32, String)]) {
        for (from, to, colour, ink, words) in bars {
            let (x, end) = (self.x(*from), self.x(*to));
            // A hair between two, and never so thin that it is not seen.
            let w = (end - x - 1.5).max(2.0);
            self.box_(x, y, w, BAR, 4.0, *colour);
            let fits = self.fonts.fitting(words, 14.0, false, w - 12.0);
            // A stump of a word says less than none.
            if fits.chars().count() >= 3 {
                self.words((x + 7.0, y + BAR / 2.0 + 5.0), (14.0, false), Anchor::Start, *ink, &fits);
            }
        }
    }

    fn until(&self, course: &[Turn], at: usize, h: &History) -> Timestamp {
        let end = h.card.phase.end().map_or(self.to, |(when, _)| when.at);
        course.get(at + 1).map_or(end, |next| next.at)
    }

    fn phases(&mut self, h: &History, y: f32) -> f32 {
        let mut course = h.course.clone();
        course.dedup_by_key(|t| t.status);
        let bars: Vec<_> = (0..course.len())
            .filter(|at| course[*at].status.is_some() || *at + 1 < course.len())
            .map(|at| {
                let turn = course[at];
                let colour = match turn.status {
                    Some(Status::Investigating) => 0xF6_BF_BB,
                    Some(Status::Identified) => 0xF8_DA_95,
                    Some(Status::Monitoring) => 0xAF_D6_F5,
                    None => 0xC3_E6_CD,
                };
                (turn.at, self.until(&course, at, h), colour, INK, standing(turn.status).to_owned())
            })
            .collect();
        self.lane(y, "Phases");
        self.bars(y, &bars);
        y + BAR + GAP
    }

    fn severities(&mut self, h: &History, y: f32) -> f32 {
        let mut course: Vec<Turn> = h.course.clone();
        // After the end nothing is bad any more.
        course.retain(|t| t.status.is_some());
        course.dedup_by_key(|t| t.severity);
        let bars: Vec<_> = (0..course.len())
            .map(|at| {
                let (colour, ink) = match course[at].severity {
                    Severity::P1 => (RED, WHITE),
                    Severity::P2 => (0xF0_A3_5A, INK),
                    Severity::P3 => (0xF2_D9_7A, INK),
                    Severity::P4 => (0xB9_D2_F3, INK),
                };
                let words = course[at].severity.in_words().to_owned();
                (course[at].at, self.until(&course, at, h), colour, ink, words)
            })
            .collect();
        self.lane(y, "Severity");
        self.bars(y, &bars);
        y + BAR + GAP
    }

    fn runs(&mut self, h: &History, y: f32) -> f32 {
        let bar = |run: &RunSpan| Bar {
            from: run.from,
            end: run.end.as_ref().map(|(at, _)| *at),
            label: labelled(run),
            colour: match run.end.as_ref().map(|(_, how)| how) {
                None => BLUE,
                Some(RunEnd::Passed) => GREEN,
                Some(RunEnd::Failed { .. }) => RED,
                Some(RunEnd::Undone { .. }) => PURPLE,
                Some(_) => SOFT,
            },
        };
        let bars: Vec<Bar> = h.runs.iter().map(bar).collect();
        self.rows("Runs", &bars, "more runs, which the report lists", y)
    }

    /// Alerts from their beginning to their end.
    fn alerts(&mut self, h: &History, y: f32) -> f32 {
        let bar = |alert: &AlertSpan| Bar {
            from: alert.from,
            end: alert.over,
            label: fired(alert),
            colour: if alert.over.is_some() { AMBER } else { RED },
        };
        let bars: Vec<Bar> = h.alerts.iter().map(bar).collect();
        self.rows("Alerts", &bars, "more alerts, which the timeline names", y)
    }

    /// Each bar in the first row in which it and its words have room; those that have none are
    /// counted.
    fn rows(&mut self, name: &str, bars: &[Bar], more: &str, y: f32) -> f32 {
        if bars.is_empty() {
            return y;
        }
        self.lane(y, name);
        let (mut rows, mut left): (Vec<Vec<(f32, f32)>>, usize) = (vec![], 0);
        for bar in bars {
            let placed = self.place(bar);
            let free = |row: &Vec<(f32, f32)>| row.iter().all(|(a, b)| placed.to <= *a || *b <= placed.from);
            let row = match rows.iter().position(free) {
                Some(row) => row,
                None if rows.len() < ROWS => {
                    rows.push(vec![]);
                    rows.len() - 1
                }
                None => {
                    left += 1;
                    continue;
                }
            };
            rows[row].push((placed.from, placed.to));
            let top = y + row as f32 * (BAR + 6.0);
            self.box_(placed.bar.0, top, placed.bar.1, BAR, 4.0, bar.colour);
            let base = top + BAR / 2.0 + 5.0;
            self.words((placed.words.0, base), (14.0, false), placed.words.1, placed.words.2, &placed.label);
        }
        let mut y = y + rows.len() as f32 * (BAR + 6.0) - 6.0 + GAP;
        if left > 0 {
            let more = format!("and {left} {more}");
            self.words((LEFT, y + 2.0), (14.0, false), Anchor::Start, SOFT, &more);
            y += 14.0 + GAP;
        }
        y
    }

    /// Where a bar and its words stand: the words in it, else beside it where there is room.
    fn place(&self, bar: &Bar) -> Placed {
        let x = self.x(bar.from);
        let w = (self.x(bar.end.unwrap_or(self.to)) - x).max(6.0).min(WIDTH - MARGIN - x);
        let label = self.fonts.fitting(&bar.label, 14.0, false, (RIGHT - LEFT) * 0.7);
        let width = self.fonts.width(&label, 14.0, false);
        let (mut from, mut to) = (x, x + w);
        let words = if width + 14.0 <= w {
            (x + 7.0, Anchor::Start, WHITE)
        } else if to + 7.0 + width <= WIDTH - MARGIN {
            to += 7.0 + width;
            (x + w + 7.0, Anchor::Start, INK)
        } else {
            from -= 7.0 + width;
            (x - 7.0, Anchor::End, INK)
        };
        Placed { from: from - 8.0, to: to + 8.0, bar: (x, w), words, label }
    }

    /// A lane of marks for each kind; where there are too many, a mark with their number.
    fn marks(&mut self, h: &History, mut y: f32) -> f32 {
        for lane in lanes::of(h) {
            self.lane(y, lane.name);
            let middle = y + BAR / 2.0;
            let colour = match lane.form {
                Form::Diamond => BLUE,
                Form::Circle => SOFT,
                Form::Square => PURPLE,
                Form::Triangle => TEAL,
            };
            // What changed before anything happened has no place on the axis.
            let marks = lane.marks.iter().filter(|at| **at >= self.from);
            let xs: Vec<f32> = marks.map(|at| self.x(*at)).collect();
            for bundle in bundled(xs, APART) {
                let words = counted(bundle.count);
                let r = if bundle.count == 1 { 6.0 } else { 11.0 };
                self.shapes.push(Shape::Mark { x: bundle.x, y: middle, r, form: lane.form, colour });
                if bundle.count > 1 {
                    let size = if words.len() > 2 { 8.5 } else { 11.0 };
                    let at = (bundle.x, middle + size * 0.36);
                    self.words(at, (size, true), Anchor::Middle, WHITE, &words);
                }
            }
            y += BAR + 4.0;
        }
        y + GAP - 4.0
    }

    /// The lines of the axis and its words; gives how high the picture is.
    fn axis(&mut self, tz: Tz, top: f32, bottom: f32) -> f32 {
        for tick in axis::ticks(self.from, self.to, tz, TICKS) {
            let x = self.x(tick.at);
            self.box_(x - 0.5, top - 8.0, 1.0, bottom - top + 8.0, 0.0, FAINT);
            let mut y = bottom + 18.0;
            if !tick.clock.is_empty() {
                self.words((x, y), (14.0, false), Anchor::Middle, INK, &tick.clock);
                y += 18.0;
            }
            if let Some(day) = tick.day {
                self.words((x, y), (13.0, false), Anchor::Middle, SOFT, &day);
            }
        }
        self.box_(LEFT, bottom, RIGHT - LEFT, 1.5, 0.0, SOFT);
        bottom + 36.0 + 20.0
    }
}

struct Placed {
    /// What it takes of a row.
    from: f32,
    to: f32,
    /// Where its bar begins, and how wide it is.
    bar: (f32, f32),
    /// Where its words stand, to which side of that, and in which colour.
    words: (f32, Anchor, u32),
    label: String,
}

/// Something that lasts, with its words.
struct Bar {
    from: Timestamp,
    end: Option<Timestamp>,
    label: String,
    colour: u32,
}

/// A number that fits into a mark.
fn counted(n: usize) -> String {
    match n {
        0..1_000 => n.to_string(),
        1_000..100_000 => format!("{}k", n / 1_000),
        _ => "…".to_owned(),
    }
}
