//! Flags of Criterion and libtest that people and tools pass to every bench target of a workspace, cargo-nextest among them.
//!
//! What such a flag asks for is done anyway, or has no meaning here; what would change how is measured is refused with what to say instead.

use std::convert::Infallible;

use clap::ArgAction;

/// The flags, which the help leaves out.
#[derive(Debug, clap::Args)]
pub(super) struct FamiliarArgs {
    /// Each benchmark briefly, to see that it works
    #[arg(long, hide = true)]
    pub(super) test: bool,
    /// Only what is ignored unless asked for: nothing is
    #[arg(long, hide = true)]
    pub(super) ignored: bool,
    #[arg(long, hide = true, action = ArgAction::Count, aliases = ["no-capture", "show-output", "include-ignored", "noplot", "discard-baseline"])]
    nocapture: u8,
    #[arg(short, long, hide = true, action = ArgAction::Count)]
    quiet: u8,
    #[arg(short, long, hide = true, action = ArgAction::Count)]
    verbose: u8,
    #[arg(short = 'n', hide = true)]
    no_plot: bool,
    #[arg(long, hide = true, value_name = "WHEN", aliases = ["test-threads", "plotting-backend"])]
    color: Vec<String>,
    #[arg(long, hide = true, value_name = "N", value_parser = decided_here, aliases = ["warm-up-time", "measurement-time", "nresamples"])]
    sample_size: Option<Infallible>,
    #[arg(long, hide = true, value_name = "SHARE", value_parser = judged_elsewhere, aliases = ["significance-level", "confidence-level"])]
    noise_threshold: Option<Infallible>,
    #[arg(long, hide = true, value_name = "NAME", value_parser = compared_elsewhere)]
    load_baseline: Option<Infallible>,
    #[arg(long, hide = true, value_name = "SECONDS", value_parser = profiled_elsewhere)]
    profile_time: Option<Infallible>,
    #[arg(long, hide = true, value_name = "FORMAT", value_parser = exported_elsewhere)]
    output_format: Option<Infallible>,
}

fn decided_here(_: &str) -> Result<Infallible, String> {
    Err("how often and how long is decided by the clock and the spread: leave it out, or say --quick or --budget".into())
}

fn judged_elsewhere(_: &str) -> Result<Infallible, String> {
    Err("a change is judged by its interval: `compare --threshold PERCENT` says what fails".into())
}

fn compared_elsewhere(_: &str) -> Result<Infallible, String> {
    Err("two records are compared by `compare --baseline NAME --current FILE`".into())
}

fn profiled_elsewhere(_: &str) -> Result<Infallible, String> {
    Err("a benchmark is profiled by `profile NAME`".into())
}

fn exported_elsewhere(_: &str) -> Result<Infallible, String> {
    Err("a record is written for other tools by `export --format FORMAT`".into())
}
