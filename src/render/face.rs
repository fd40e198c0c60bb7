//! What people see, before it is put into anybody's wire format.

use crate::kit::time::Timestamp;
use crate::model::ids::{RoleId, UserId};
use crate::model::pick::Pick;

/// A message: text, boxes, buttons, files.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Face {
    /// Markdown.
    pub content: String,
    /// Boxes, at most ten.
    pub embeds: Vec<Embed>,
    /// Buttons under it.
    pub buttons: Vec<FaceButton>,
    /// A list to choose one from, under the buttons.
    pub list: Option<FaceList>,
    /// How many of them stand in a row of their own before the others.
    pub apart: usize,
    /// Files beside it.
    pub files: Vec<File>,
    /// Whom it calls. Whoever else is named in it is not pinged.
    pub pings: Pings,
}

/// Whom a message calls: their phones buzz when it is posted, and at no edit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pings {
    /// Whoever holds one of these roles.
    pub roles: Vec<RoleId>,
    /// These people.
    pub users: Vec<UserId>,
    /// Whoever is there: only where nobody else is left to call.
    pub here: bool,
}

impl Face {
    /// Text alone.
    pub fn text(content: String) -> Face {
        Face { content, ..Face::default() }
    }
}

/// A box.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Embed {
    /// Its heading.
    pub title: Option<String>,
    /// Markdown.
    pub description: String,
    /// The bar at its side. Never the only bearer of a meaning.
    pub colour: Option<Colour>,
    /// Name, value, and whether it may stand beside others.
    pub fields: Vec<(String, String, bool)>,
    /// The small line below.
    pub footer: Option<String>,
    /// The time beside that line.
    pub at: Option<Timestamp>,
}

/// What a bar says a second time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// Critical.
    Red,
    /// High.
    Orange,
    /// Medium.
    Yellow,
    /// Low, or for knowing.
    Blue,
    /// Over, or well.
    Green,
    /// Nothing known.
    Grey,
}

impl Colour {
    /// As 0xRRGGBB.
    pub fn rgb(self) -> u32 {
        match self {
            Colour::Red => 0xD9_36_3E,
            Colour::Orange => 0xE0_7B_1F,
            Colour::Yellow => 0xD9_B4_1F,
            Colour::Blue => 0x3B_7D_D8,
            Colour::Green => 0x2D_9D_5B,
            Colour::Grey => 0x80_84_8E,
        }
    }
}

/// A button.
#[derive(Clone, Debug, PartialEq)]
pub struct FaceButton {
    /// What it says.
    pub label: String,
    /// How loud it is.
    pub style: Style,
    /// What pressing it means.
    pub button: crate::model::button::Button,
    /// Whether it can be pressed now.
    pub enabled: bool,
}

/// A list to choose one from.
#[derive(Clone, Debug, PartialEq)]
pub struct FaceList {
    /// What choosing means.
    pub pick: Pick,
    /// What stands there before anything is chosen.
    pub placeholder: String,
    /// What can be chosen: what is sent, what is read, and a smaller line below.
    pub options: Vec<(String, String, String)>,
}

/// How loud a button is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// What most people want next.
    Primary,
    /// Everything else.
    Quiet,
    /// It ends something well.
    Success,
    /// It ends something badly, or cannot be taken back.
    Danger,
}

/// A file.
#[derive(Clone, Debug, PartialEq)]
pub struct File {
    /// Its name: letters, digits, `-`, `_` and `.`.
    pub name: String,
    /// What is in it.
    pub bytes: Vec<u8>,
    /// What it is, for people who cannot open or see it.
    pub description: String,
}
