//! From a list of suites to the C types, and the functions between.
#![expect(
    unsafe_code,
    reason = "the boundary: raw calls come in, safe contexts go on"
)]

use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::raw::{self, Call, MAX_RANK, Text};
use crate::{Benchmark, Body, Buffer, Context, Fill, FillKind, State, Suite};

/// Gives a shared object its symbol: `abi::export!(suites)`, where `suites` is a `fn() -> Vec<Suite>`.
#[macro_export]
macro_rules! export {
    ($suites:path) => {
        /// The one symbol that a harness looks for.
        #[expect(unsafe_code, reason = "the exported symbol has a fixed name")]
        #[unsafe(no_mangle)]
        pub extern "C" fn bench_library() -> *const $crate::raw::Library {
            struct Shared(*const $crate::raw::Library);
            // SAFETY: the library is never written after it is made.
            unsafe impl Send for Shared {}
            // SAFETY: the library is never written after it is made.
            unsafe impl Sync for Shared {}
            static LIBRARY: ::std::sync::OnceLock<Shared> = ::std::sync::OnceLock::new();
            LIBRARY
                .get_or_init(|| {
                    Shared($crate::library(
                        env!("CARGO_PKG_NAME"),
                        env!("CARGO_PKG_VERSION"),
                        $suites,
                    ))
                })
                .0
        }
    };
}

/// The C types for `suites`, which live as long as the program; null where `suites` panics.
///
/// # Panics
/// Never: a panic of `suites`, or a shape with too many dimensions, gives null.
pub fn library(package: &str, version: &str, suites: fn() -> Vec<Suite>) -> *const raw::Library {
    catch_unwind(|| {
        let suites: &'static [Suite] = suites().leak();
        let raw_suites = leak(suites.iter().map(raw_suite));
        let build = format!(
            r#"{{"package":"{package}","version":"{version}","rust_version":"{}","target":"{}","opt_level":"{}","debug_assertions":{}}}"#,
            env!("ABI_RUSTC"),
            env!("ABI_TARGET"),
            env!("ABI_OPT_LEVEL"),
            cfg!(debug_assertions),
        );
        std::ptr::from_ref::<raw::Library>(Box::leak(Box::new(raw::Library {
            version: raw::VERSION,
            benchmark_size: size_of::<raw::Benchmark>() as u32,
            build: text(build.leak()),
            suites: raw_suites.as_ptr(),
            suites_len: raw_suites.len(),
        })))
    })
    .unwrap_or(std::ptr::null())
}

fn raw_suite(suite: &'static Suite) -> raw::Suite {
    let benchmarks = leak(suite.benchmarks.iter().map(raw_benchmark));
    let threads = suite.threads.is_some();
    raw::Suite {
        name: text(&suite.name),
        description: text(&suite.description),
        hidden: u32::from(suite.hidden),
        benchmarks: benchmarks.as_ptr(),
        benchmarks_len: benchmarks.len(),
        user: std::ptr::from_ref(suite).cast(),
        open: threads.then_some(open),
        park: threads.then_some(park),
        close: threads.then_some(close),
    }
}

fn raw_benchmark(benchmark: &'static Benchmark) -> raw::Benchmark {
    let buffers = leak(benchmark.buffers.iter().map(raw_buffer));
    let work = benchmark.work;
    raw::Benchmark {
        name: text(&benchmark.name),
        description: text(&benchmark.description),
        implementation: text(&benchmark.implementation),
        dtype: benchmark.dtype as u32,
        rank: benchmark.shape.len() as u32,
        shape: shape(&benchmark.shape),
        parallel: u32::from(benchmark.parallel),
        buffers: buffers.as_ptr(),
        buffers_len: buffers.len(),
        work: raw::Work {
            flops: work.flops,
            bytes_read: work.bytes_read,
            bytes_written: work.bytes_written,
            items: work.items,
            item: text(work.item),
        },
        tolerance: benchmark.tolerance,
        refill_after: benchmark.refill_after.unwrap_or(0),
        user: std::ptr::from_ref(benchmark).cast(),
        setup: benchmark.setup.is_some().then_some(setup),
        fill: benchmark.fill.is_some().then_some(fill),
        run: Some(run),
        reference: Some(reference),
        teardown: benchmark.setup.is_some().then_some(teardown),
    }
}

fn raw_buffer(buffer: &'static Buffer) -> raw::Buffer {
    let (fill, low, high) = match buffer.fill {
        Fill::Zeros => (FillKind::Zeros, 0.0, 0.0),
        Fill::Uniform { low, high } => (FillKind::Uniform, low, high),
        Fill::Custom => (FillKind::Custom, 0.0, 0.0),
    };
    raw::Buffer {
        name: text(&buffer.name),
        dtype: buffer.dtype as u32,
        role: buffer.role as u32,
        fill: fill as u32,
        rank: buffer.shape.len() as u32,
        shape: shape(&buffer.shape),
        low,
        high,
    }
}

fn leak<T>(items: impl Iterator<Item = T>) -> &'static [T] {
    items.collect::<Vec<_>>().leak()
}

