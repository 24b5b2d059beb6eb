//! Reports for people as one HTML file: it opens offline, asks nothing of the network, runs no script, and is read on a screen, on a
//! phone, on paper and by a screen reader.
//!
//! What a record says is text: [`visible`](crate::text::visible) shows what would act, and the template engine escapes it.

mod comparison;
mod frame;
mod marks;
mod page;
mod past;
mod record;
mod roofline;
mod samples;
mod scale;
mod scaling;

pub use comparison::{comparison, comparison_of};
pub use past::history;
pub use record::{Source, record};

use std::borrow::Cow;

use maud::{Markup, html};

/// Text from a record, as it may be shown; the template engine escapes what HTML would obey.
fn shown(text: &str) -> Cow<'_, str> {
    crate::text::visible(text)
}

/// A name, which may be broken behind the characters that part its words.
fn name(text: &str) -> Markup {
    let text = shown(text);
    let mut parts = text.split_inclusive(['_', '/', ':', '-', '.']).peekable();
    html! {
        @while let Some(part) = parts.next() {
            (part)
            @if parts.peek().is_some() { wbr; }
        }
    }
}

/// The ending of a noun of which there are so many.
fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}
