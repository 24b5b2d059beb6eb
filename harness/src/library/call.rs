//! Calls into a loaded library: its status codes become errors, its messages their texts.

use std::ffi::c_void;

use abi::raw::{self, Call, Slice};
use abi::{Fill, Role};

use super::{Benchmark, Suite};
use crate::buffers::Buffers;

/// Room for a message.
const MESSAGE_BYTES: usize = 4096;

/// A function of a library failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{function}` failed: {message}")]
pub struct CallError {
    /// The function.
    pub function: &'static str,
    /// What it said.
    pub message: String,
}

/// What a reference expects: for each buffer its elements, none for inputs.
pub type Expected = Vec<Vec<f64>>;

/// What a benchmark's `setup` made; ended by `teardown` when dropped.
#[derive(Debug)]
pub struct State<'a> {
    benchmark: &'a Benchmark,
    seed: u64,
    state: *mut c_void,
}

impl Suite {
    /// Builds the suite's pool on `cpus`, pinned. Call it before the main thread is pinned.
    ///
    /// # Errors
    /// What the suite said.
    pub fn open(&self, cpus: &[u32]) -> Result<(), CallError> {
        let mut call = Call {
            cpus: cpus.as_ptr(),
            cpus_len: cpus.len(),
            ..empty(self.raw)
        };
        perform("open", self.raw.open, &mut call)
    }

    /// Puts the pool's workers to sleep.
    ///
    /// # Errors
    /// What the suite said.
    pub fn park(&self) -> Result<(), CallError> {
        perform("park", self.raw.park, &mut empty(self.raw))
    }

    /// Ends the pool.
    ///
    /// # Errors
    /// What the suite said.
    pub fn close(&self) -> Result<(), CallError> {
        perform("close", self.raw.close, &mut empty(self.raw))
    }
}

impl Benchmark {
    /// Makes the benchmark's state from `seed`; a benchmark without `setup` has an empty one.
    ///
    /// # Errors
    /// What the benchmark said.
    pub fn setup(&self, seed: u64) -> Result<State<'_>, CallError> {
        let mut state = State {
            benchmark: self,
            seed,
            state: std::ptr::null_mut(),
        };
        let mut call = state.call();
        perform("setup", self.raw.setup, &mut call)?;
        state.state = call.state;
        Ok(state)
    }
}

impl State<'_> {
    /// Fills every buffer: those with a custom fill by the benchmark, the others from the seed.
    ///
    /// # Errors
    /// What the benchmark said.
    pub fn fill(&self, buffers: &mut Buffers) -> Result<(), CallError> {
        buffers.fill(self.seed);
        if !buffers
            .declared()
            .iter()
            .any(|buffer| buffer.fill == Fill::Custom)
        {
            return Ok(());
        }
        self.on("fill", self.benchmark.raw.fill, buffers.slices(), 0)
    }

    /// Runs `iterations` iterations.
    ///
    /// # Errors
    /// What the benchmark said.
    pub fn run(&self, buffers: &mut Buffers, iterations: u64) -> Result<(), CallError> {
        self.on("run", self.benchmark.raw.run, buffers.slices(), iterations)
    }

    /// What one iteration on these buffers, as they are, leaves in them.
    ///
    /// # Errors
    /// What the benchmark said.
    pub fn reference(&self, buffers: &mut Buffers) -> Result<Expected, CallError> {
        let mut expected = buffers.expected();
        let pointers: Vec<*mut f64> = expected
            .iter_mut()
            .zip(buffers.declared())
            .map(|(values, buffer)| match buffer.role {
                Role::Input => std::ptr::null_mut(),
                Role::Output | Role::InOut => values.as_mut_ptr(),
            })
            .collect();
        let mut call = Call {
            expected: pointers.as_ptr(),
            iterations: 1,
            ..self.call_on(buffers.slices())
        };
        perform("reference", self.benchmark.raw.reference, &mut call)?;
        Ok(expected)
    }

    fn on(
        &self,
        name: &'static str,
        function: raw::Function,
        slices: &[Slice],
        iterations: u64,
    ) -> Result<(), CallError> {
        let mut call = Call {
            iterations,
            ..self.call_on(slices)
        };
        perform(name, function, &mut call)
    }

    fn call_on(&self, slices: &[Slice]) -> Call {
        Call {
            buffers: slices.as_ptr(),
            buffers_len: slices.len(),
            ..self.call()
        }
    }

    fn call(&self) -> Call {
        Call {
            benchmark: self.benchmark.raw,
            state: self.state,
            seed: self.seed,
            ..empty(self.benchmark.suite)
        }
    }
}

impl Drop for State<'_> {
    fn drop(&mut self) {
        let mut call = self.call();
        // An end that fails has nobody left to tell.
        let _ = perform("teardown", self.benchmark.raw.teardown, &mut call);
    }
}

fn empty(suite: &'static raw::Suite) -> Call {
    Call {
        benchmark: std::ptr::null(),
        suite,
        state: std::ptr::null_mut(),
        seed: 0,
        iterations: 0,
        buffers: std::ptr::null(),
        buffers_len: 0,
        expected: std::ptr::null(),
        cpus: std::ptr::null(),
        cpus_len: 0,
        message: std::ptr::null_mut(),
        message_capacity: 0,
        message_len: 0,
    }
}

/// Calls `function`, which does nothing where it is absent.
fn perform(name: &'static str, function: raw::Function, call: &mut Call) -> Result<(), CallError> {
    let Some(function) = function else {
        return Ok(());
    };
    let mut message = [0_u8; MESSAGE_BYTES];
    call.message = message.as_mut_ptr();
    call.message_capacity = message.len();
    // SAFETY: the call is whole: its descriptors are the library's own, its buffers mapped, disjoint and of the declared sizes.
    let status = unsafe { function(call) };
    if status == raw::OK {
        return Ok(());
    }
    let text = &message[..call.message_len.min(MESSAGE_BYTES)];
    Err(CallError {
        function: name,
        message: if text.is_empty() {
            format!("status {status}, without a message")
        } else {
            String::from_utf8_lossy(text).into_owned()
        },
    })
}
