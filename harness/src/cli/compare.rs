//! `bench compare`.

/// Compare two records and judge the difference.
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

impl Args {
    pub(super) fn run(self) -> anyhow::Result<u8> {
        Ok(super::PASS)
    }
}
