//! The letters: DejaVu Sans, which has those of most of Europe's languages, and is in the program
//! so that a picture is the same on every machine. A letter that it lacks is an empty box.

use tiny_skia::{Path, PathBuilder};
use ttf_parser::{Face, GlyphId, OutlineBuilder};

/// The two weights.
pub struct Fonts {
    regular: Option<Face<'static>>,
    bold: Option<Face<'static>>,
}

impl Fonts {
    /// As they are in the program.
    pub fn load() -> Fonts {
        Fonts {
            regular: Face::parse(dejavu::sans::regular(), 0).ok(),
            bold: Face::parse(dejavu::sans::bold(), 0).ok(),
        }
    }

    fn face(&self, bold: bool) -> Option<&Face<'static>> {
        if bold { self.bold.as_ref() } else { self.regular.as_ref() }
    }

    /// How wide words are, in pixels.
    pub fn width(&self, words: &str, size: f32, bold: bool) -> f32 {
        let Some(face) = self.face(bold) else { return 0.0 };
        let scale = size / f32::from(face.units_per_em());
        words.chars().map(|c| advance(face, glyph(face, c)) * scale).sum()
    }

    /// The words, cut to what fits, with `…` where something is missing.
    pub fn fitting(&self, words: &str, size: f32, bold: bool, room: f32) -> String {
        if self.width(words, size, bold) <= room {
            return words.to_owned();
        }
        let mut short = String::new();
        let mut left = room - self.width("…", size, bold);
        for c in words.chars() {
            left -= self.width(c.encode_utf8(&mut [0; 4]), size, bold);
            if left < 0.0 {
                break;
            }
            short.push(c);
        }
        let short = short.trim_end();
        if short.is_empty() { String::new() } else { format!("{short}…") }
    }

    /// The outlines of words whose base line begins at this point; `None` where there is nothing
    /// to see.
    pub fn outlines(&self, words: &str, x: f32, y: f32, size: f32, bold: bool) -> Option<Path> {
        let face = self.face(bold)?;
        let scale = size / f32::from(face.units_per_em());
        let mut pen = Pen { path: PathBuilder::new(), x, y, scale };
        for c in words.chars() {
            let glyph = glyph(face, c);
            face.outline_glyph(glyph, &mut pen);
            pen.x += advance(face, glyph) * scale;
        }
        pen.path.finish()
    }
}

fn glyph(face: &Face<'_>, c: char) -> GlyphId {
    face.glyph_index(c).unwrap_or(GlyphId(0))
}

fn advance(face: &Face<'_>, glyph: GlyphId) -> f32 {
    face.glyph_hor_advance(glyph).map_or(0.0, f32::from)
}

/// Draws outlines where they belong. A font's y grows upwards, a picture's downwards.
struct Pen {
    path: PathBuilder,
    x: f32,
    y: f32,
    scale: f32,
}

impl Pen {
    fn at(&self, x: f32, y: f32) -> (f32, f32) {
        (self.x + x * self.scale, self.y - y * self.scale)
    }
}

impl OutlineBuilder for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        self.path.move_to(x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        self.path.line_to(x, y);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let ((x1, y1), (x, y)) = (self.at(x1, y1), self.at(x, y));
        self.path.quad_to(x1, y1, x, y);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let ((x1, y1), (x2, y2), (x, y)) = (self.at(x1, y1), self.at(x2, y2), self.at(x, y));
        self.path.cubic_to(x1, y1, x2, y2, x, y);
    }

    fn close(&mut self) {
        self.path.close();
    }
}
