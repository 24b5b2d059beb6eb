//! Records on disk, and the commands that compare them and keep baselines, from outside.

mod chromium;
mod comparing;
mod exports;
mod folders;
mod full_disk;
mod history;
mod importing;
mod importing_hostile;
mod loading;
mod looking;
#[path = "../support/machine.rs"]
mod machine;
mod markup;
mod merging;
#[path = "../support/namespace.rs"]
mod namespace;
mod pages;
mod reports;
mod schema;
mod support;
mod terminal;
mod updating;
