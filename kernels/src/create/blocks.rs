//! The loop over the blocks of a stream, generic over registers and elements.
#![expect(
    unsafe_code,
    reason = "stores go through pointers, and instruction sets beyond the baseline are unsafe to enter"
)]

use super::BLOCK;
use super::words::{Fraction, Words};

/// Generators of a block.
const GENERATORS: usize = 8;

/// The most elements of a step: eight words of two.
const MOST: usize = 2 * GENERATORS;

/// Fills `out`, which begins with the block of that number. `N` registers hold a word of each generator.
///
/// # Safety
/// The CPU has the instruction set of `V`.
#[inline(always)]
pub(super) unsafe fn run<V: Words, T: Fraction<V>, const N: usize>(
    seed: u64,
    first_block: usize,
    out: &mut [T],
) {
    const { assert!(N * V::LANES == GENERATORS) };
    for (number, block) in out.chunks_mut(BLOCK).enumerate() {
        let state = seeded(seed, (first_block + number) as u64);
        // SAFETY: the caller has the instruction set.
        unsafe { fill::<V, T, N>(&state, block) };
    }
}

/// Fills one block.
///
/// # Safety
/// The CPU has the instruction set of `V`.
#[inline(always)]
unsafe fn fill<V: Words, T: Fraction<V>, const N: usize>(
    state: &[[u64; GENERATORS]; 4],
    block: &mut [T],
) {
    let mut state: [[V; N]; 4] = state.map(|word| {
        // SAFETY: register `i` of the `N` that hold a word; the caller has the instruction set.
        std::array::from_fn(|i| unsafe { V::load(word.as_ptr().wrapping_add(i * V::LANES)) })
    });
    // Elements that a register gives.
    let width = V::LANES * 8 / size_of::<T>();
    let mut steps = block.chunks_exact_mut(N * width);
    for step in &mut steps {
        for (i, words) in next(&mut state).into_iter().enumerate() {
            // SAFETY: part `i` of the `N` of the step.
            unsafe { T::store(words, step.as_mut_ptr().wrapping_add(i * width)) };
        }
    }
    let rest = steps.into_remainder();
    if !rest.is_empty() {
        let mut last = [T::default(); MOST];
        for (i, words) in next(&mut state).into_iter().enumerate() {
            // SAFETY: part `i` of the `N` of a step, for which `last` has room.
            unsafe { T::store(words, last.as_mut_ptr().wrapping_add(i * width)) };
        }
        rest.copy_from_slice(&last[..rest.len()]);
    }
}

/// A step of xoshiro256++ in each lane: the words, from the state before.
#[inline(always)]
fn next<V: Words, const N: usize>(state: &mut [[V; N]; 4]) -> [V; N] {
    // No closure: the compiler would leave it outside of the instruction set's function, and call each instruction.
    let mut words = [state[0][0]; N];
    for i in 0..N {
        let [mut s0, mut s1, mut s2, mut s3] = [state[0][i], state[1][i], state[2][i], state[3][i]];
        words[i] = s0.add(s3).rotate_23().add(s0);
        let shifted = s1.shift_17();
        s2 = s2.xor(s0);
        s3 = s3.xor(s1);
        s1 = s1.xor(s2);
        s0 = s0.xor(s3);
        s2 = s2.xor(shifted);
        s3 = s3.rotate_45();
        (state[0][i], state[1][i], state[2][i], state[3][i]) = (s0, s1, s2, s3);
    }
    words
}

/// The state of the generators of a block: word by word, generators side by side.
fn seeded(seed: u64, block: u64) -> [[u64; GENERATORS]; 4] {
    let mut split_mix = mix(seed).wrapping_add(block);
    split_mix = mix(split_mix);
    let mut state = [[0; GENERATORS]; 4];
    for generator in 0..GENERATORS {
        for word in &mut state {
            split_mix = split_mix.wrapping_add(0x9e37_79b9_7f4a_7c15);
            word[generator] = mix(split_mix);
        }
    }
    state
}

/// The finaliser of SplitMix64.
fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
