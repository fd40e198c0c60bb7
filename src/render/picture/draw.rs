//! Shapes and words into pixels, and those into a PNG.

use tiny_skia::{Color, FillRule, Paint, Path, PathBuilder, Pixmap, Rect, Transform};

use super::font::Fonts;
use super::lanes::Form;
use super::scene::{Anchor, Scene, Shape};

/// Pixels for each unit of the scene: sharp where Discord shows it large.
const SCALE: f32 = 1.6;

/// The scene as PNG; `None` where there is no memory for it.
pub fn png(scene: &Scene) -> Option<Vec<u8>> {
    let pixels = |units: f32| (units * SCALE).ceil().clamp(1.0, 8_192.0) as u32;
    let mut pixmap = Pixmap::new(pixels(scene.width), pixels(scene.height))?;
    pixmap.fill(Color::WHITE);
    let fonts = Fonts::load();
    for shape in &scene.shapes {
        let (path, colour) = match shape {
            Shape::Box { x, y, w, h, round, colour } => (rounded(*x, *y, *w, *h, *round), colour),
            Shape::Mark { x, y, r, form, colour } => (mark(*x, *y, *r, *form), colour),
            Shape::Words { x, y, size, bold, anchor, colour, words } => {
                let width = fonts.width(words, *size, *bold);
                let x = match anchor {
                    Anchor::Start => *x,
                    Anchor::Middle => x - width / 2.0,
                    Anchor::End => x - width,
                };
                (fonts.outlines(words, x, *y, *size, *bold), colour)
            }
        };
        if let Some(path) = path {
            fill(&mut pixmap, &path, *colour);
        }
    }
    pixmap.encode_png().ok()
}

fn fill(pixmap: &mut Pixmap, path: &Path, colour: u32) {
    let [_, r, g, b] = colour.to_be_bytes();
    let mut paint = Paint { anti_alias: true, ..Paint::default() };
    paint.set_color_rgba8(r, g, b, 255);
    pixmap.fill_path(path, &paint, FillRule::Winding, Transform::from_scale(SCALE, SCALE), None);
}

fn rounded(x: f32, y: f32, w: f32, h: f32, round: f32) -> Option<Path> {
    let r = round.min(w / 2.0).min(h / 2.0);
    if r < 0.5 {
        return Some(PathBuilder::from_rect(Rect::from_xywh(x, y, w, h)?));
    }
    // How far the handles of a quarter circle are from its ends.
    let k = r * 0.447_715;
    let mut p = PathBuilder::new();
    p.move_to(x + r, y);
    p.line_to(x + w - r, y);
    p.cubic_to(x + w - k, y, x + w, y + k, x + w, y + r);
    p.line_to(x + w, y + h - r);
    p.cubic_to(x + w, y + h - k, x + w - k, y + h, x + w - r, y + h);
    p.line_to(x + r, y + h);
    p.cubic_to(x + k, y + h, x, y + h - k, x, y + h - r);
    p.line_to(x, y + r);
    p.cubic_to(x, y + k, x + k, y, x + r, y);
    p.close();
    p.finish()
}

fn mark(x: f32, y: f32, r: f32, form: Form) -> Option<Path> {
    match form {
        Form::Circle => PathBuilder::from_circle(x, y, r),
        Form::Square => rounded(x - r * 0.9, y - r * 0.9, r * 1.8, r * 1.8, 2.0),
        Form::Triangle => {
            let (r, mut p) = (r * 1.2, PathBuilder::new());
            p.move_to(x, y - r);
            p.line_to(x + r, y + r * 0.8);
            p.line_to(x - r, y + r * 0.8);
            p.close();
            p.finish()
        }
        Form::Diamond => {
            let (r, mut p) = (r * 1.2, PathBuilder::new());
            p.move_to(x, y - r);
            p.line_to(x + r, y);
            p.line_to(x, y + r);
            p.line_to(x - r, y);
            p.close();
            p.finish()
        }
    }
}
