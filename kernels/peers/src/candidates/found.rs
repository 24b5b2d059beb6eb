//! Libraries that are looked for when this shared object is loaded.
#![expect(
    unsafe_code,
    reason = "loads libraries and takes functions out of them"
)]

use std::env;
use std::path::PathBuf;

use libloading::Library;

/// The environment variable with the folders, beside the system's, of what the program compiled or fetched.
const TOOLS: &str = "PEERS_TOOLS";

/// A library, or why there is none.
pub(super) struct Found(Result<&'static Library, String>);

impl Found {
    /// The first of `files` that loads: names that the system's loader knows, or paths below a folder of [`TOOLS`].
    /// `package` brings one where none does. It is never unloaded: its threads live on.
    pub(super) fn open(files: &[&str], package: &str) -> Found {
        let folders: Vec<PathBuf> = env::var_os(TOOLS)
            .map(|folders| env::split_paths(&folders).collect())
            .unwrap_or_default();
        let paths = files.iter().flat_map(|file| {
            let inside = folders.iter().map(move |folder| folder.join(file));
            let inside = inside.filter(|path| path.exists());
            inside.chain([PathBuf::from(file)])
        });
        for path in paths {
            // SAFETY: loading runs the library's initialisers, as it does for whoever uses it.
            if let Ok(library) = unsafe { Library::new(path) } {
                return Found(Ok(Box::leak(Box::new(library))));
            }
        }
        Found(Err(format!(
            "not on this machine: {package} brings it (peers --install)"
        )))
    }

    /// One that there is no use in looking for.
    pub(super) fn none(reason: &str) -> Found {
        Found(Err(reason.into()))
    }

    /// Its function `name`.
    ///
    /// # Safety
    /// The function has type `F`.
    pub(super) unsafe fn function<F: Copy>(&self, name: &str) -> Result<F, String> {
        let library = self.0.as_ref().map_err(String::clone)?;
        // SAFETY: the caller's promise.
        let symbol = unsafe { library.get::<F>(name) };
        symbol
            .map(|symbol| *symbol)
            .map_err(|_| format!("has no {name}"))
    }
}