fn text(text: &'static str) -> Text {
    Text {
        data: text.as_ptr(),
        len: text.len(),
    }
}

fn shape(dimensions: &[usize]) -> [usize; MAX_RANK] {
    let mut shape = [0; MAX_RANK];
    shape[..dimensions.len()].copy_from_slice(dimensions);
    shape
}

/// Runs `body`, and turns its error or panic into a message and a status.
fn answer(call: &mut Call, body: impl FnOnce(&mut Call) -> Result<(), String>) -> i32 {
    let (status, message) = match catch_unwind(AssertUnwindSafe(|| body(call))) {
        Ok(Ok(())) => return raw::OK,
        Ok(Err(message)) => (raw::FAILED, message),
        Err(panic) => (raw::PANICKED, panic_message(&*panic)),
    };
    let len = message.len().min(call.message_capacity);
    if len > 0 && !call.message.is_null() {
        // SAFETY: the caller gives `message_capacity` bytes of room at `message`, and `len` is no more than that.
        unsafe { std::ptr::copy_nonoverlapping(message.as_ptr(), call.message, len) };
        call.message_len = len;
    }
    status
}

fn panic_message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    format!("panicked: {}", text.unwrap_or("(no message)"))
}

/// The Rust benchmark behind a call.
fn benchmark_of(call: &Call) -> &'static Benchmark {
    // SAFETY: the harness passes back the descriptor that it was given, which lives as long as the program.
    let raw = unsafe { &*call.benchmark };
    // SAFETY: `raw_benchmark` put a leaked Benchmark there.
    unsafe { &*raw.user.cast::<Benchmark>() }
}

/// The Rust suite behind a call.
fn suite_of(call: &Call) -> &'static Suite {
    // SAFETY: the harness passes back the descriptor that it was given, which lives as long as the program.
    let raw = unsafe { &*call.suite };
    // SAFETY: `raw_suite` put a leaked Suite there.
    unsafe { &*raw.user.cast::<Suite>() }
}

fn call_body(
    call: *mut Call,
    body: impl FnOnce(&'static Benchmark) -> Option<&'static Body>,
) -> i32 {
    // SAFETY: the harness passes a valid call that nobody else refers to.
    let call = unsafe { &mut *call };
    answer(call, |call| {
        let benchmark = benchmark_of(call);
        // SAFETY: the harness's buffers are disjoint, aligned and its own; a state came from `setup` below.
        let context = unsafe { Context::new(benchmark, call) }?;
        body(benchmark).map_or(Ok(()), |body| body(&context))
    })
}

unsafe extern "C" fn run(call: *mut Call) -> i32 {
    call_body(call, |benchmark| Some(&benchmark.run))
}

unsafe extern "C" fn reference(call: *mut Call) -> i32 {
    call_body(call, |benchmark| Some(&benchmark.reference))
}

unsafe extern "C" fn fill(call: *mut Call) -> i32 {
    call_body(call, |benchmark| benchmark.fill.as_ref())
}

unsafe extern "C" fn setup(call: *mut Call) -> i32 {
    // SAFETY: the harness passes a valid call that nobody else refers to.
    let call = unsafe { &mut *call };
    answer(call, |call| {
        if let Some(setup) = &benchmark_of(call).setup {
            let state: Box<State> = Box::new(setup(call.seed)?);
            call.state = Box::into_raw(state).cast::<c_void>();
        }
        Ok(())
    })
}

unsafe extern "C" fn teardown(call: *mut Call) -> i32 {
    // SAFETY: the harness passes a valid call that nobody else refers to.
    let call = unsafe { &mut *call };
    answer(call, |call| {
        let state = std::mem::replace(&mut call.state, std::ptr::null_mut());
        if !state.is_null() {
            // SAFETY: `setup` made it from a box, and it is taken out of the call, so freed once.
            drop(unsafe { Box::from_raw(state.cast::<State>()) });
        }
        Ok(())
    })
}

unsafe extern "C" fn open(call: *mut Call) -> i32 {
    // SAFETY: the harness passes a valid call that nobody else refers to.
    let call = unsafe { &mut *call };
    answer(call, |call| {
        let cpus = if call.cpus_len == 0 {
            &[][..]
        } else {
            // SAFETY: the harness passes `cpus_len` CPUs at `cpus`.
            unsafe { std::slice::from_raw_parts(call.cpus, call.cpus_len) }
        };
        suite_of(call)
            .threads
            .map_or(Ok(()), |threads| (threads.open)(cpus))
    })
}

unsafe extern "C" fn park(call: *mut Call) -> i32 {
    // SAFETY: the harness passes a valid call that nobody else refers to.
    let call = unsafe { &mut *call };
    answer(call, |call| {
        if let Some(threads) = suite_of(call).threads {
            (threads.park)();
        }
        Ok(())
    })
}

unsafe extern "C" fn close(call: *mut Call) -> i32 {
    // SAFETY: the harness passes a valid call that nobody else refers to.
    let call = unsafe { &mut *call };
    answer(call, |call| {
        if let Some(threads) = suite_of(call).threads {
            (threads.close)();
        }
        Ok(())
    })
}
