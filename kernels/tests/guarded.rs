//! Operands that end, or begin, at a page that nobody may touch: a read or a write beyond one ends the test program.
#![expect(
    unsafe_code,
    reason = "maps memory between forbidden pages and lends it as slices"
)]

use std::ffi::c_void;

use kernels::Element;
use kernels::add::{Operation, Stores, implementations};
use kernels::matmul::{MatMut, MatRef, Scaling, Shape};
use rustix::mm;

use crate::matmul::supported;
use crate::support::{Random, for_each_element};

for_each_element!(
    elementwise_stays_inside,
    products_stay_inside,
    transposed_products_stay_inside
);

const PAGE_BYTES: usize = 4096;

/// Which end of an operand touches a forbidden page.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Edge {
    Start,
    End,
}

const EDGES: [Edge; 2] = [Edge::Start, Edge::End];

/// Pages between two that may neither be read nor written.
struct Guarded {
    base: *mut c_void,
    bytes: usize,
}

impl Guarded {
    /// Room for `bytes` bytes.
    fn new(bytes: usize) -> Guarded {
        let bytes = bytes.next_multiple_of(PAGE_BYTES);
        let protection = mm::ProtFlags::READ | mm::ProtFlags::WRITE;
        let (place, flags) = (std::ptr::null_mut(), mm::MapFlags::PRIVATE);
        // SAFETY: a new mapping at an address of the kernel's choice touches no other memory.
        let base = unsafe { mm::mmap_anonymous(place, bytes + 2 * PAGE_BYTES, protection, flags) };
        let base = base.expect("memory");
        for guard in [0, PAGE_BYTES + bytes] {
            let page = base.wrapping_byte_add(guard);
            // SAFETY: the page is the mapping's first or last, and nothing refers to it.
            unsafe { mm::mprotect(page, PAGE_BYTES, mm::MprotectFlags::empty()) }.expect("a guard");
        }
        Guarded { base, bytes }
    }

    /// The first or the last `len` elements, filled.
    fn filled<T: Element>(&mut self, len: usize, edge: Edge, random: &mut Random) -> &mut [T] {
        assert!(len * size_of::<T>() <= self.bytes, "{len} elements");
        let skip = match edge {
            Edge::Start => 0,
            Edge::End => self.bytes - len * size_of::<T>(),
        };
        let data = self.base.wrapping_byte_add(PAGE_BYTES + skip).cast::<T>();
        // SAFETY: the elements lie between the guards, are aligned because their size divides a page's, hold zeros or floats, and
        // `self` is borrowed mutably for as long as they are.
        let slice = unsafe { std::slice::from_raw_parts_mut(data, len) };
        slice.copy_from_slice(&random.vector::<T>(len));
        slice
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        // SAFETY: the mapping was made by `new` with this size, and every slice of it is gone.
        let _ = unsafe { mm::munmap(self.base, self.bytes + 2 * PAGE_BYTES) };
    }
}

fn three(bytes: usize) -> [Guarded; 3] {
    std::array::from_fn(|_| Guarded::new(bytes))
}

fn elementwise_stays_inside<T: Element>() {
    let mut random = Random(11);
    let [mut a, mut b, mut out] = three(PAGE_BYTES);
    let supported = implementations::<T>()
        .iter()
        .filter(|implementation| implementation.is_supported());
    for implementation in supported {
        for (len, edge) in (0..130)
            .chain([255, 257, 511])
            .flat_map(|len| EDGES.map(|edge| (len, edge)))
        {
            let a = a.filled::<T>(len, edge, &mut random);
            let b = b.filled::<T>(len, edge, &mut random);
            let out = out.filled::<T>(len, edge, &mut random);
            let row = format!("{} len {len} {edge:?}", implementation.name());
            for stores in [Stores::Cached, Stores::Streaming] {
                for operation in [Operation::Add, Operation::Divide] {
                    implementation
                        .binary(operation, a, b, out, stores)
                        .expect(&row);
                }
                implementation.scale(T::ONE, a, out, stores).expect(&row);
            }
            implementation.axpy(T::ONE, a, out).expect(&row);
            implementation
                .binary_in_place(Operation::Add, out, b)
                .expect(&row);
            implementation.scale_in_place(T::ONE, out).expect(&row);
        }
    }
}

