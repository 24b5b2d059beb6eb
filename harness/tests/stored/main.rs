//! Records on disk, and the commands that compare them and keep baselines, from outside.

mod comparing;
mod loading;
mod reports;
mod schema;
mod support;
mod updating;
