//! Operands that end, or begin, at a page that nobody may touch: a read or a write beyond one ends the test program.
#![expect(
    unsafe_code,
    reason = "maps memory between forbidden pages and lends it as slices"
)]

use std::ffi::c_void;

use kernels::add::{Operation, Stores, implementations};
use kernels::convert::Format;
use kernels::gather::{Batch, Set};
use kernels::loss::softmax_cross_entropy;
use kernels::matmul::{MatMut, MatRef, Scaling, Shape};
use kernels::normalise::Statistics;
use kernels::optimizer::{Adam, AdamState, AdamW, Momentum, RmsProp, Sgd};
use kernels::{Element, convert, gather, normalise, optimizer};
use rustix::mm;

use crate::matmul::supported;
use crate::support::{Random, for_each_element};

for_each_element!(
    creation_stays_inside,
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

    /// `len` random elements at one end.
    fn filled<T: Element>(&mut self, len: usize, edge: Edge, random: &mut Random) -> &mut [T] {
        self.holding(&random.vector::<T>(len), edge)
    }

    /// These plain numbers at one end.
    fn holding<T: Copy>(&mut self, values: &[T], edge: Edge) -> &mut [T] {
        let bytes = size_of_val(values);
        assert!(bytes <= self.bytes, "{bytes} bytes");
        let skip = match edge {
            Edge::Start => 0,
            Edge::End => self.bytes - bytes,
        };
        let data = self.base.wrapping_byte_add(PAGE_BYTES + skip).cast::<T>();
        // SAFETY: the elements lie between the guards, are aligned because their size divides a page's, hold zeros or numbers, and
        // `self` is borrowed mutably for as long as they are.
        let slice = unsafe { std::slice::from_raw_parts_mut(data, values.len()) };
        slice.copy_from_slice(values);
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

/// Lengths with every number of leftover elements of every vector, at both ends.
fn lengths() -> impl Iterator<Item = (usize, Edge)> {
    let lengths = (0..130).chain([255, 257, 511]);
    lengths.flat_map(|len| EDGES.map(|edge| (len, edge)))
}

fn creation_stays_inside<T: Element>() {
    let mut random = Random(10);
    let mut out = Guarded::new(PAGE_BYTES);
    for (len, edge) in lengths() {
        let out = out.filled::<T>(len, edge, &mut random);
        let made = kernels::create::implementations::<T>().iter();
        for implementation in made.filter(|implementation| implementation.is_supported()) {
            implementation.uniform(1, out).unwrap();
        }
        let filled = implementations::<T>().iter();
        for implementation in filled.filter(|implementation| implementation.is_supported()) {
            for stores in [Stores::Cached, Stores::Streaming] {
                implementation.fill(T::ONE, out, stores).unwrap();
            }
        }
    }
}

fn elementwise_stays_inside<T: Element>() {
    let mut random = Random(11);
    let [mut a, mut b, mut out] = three(PAGE_BYTES);
    let supported = implementations::<T>()
        .iter()
        .filter(|implementation| implementation.is_supported());
    for implementation in supported {
        for (len, edge) in lengths() {
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
    let rows = 1..=17;
    let depths = [1, 2, 3, 4, 5, 17];
    rows.flat_map(move |m| {
        let columns = (1..=19).chain([24, 31, 33, 47, 48, 49]);
        columns.flat_map(move |n| depths.map(|k| Shape { m, k, n }))
    })
}

fn products_stay_inside<T: Element>() {
    let mut random = Random(12);
    // Of a C beyond the level-1 cache several tiles are computed in one go; this one's last vector is cut off.
    let large = Shape {
        m: 135,
        k: 5,
        n: 187,
    };
    let [mut a, mut b, mut c] = three(large.m * large.n * size_of::<T>());
    for implementation in supported::<T>() {
        let shapes = shapes().chain([large]);
        for (shape, edge) in shapes.flat_map(|shape| EDGES.map(|edge| (shape, edge))) {
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
    let [mut x, mut weights, mut y] = three(17 * PAGE_BYTES);
    let mut bias = Guarded::new(PAGE_BYTES);
    let layers = kernels::linear::implementations().iter();
    for layer in layers.filter(|layer| layer.is_supported()) {
        let shapes = [1, 3, 4, 5, 6, 9].map(|batch| {
            let inputs = [1, 3, 4, 7, 8, 15, 16, 17, 33];
            inputs.map(|inputs| [1, 2, 3, 4, 5, 9].map(|outputs| [batch, inputs, outputs]))
        });
        for ([batch, inputs, outputs], edge) in shapes
            .into_iter()
            .flatten()
            .flatten()
            .chain([[65, 3, 130], [64, 3, 129]])
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
            let packed = layer.pack(weights, inputs, outputs).expect(&row);
            packed.forward(x, bias, y, batch).expect(&row);
            let [mut dx, mut dw, mut db] = three(2 * PAGE_BYTES);
            let gradients = kernels::linear::Gradients {
                x: Some(dx.filled(batch * inputs, edge, &mut random)),
                weights: dw.filled(outputs * inputs, edge, &mut random),
                bias: db.filled(outputs, edge, &mut random),
            };
            layer.backward(x, weights, y, gradients, shape).expect(&row);
        }
    }
    let activations = kernels::activation::implementations().iter();
    for activation in activations.filter(|activation| activation.is_supported()) {
        for (len, edge) in lengths() {
            let row = format!("{} len {len} {edge:?}", activation.name());
            let x = x.filled::<f32>(len, edge, &mut random);
            let y = y.filled::<f32>(len, edge, &mut random);
            let grad = weights.filled::<f32>(len, edge, &mut random);
            activation.relu(x, y).expect(&row);
            activation.sigmoid(x, y).expect(&row);
            activation.tanh(x, y).expect(&row);
            activation.relu_backward(x, grad, y).expect(&row);
            activation.sigmoid_backward(x, grad, y).expect(&row);
            activation.tanh_backward(x, grad, y).expect(&row);
        }
    }
}

#[test]
fn conversions_and_normalisation_stay_inside() {
    let mut random = Random(15);
    let [mut wide, mut narrow, mut bytes] = three(PAGE_BYTES);
    let with = Statistics {
        mean: 0.5,
        std: 0.25,
    };
    for (len, edge) in lengths() {
        let row = format!("len {len} {edge:?}");
        let wide = wide.filled::<f32>(len, edge, &mut random);
        let narrow = narrow.holding(&vec![0x3c00_u16; len], edge);
        let converting = convert::implementations().iter();
        for implementation in converting.filter(|implementation| implementation.is_supported()) {
            for format in [Format::F16, Format::Bf16] {
                implementation.narrow(format, wide, narrow).expect(&row);
                implementation.widen(format, narrow, wide).expect(&row);
            }
        }
        let bytes = bytes.holding(&vec![7_u8; len], edge);
        let mut out = Guarded::new(PAGE_BYTES);
        let out = out.filled::<f32>(len, edge, &mut random);
        let normalising = normalise::implementations().iter();
        for implementation in normalising.filter(|implementation| implementation.is_supported()) {
            implementation.normalise(wide, with, out).expect(&row);
            implementation.statistics(wide).expect(&row);
            implementation.from_bytes(bytes, with, out).expect(&row);
        }
    }
}

#[test]
fn batches_and_losses_stay_inside() {
    let mut random = Random(16);
    let [mut rows, mut labels, mut index] = three(2 * PAGE_BYTES);
    let [mut to_rows, mut to_labels, mut gradient] = three(2 * PAGE_BYTES);
    for ((width, count), edge) in (0..70)
        .flat_map(|width| [1, 2, 5].map(|count| (width, count)))
        .flat_map(|size| EDGES.map(|edge| (size, edge)))
    {
        let row = format!("{count} of {width} {edge:?}");
        let rows = rows.filled::<f32>(3 * width, edge, &mut random);
        let labels = labels.holding(&[0_i64, 1, 2], edge);
        let index = index.holding(&[2_u32, 0, 1, 1, 2][..count], edge);
        let to_rows = to_rows.filled::<f32>(count * width, edge, &mut random);
        let to_labels = to_labels.holding(&vec![0_i64; count], edge);
        let gathering = gather::implementations().iter();
        for implementation in gathering.filter(|implementation| implementation.is_supported()) {
            let set = Set {
                rows,
                width,
                labels,
            };
            let batch = Batch {
                rows: to_rows,
                labels: to_labels,
            };
            implementation.batch(set, index, batch).expect(&row);
        }
        if width > 0 {
            to_labels.fill(0);
            let gradient = gradient.filled::<f32>(to_rows.len(), edge, &mut random);
            softmax_cross_entropy(to_rows, to_labels, width, gradient).expect(&row);
        }
    }
}

#[test]
fn steps_of_optimisers_stay_inside() {
    let mut random = Random(17);
    let [mut params, mut grads, mut first] = three(PAGE_BYTES);
    let mut second = Guarded::new(PAGE_BYTES);
    let stepping = optimizer::implementations().iter();
    for implementation in stepping.filter(|implementation| implementation.is_supported()) {
        for (len, edge) in lengths() {
            let row = format!("{} len {len} {edge:?}", implementation.name());
            let params = params.filled::<f32>(len, edge, &mut random);
            let grads = grads.filled::<f32>(len, edge, &mut random);
            let first = first.holding(&vec![0.5_f32; len], edge);
            let second = second.holding(&vec![0.5_f32; len], edge);
            implementation
                .sgd(Sgd { learning_rate: 0.1 }, params, grads)
                .expect(&row);
            implementation
                .momentum(
                    Momentum {
                        learning_rate: 0.1,
                        momentum: 0.9,
                    },
                    params,
                    grads,
                    first,
                )
                .expect(&row);
            implementation
                .rmsprop(
                    RmsProp {
                        learning_rate: 0.1,
                        decay: 0.9,
                        epsilon: 1e-8,
                    },
                    params,
                    grads,
                    second,
                )
                .expect(&row);
            let steps = &mut 0;
            let state = AdamState {
                first,
                second,
                steps,
            };
            implementation
                .adam(Adam::default(), params, grads, state)
                .expect(&row);
            let state = AdamState {
                first,
                second,
                steps,
            };
            implementation
                .adamw(AdamW::default(), params, grads, state)
                .expect(&row);
        }
    }
}
