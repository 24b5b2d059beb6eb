//! A plot: axes in HTML, which keep their size of text on any screen, around a drawing in SVG that stretches.
//!
//! Lines and marks are placed in percent and paths in a box of 1000 by 1000 that is stretched: strokes keep their width. A plot has
//! a title and a description for those who cannot see it; the numbers behind it stand in a table.

use maud::{Markup, PreEscaped, html};

use super::scale::Scale;

/// One axis of a plot.
pub(super) struct Axis<'a> {
    pub(super) scale: Scale,
    /// What it measures, with the unit.
    pub(super) label: &'a str,
    /// The values that are named.
    pub(super) ticks: Vec<(f64, String)>,
    /// Whether a line stands at each of them.
    pub(super) grid: bool,
}

/// What surrounds a drawing.
pub(super) struct Frame<'a> {
    /// Unique on its page.
    pub(super) id: &'a str,
    /// The name of the plot, for those who cannot see it.
    pub(super) title: &'a str,
    /// What it shows, for the same.
    pub(super) description: &'a str,
    pub(super) x: Axis<'a>,
    pub(super) y: Axis<'a>,
    /// In CSS pixels.
    pub(super) height: u32,
}

impl<'a> Axis<'a> {
    /// An axis with about `wanted` values named by `name`.
    pub(super) fn new(
        scale: Scale,
        label: &'a str,
        wanted: usize,
        name: impl Fn(f64) -> String,
    ) -> Self {
        let ticks = scale.ticks(wanted).into_iter();
        Axis {
            scale,
            label,
            ticks: ticks.map(|value| (value, name(value))).collect(),
            grid: true,
        }
    }
}

impl Frame<'_> {
    /// The plot, with `drawing` between the grid and the edge.
    pub(super) fn draw(&self, drawing: &Markup) -> Markup {
        let left = |value: f64| 100.0 * self.x.scale.at(value);
        let top = |value: f64| 100.0 * (1.0 - self.y.scale.at(value));
        html! {
            div class="plot" {
                div class="y-label" aria-hidden="true" { (self.y.label) }
                div class="y-axis" aria-hidden="true" {
                    @for (value, name) in &self.y.ticks {
                        span style={ "top:" (round(top(*value))) "%" } { (name) }
                    }
                }
                svg class="drawing" style={ "height:" (self.height) "px" } role="img"
                    aria-labelledby={ (self.id) "-t " (self.id) "-d" } {
                    title id={ (self.id) "-t" } { (self.title) }
                    desc id={ (self.id) "-d" } { (self.description) }
                    g class="grid" {
                        @for (value, _) in self.y.ticks.iter().filter(|_| self.y.grid) {
                            (line([0.0, top(*value)], [100.0, top(*value)]))
                        }
                        @for (value, _) in self.x.ticks.iter().filter(|_| self.x.grid) {
                            (line([left(*value), 0.0], [left(*value), 100.0]))
                        }
                    }
                    (drawing)
                }
                div class="x-axis" aria-hidden="true" {
                    @for (value, name) in &self.x.ticks {
                        span class=[inwards(left(*value), name)] style={ "left:" (round(left(*value))) "%" } { (name) }
                    }
                }
                div class="x-label" aria-hidden="true" { (self.x.label) }
            }
        }
    }
}

/// Long names at the ends of an axis reach inwards, or they would stand beyond the plot.
fn inwards(left: f64, name: &str) -> Option<&'static str> {
    match left {
        _ if name.len() < 6 => None,
        _ if left < 10.0 => Some("from"),
        _ if left > 90.0 => Some("to"),
        _ => None,
    }
}

/// A line between two places, in percent from the left and from the top.
pub(super) fn line(from: [f64; 2], to: [f64; 2]) -> Markup {
    let [[x1, y1], [x2, y2]] = [from, to].map(|place| place.map(round));
    html! { line x1={ (x1) "%" } y1={ (y1) "%" } x2={ (x2) "%" } y2={ (y2) "%" } {} }
}

/// Paths in a box of 1000 by 1000 that is stretched over the plot.
pub(super) fn stretched(paths: &Markup) -> Markup {
    html! {
        svg class="stretched" viewBox="0 0 1000 1000" preserveAspectRatio="none" width="100%" height="100%" { (paths) }
    }
}

/// A path of this class; `steps` is drawn by this program alone and is no one's text.
pub(super) fn path(class: &str, steps: &str) -> Markup {
    html! { path class=(class) d=(PreEscaped(steps)) {} }
}

/// Two digits behind the point: a hundredth of a percent of any screen cannot be seen.
pub(super) fn round(percent: f64) -> f64 {
    // Adding zero makes a negative zero positive.
    (percent * 100.0).round() / 100.0 + 0.0
}
