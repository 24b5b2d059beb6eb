//! The page around the sections of a report.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::marks;

const STYLE: &str = include_str!("style.css");

/// A part of a page under a heading, which the list of contents names.
pub(super) struct Section {
    /// Unique on its page.
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    pub(super) body: Markup,
}

impl Section {
    pub(super) fn new(id: &'static str, title: &'static str, body: Markup) -> Self {
        Section { id, title, body }
    }
}

/// The page: `head` says what it is about, before the contents.
pub(super) fn page(title: &str, head: &Markup, sections: &[Section], files: &[&str]) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                // Should a name ever get through, it still can fetch nothing and run nothing.
                meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                a class="skip" href="#content" { "Skip to the content" }
                (marks::definitions())
                header { (head) }
                nav aria-label="Contents" {
                    ul {
                        @for section in sections {
                            li { a href={ "#" (section.id) } { (section.title) } }
                        }
                    }
                }
                main id="content" {
                    @for section in sections {
                        section aria-labelledby=(section.id) {
                            h2 id=(section.id) { (section.title) }
                            (section.body)
                        }
                    }
                }
                footer {
                    p {
                        "Written by bench " (env!("CARGO_PKG_VERSION"))
                        @if !files.is_empty() { " from " (separated(files)) }
                        ". This file is all there is of it: it needs no network and runs no script."
                    }
                }
            }
        }
    };
    page.into_string()
}

fn separated(files: &[&str]) -> Markup {
    html! {
        @for (index, file) in files.iter().enumerate() {
            @if index > 0 { " and " }
            code { (super::shown(file)) }
        }
    }
}

/// Names and values in a list; a value that is empty is left out with its name.
pub(super) fn facts(facts: &[(&str, String)]) -> Markup {
    html! {
        dl class="facts" {
            @for (name, value) in facts.iter().filter(|(_, value)| !value.is_empty()) {
                div { dt { (name) } dd { (super::shown(value)) } }
            }
        }
    }
}

/// A table that scrolls within the page where the screen is narrower; the keyboard reaches it.
pub(super) fn scrolling(label: &str, table: &Markup) -> Markup {
    html! {
        div class="scroll" role="region" aria-label=(super::shown(label)) tabindex="0" { (table) }
    }
}
