//! The marks of plots: a shape and a colour for each suite, so that neither is needed to tell them apart.

use maud::{Markup, html};

use super::frame::round;

/// Shapes about 10 pixels wide around their place. Filled ones stand for one thread, hollow ones for several.
const SHAPES: [&str; 6] = [
    "M-5 0a5 5 0 1 0 10 0a5 5 0 1 0-10 0z",
    "M-4.5-4.5h9v9h-9z",
    "M0-5.5L5.5 4.5h-11z",
    "M0-6L6 0L0 6L-6 0z",
    "M0 5.5L5.5-4.5h-11z",
    "M-2-6h4v4h4v4h-4v4h-4v-4h-4v-4h4z",
];

/// The shapes, once a page; every mark refers to one of them.
pub(super) fn definitions() -> Markup {
    html! {
        svg class="definitions" aria-hidden="true" {
            defs {
                @for (index, shape) in SHAPES.iter().enumerate() {
                    path id={ "m" (index) } d=(shape) {}
                }
            }
        }
    }
}

/// The mark of the suite with this number, at a place in percent from the left and from the top, with what it says when it is
/// pointed at.
pub(super) fn mark(suite: usize, hollow: bool, [x, y]: [f64; 2], says: &str) -> Markup {
    html! {
        use href={ "#m" (suite % SHAPES.len()) } class=(class(suite, hollow)) x={ (round(x)) "%" } y={ (round(y)) "%" } {
            @if !says.is_empty() { title { (says) } }
        }
    }
}

/// What a mark means: a sample of it before its name.
pub(super) fn legend(suite: usize, hollow: bool, name: &str) -> Markup {
    html! {
        li {
            svg class="sample" aria-hidden="true" {
                (mark(suite, hollow, [50.0, 50.0], ""))
            }
            (name)
        }
    }
}

fn class(suite: usize, hollow: bool) -> String {
    let kind = if hollow { "hollow" } else { "mark" };
    format!("{kind} c{}", suite % SHAPES.len())
}
