//! The tracks of the practice soundfoundry: what people ask for, the job that renders each, its cover, and
//! what a cover may not be.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// How long a job waits, and how long it renders after that, in ms.
pub const RENDER_MS: i64 = 1_500;
/// The largest cover, in bytes.
const COVER: usize = 1_048_576;

/// A track.
#[derive(Debug, Clone)]
struct Track {
    asked: i64,
    visual_version: u32,
    cover_url: Option<String>,
}

/// Every track that somebody asked for.
#[derive(Debug, Clone)]
pub struct Tracks {
    all: BTreeMap<String, Track>,
    made: u64,
    /// How long a job waits, and how long it renders after that, in ms.
    pub render: i64,
}

impl Tracks {
    /// None yet.
    pub fn new() -> Tracks {
        Tracks { all: BTreeMap::new(), made: 0, render: RENDER_MS }
    }

    /// Asks for one, and gives its id.
    pub fn create(&mut self, now: i64) -> String {
        self.made += 1;
        let id = format!("trk-{:06}", self.made);
        self.all.insert(id.clone(), Track { asked: now, visual_version: 1, cover_url: None });
        id
    }

    /// How far the job of a track is: `QUEUED`, `RENDERING`, `COMPLETE`.
    pub fn job(&self, now: i64, id: &str) -> Option<&'static str> {
        let track = self.all.get(id)?;
        Some(match (now - track.asked) / self.render.max(1) {
            0 => "QUEUED",
            1 => "RENDERING",
            _ => "COMPLETE",
        })
    }

    /// What is known of a track. Its objects are there once its job is complete.
    pub fn view(&self, now: i64, id: &str) -> Option<Value> {
        let (track, done) = (self.all.get(id)?, self.job(now, id)? == "COMPLETE");
        let objects = json!({ "track": done, "cover": done });
        let version = track.visual_version;
        Some(json!({
            "track_id": id, "visual_version": version, "objects": objects, "cover_url": track.cover_url,
        }))
    }

    /// Makes another cover: the visual version rises by one.
    pub fn regenerate(&mut self, id: &str) -> Option<u32> {
        let track = self.all.get_mut(id)?;
        track.visual_version += 1;
        Some(track.visual_version)
    }

    /// Keeps a cover, and gives its address.
    pub fn save(&mut self, id: &str) -> Option<String> {
        let track = self.all.get_mut(id)?;
        let url = format!("https://media.practice.example/covers/{id}.svg");
        track.cover_url = Some(url.clone());
        Some(url)
    }
}

impl Default for Tracks {
    fn default() -> Self {
        Tracks::new()
    }
}

/// Why a text is no cover that may be kept.
///
/// # Errors
/// The rule that it breaks.
pub fn cover(body: &[u8]) -> Result<(), &'static str> {
    let text = std::str::from_utf8(body).map_err(|_| "it is no text")?;
    let (start, lower) = (text.trim_start(), text.to_ascii_lowercase());
    if body.len() > COVER {
        return Err("it is larger than 1 MB");
    }
    if !(start.starts_with("<?xml") || start.starts_with("<svg")) {
        return Err("it begins neither as XML nor as SVG");
    }
    if ["<script", "<iframe", "href=\"http", "javascript:"].iter().any(|word| lower.contains(word)) {
        return Err("it brings something from outside");
    }
    Ok(())
}
