//! How a report in text looks: with colours or without, and how wide. Neither carries a meaning that the words don't.

use anstyle::{AnsiColor, Style};
use comfy_table::Color;

use crate::compare::{Outcome, Verdict};

/// What the place can do that a report in text is written to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// Whether it shows colours.
    pub colours: bool,
    /// Its columns, where it is a terminal: bars then take the room that is left.
    pub columns: Option<usize>,
}

impl Look {
    /// The colour of a verdict: none where all is as it was.
    pub(super) fn verdict(self, verdict: Verdict) -> Option<Color> {
        let colour = match verdict {
            Verdict::Regressed | Verdict::Missing | Verdict::Invalid => Color::Red,
            Verdict::Improved => Color::Green,
            Verdict::Inconclusive => Color::Yellow,
            Verdict::Unchanged | Verdict::New | Verdict::NotRequested => return None,
        };
        self.colours.then_some(colour)
    }

    /// A text in the colour of an outcome.
    pub(super) fn outcome(self, outcome: Outcome, text: &str) -> String {
        let colour = match outcome {
            Outcome::Pass => AnsiColor::Green,
            Outcome::Fail => AnsiColor::Red,
            Outcome::CannotJudge => AnsiColor::Yellow,
        };
        if self.colours {
            let style = Style::new().fg_color(Some(colour.into())).bold();
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }
}
