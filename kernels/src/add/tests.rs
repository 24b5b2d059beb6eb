#![expect(unsafe_code, reason = "reads the machine code of the kernels")]

use super::*;

/// The machine code of a kernel up to its first `vzeroupper`, or to its first return.
fn code(kernel: unsafe fn(&Args<f64>)) -> Vec<u8> {
    const LONGEST: usize = 16 << 10;
    let start = kernel as *const u8;
    let mut code = Vec::new();
    while code.len() < LONGEST && !code.ends_with(&[0xc5, 0xf8, 0x77]) {
        // SAFETY: the test binary's code is far longer, and readable.
        code.push(unsafe { start.wrapping_add(code.len()).read() });
    }
    code
}

/// Whether the code has an addition of packed doubles (opcode 58) on registers of that width.
fn has_packed_add(code: &[u8], isa: Isa) -> bool {
    code.windows(6).any(|w| match isa {
        // No prefix but 66: `66 0f 58`, or `66 REX 0f 58`.
        Isa::Portable => matches!(
            w,
            [0x66, 0x0f, 0x58, ..] | [0x66, 0x40..=0x4f, 0x0f, 0x58, ..]
        ),
        // VEX in two or three bytes: L = 1 (bit 2), pp = 1 for 66.
        Isa::Avx2 => match w {
            [0xc5, second, 0x58, ..] => second & 0b111 == 0b101,
            [0xc4, map, third, 0x58, ..] => map & 0x1f == 1 && third & 0b111 == 0b101,
            _ => false,
        },
        // EVEX: map 1, W = 1 and pp = 1, L'L = 2 (bits 6 and 5).
        Isa::Avx512 => match w {
            [0x62, map, second, third, 0x58, ..] => {
                map & 7 == 1 && second & 0x83 == 0x81 && third & 0x60 == 0x40
            }
            _ => false,
        },
    })
}

#[test]
fn each_kernel_adds_with_registers_of_its_own_width_and_cleans_up() {
    for implementation in implementations::<f64>() {
        let code = code(implementation.kernels[Operation::Add as usize]);
        let isa = if implementation.name() == cpu::HALVED {
            Isa::Avx2
        } else {
            implementation.isa()
        };
        assert!(
            has_packed_add(&code, isa),
            "{isa} add has no packed addition of its width"
        );
        if isa != Isa::Portable {
            assert!(
                code.ends_with(&[0xc5, 0xf8, 0x77]),
                "{isa} add does not end with vzeroupper"
            );
        }
    }
    // The check itself tells widths apart.
    let avx2 = code(avx2::F64[Operation::Add as usize]);
    assert!(
        !has_packed_add(&avx2, Isa::Portable),
        "AVX2 code is VEX-encoded throughout"
    );
    assert!(
        !has_packed_add(&avx2, Isa::Avx512),
        "AVX2 code has no 512-bit addition"
    );
}
