//! The clock, and the state of the CPU that must not leak from one timing into the next.
#![expect(
    unsafe_code,
    reason = "vzeroupper is an instruction without a safe name"
)]

use std::time::Instant;

/// Runs `body` and returns the ns that it took, on the monotonic clock.
pub fn time_ns<T>(body: impl FnOnce() -> T) -> (u64, T) {
    clear_upper_halves();
    let start = Instant::now();
    let answer = body();
    (start.elapsed().as_nanos() as u64, answer)
}

/// Marks the upper halves of the vector registers as unused.
///
/// Code that left them dirty (faer's products do) makes SSE code after it run up to three times slower.
fn clear_upper_halves() {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx") {
        // SAFETY: the CPU has AVX, and no 256-bit value is alive across this block.
        unsafe {
            std::arch::asm!(
                "vzeroupper",
                out("xmm0") _, out("xmm1") _, out("xmm2") _, out("xmm3") _,
                out("xmm4") _, out("xmm5") _, out("xmm6") _, out("xmm7") _,
                out("xmm8") _, out("xmm9") _, out("xmm10") _, out("xmm11") _,
                out("xmm12") _, out("xmm13") _, out("xmm14") _, out("xmm15") _,
                options(nomem, nostack, preserves_flags)
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timed_body_answers() {
        let (_, answer) = time_ns(|| 7);
        assert_eq!(answer, 7);
    }
}