/// Every number of leftover rows and columns of every tile, and depths about the turns of the loops.
fn shapes() -> impl Iterator<Item = Shape> {
    let rows = [1, 2, 3, 4, 5, 6, 7, 8, 9, 17];
    let depths = [1, 2, 3, 4, 5, 17];
    rows.into_iter().flat_map(move |m| {
        let columns = (1..=19).chain([24, 31, 33, 47, 48, 49]);
        columns.flat_map(move |n| depths.map(|k| Shape { m, k, n }))
    })
}

fn products_stay_inside<T: Element>() {
    let mut random = Random(12);
    let [mut a, mut b, mut c] = three(2 * PAGE_BYTES);
    for implementation in supported::<T>() {
        for (shape, edge) in shapes().flat_map(|shape| EDGES.map(|edge| (shape, edge))) {
            let Shape { m, k, n } = shape;
            let a = a.filled::<T>(m * k, edge, &mut random);
            let b = b.filled::<T>(k * n, edge, &mut random);
            let c = c.filled::<T>(m * n, edge, &mut random);
            let row = format!("{} {shape:?} {edge:?}", implementation.name());
            implementation.run(a, b, c, shape).expect(&row);
        }
    }
}

fn transposed_products_stay_inside<T: Element>() {
    let mut random = Random(13);
    let [mut a, mut b, mut c] = three(2 * PAGE_BYTES);
    let scaling = Scaling {
        alpha: T::from_f64(0.5),
        beta: T::ONE,
    };
    for implementation in supported::<T>() {
        for (Shape { m, k, n }, edge) in shapes()
            .step_by(3)
            .flat_map(|shape| EDGES.map(|edge| (shape, edge)))
        {
            let a = a.filled::<T>(m * k, edge, &mut random);
            let b = b.filled::<T>(k * n, edge, &mut random);
            let c = c.filled::<T>(m * n, edge, &mut random);
            let row = format!("{} {m}, {k}, {n} {edge:?}", implementation.name());
            let a = MatRef::new(a, k, m).expect(&row).transposed();
            let b = MatRef::new(b, n, k).expect(&row).transposed();
            let c = MatMut::new(c, m, n).expect(&row);
            implementation.gemm(scaling, a, b, c).expect(&row);
        }
    }
}

#[test]
fn layers_and_activations_stay_inside() {
    let mut random = Random(14);
    let [mut x, mut weights, mut y] = three(2 * PAGE_BYTES);
    let mut bias = Guarded::new(PAGE_BYTES);
    let layers = kernels::linear::implementations().iter();
    for layer in layers.filter(|layer| layer.is_supported()) {
        let shapes = [1, 3, 4, 5].map(|batch| {
            let inputs = [1, 3, 4, 7, 8, 15, 16, 17, 33];
            inputs.map(|inputs| [1, 2, 3, 4, 5, 9].map(|outputs| [batch, inputs, outputs]))
        });
        for ([batch, inputs, outputs], edge) in shapes
            .into_iter()
            .flatten()
            .flatten()
            .flat_map(|shape| EDGES.map(|edge| (shape, edge)))
        {
            let row = format!("{} {batch} {inputs} {outputs} {edge:?}", layer.name());
            let x = x.filled::<f32>(batch * inputs, edge, &mut random);
            let weights = weights.filled::<f32>(outputs * inputs, edge, &mut random);
            let bias = bias.filled::<f32>(outputs, edge, &mut random);
            let y = y.filled::<f32>(batch * outputs, edge, &mut random);
            let shape = kernels::linear::Shape {
                batch,
                inputs,
                outputs,
            };
            layer.forward(x, weights, bias, y, shape).expect(&row);
        }
    }
    let activations = kernels::activation::implementations().iter();
    for activation in activations.filter(|activation| activation.is_supported()) {
        for (len, edge) in (0..70).flat_map(|len| EDGES.map(|edge| (len, edge))) {
            let row = format!("{} len {len} {edge:?}", activation.name());
            let x = x.filled::<f32>(len, edge, &mut random);
            let y = y.filled::<f32>(len, edge, &mut random);
            activation.sigmoid(x, y).expect(&row);
            activation.tanh(x, y).expect(&row);
        }
    }
}
