//! What a benchmark's functions are called with.
#![expect(unsafe_code, reason = "turns the raw slices of a call into references")]

use std::cell::Cell;

use crate::raw::{Call, Slice};
use crate::{Benchmark, DType, Role, State};

/// One call of a benchmark's function: its buffers, state, seed and number of iterations.
///
/// Buffers are lent out at most once a call, so that no two references to one exist.
#[derive(Debug)]
pub struct Context<'a> {
    benchmark: &'a Benchmark,
    slices: &'a [Slice],
    expected: &'a [*mut f64],
    state: Option<&'a State>,
    seed: u64,
    iterations: u64,
    /// Bit i: buffer i is lent; bit 32 + i: the expected values of buffer i are.
    lent: Cell<u64>,
}

impl<'a> Context<'a> {
    /// A view of `call` for `benchmark`.
    ///
    /// # Errors
    /// Where the call has another number of buffers than the benchmark declares.
    ///
    /// # Safety
    /// The slices of `call` are valid for reads and writes for `'a`, disjoint, aligned for their elements and referred to by nobody
    /// else; `expected`, where not null, has an entry for each; `state`, where not null, came from [`State`] in a box.
    pub(crate) unsafe fn new(benchmark: &'a Benchmark, call: &'a Call) -> Result<Self, String> {
        let declared = benchmark.buffers.len();
        if call.buffers_len != declared || declared > 32 {
            return Err(format!(
                "called with {} buffers, {declared} are declared (32 at most)",
                call.buffers_len
            ));
        }
        let slices = if declared == 0 {
            &[][..]
        } else {
            // SAFETY: the caller passes `declared` slices, valid for 'a.
            unsafe { std::slice::from_raw_parts(call.buffers, declared) }
        };
        let expected = if call.expected.is_null() || declared == 0 {
            &[][..]
        } else {
            // SAFETY: the caller passes one entry for each buffer, valid for 'a.
            unsafe { std::slice::from_raw_parts(call.expected, declared) }
        };
        // SAFETY: a state that is not null came from a boxed State, which outlives the call.
        let state = unsafe { call.state.cast::<State>().as_ref() };
        Ok(Context {
            benchmark,
            slices,
            expected,
            state,
            seed: call.seed,
            iterations: call.iterations,
            lent: Cell::new(0),
        })
    }

    /// How many iterations to run.
    pub fn iterations(&self) -> u64 {
        self.iterations
    }

    /// The seed of the run.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The elements of buffer `index`, lent once a call.
    ///
    /// # Errors
    /// Where there is no such buffer, its declared type is not `T`, its memory does not fit its shape, or it is lent already.
    pub fn take<T: Element>(&self, index: usize) -> Result<&'a mut [T], String> {
        let (Some(buffer), Some(slice)) =
            (self.benchmark.buffers.get(index), self.slices.get(index))
        else {
            return Err(format!("there is no buffer {index}"));
        };
        let len = buffer.shape.iter().product::<usize>();
        if !T::DTYPES.contains(&buffer.dtype) || slice.bytes != len * size_of::<T>() {
            return Err(format!(
                "buffer '{}' has {} bytes of {}, asked for {len} elements of {}",
                buffer.name,
                slice.bytes,
                buffer.dtype.name(),
                std::any::type_name::<T>()
            ));
        }
        self.lend(index)?;
        if len == 0 {
            return Ok(&mut []);
        }
        // SAFETY: by the contract of `new` the slice is valid for 'a, aligned and unshared; `lend` keeps it unshared.
        Ok(unsafe { std::slice::from_raw_parts_mut(slice.data.cast::<T>(), len) })
    }

    /// Room for the values that one iteration leaves in buffer `index`, lent once a call of `reference`.
    ///
    /// # Errors
    /// Where there is no such buffer, it is an input, this is no call of `reference`, or it is lent already.
    pub fn expected(&self, index: usize) -> Result<&'a mut [f64], String> {
        let (Some(buffer), Some(&data)) =
            (self.benchmark.buffers.get(index), self.expected.get(index))
        else {
            return Err(format!("no values are expected of buffer {index}"));
        };
        if data.is_null() || buffer.role == Role::Input {
            return Err(format!("no values are expected of input '{}'", buffer.name));
        }
        self.lend(32 + index)?;
        let len = buffer.shape.iter().product();
        // SAFETY: by the contract of `new` there is room for one f64 an element; `lend` keeps it unshared.
        Ok(unsafe { std::slice::from_raw_parts_mut(data, len) })
    }

    /// What `setup` returned.
    ///
    /// # Errors
    /// Where there is no state or it is no `S`.
    pub fn state<S: 'static>(&self) -> Result<&'a S, String> {
        self.state
            .and_then(|state| state.downcast_ref())
            .ok_or_else(|| format!("there is no state of {}", std::any::type_name::<S>()))
    }

    fn lend(&self, bit: usize) -> Result<(), String> {
        let lent = self.lent.get();
        if lent & (1 << bit) != 0 {
            return Err(format!("buffer {} was taken already", bit % 32));
        }
        self.lent.set(lent | (1 << bit));
        Ok(())
    }
}

/// A Rust type that a buffer's elements can be taken as.
///
/// # Safety
/// Every bit pattern is a value, and the size is that of each of [`Element::DTYPES`].
pub unsafe trait Element: Copy + 'static {
    /// The declared types that it stands for.
    const DTYPES: &'static [DType];
}

macro_rules! elements {
    ($($type:ty: $($dtype:ident)|+;)*) => {$(
        // SAFETY: a number, of which every bit pattern is a value, of the size of its dtypes.
        unsafe impl Element for $type {
            const DTYPES: &'static [DType] = &[$(DType::$dtype),+];
        }
    )*};
}

elements! {
    f32: F32;
    f64: F64;
    u16: F16 | Bf16;
    i32: I32;
    i64: I64;
    u8: U8;
    u32: U32;
    u64: U64;
}
