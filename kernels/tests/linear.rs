//! Layers against double precision, within the bound that the module states.

use kernels::Error;
use kernels::linear::{Gradients, Implementation, Shape, implementations};

use crate::support::{Random, same, specials};

const SHAPES: [(usize, usize, usize); 30] = [
    (1, 1, 1),
    (0, 3, 2),
    (3, 0, 2),
    (3, 2, 0),
    (5, 7, 9),
    (3, 15, 5),
    (4, 16, 4),
    (6, 17, 7),
    (7, 33, 9),
    (8, 16, 8),
    (10, 1030, 6),
    (11, 18, 5),
    (13, 17, 7),
    (2, 1023, 3),
    (2, 1025, 3),
    (3, 2050, 5),
    (1, 100, 300),
    (300, 5, 1),
    (32, 784, 10),
    (32, 784, 128),
    (9, 3072, 21),
    (192, 0, 3),
    (192, 3, 2),
    (67, 33, 37),
    (195, 33, 37),
    (63, 1030, 65),
    (64, 1030, 65),
    (65, 33, 131),
    (35, 1030, 131),
    (127, 7, 1035),
];

fn supported() -> impl Iterator<Item = &'static Implementation> {
    implementations().iter().filter(|row| row.is_supported())
}

/// A layer, what passes through it, and the gradient by what comes out.
#[derive(Clone)]
struct Layer {
    shape: Shape,
    x: Vec<f32>,
    weights: Vec<f32>,
    bias: Vec<f32>,
    dy: Vec<f32>,
}

impl Layer {
    fn new((batch, inputs, outputs): (usize, usize, usize), random: &mut Random) -> Layer {
        Layer {
            shape: Shape {
                batch,
                inputs,
                outputs,
            },
            x: random.vector(batch * inputs),
            weights: random.vector(outputs * inputs),
            bias: random.vector(outputs),
            dy: random.vector(batch * outputs),
        }
    }

    /// What each element of y, dx, dW and db is the sum of, and of y again.
    fn terms(&self) -> [Vec<Vec<f64>>; 5] {
        let Shape {
            batch,
            inputs,
            outputs,
        } = self.shape;
        let product = |a: f32, b: f32| f64::from(a) * f64::from(b);
        let each = |rows: usize, columns: usize, terms: &dyn Fn(usize, usize) -> Vec<f64>| {
            (0..rows)
                .flat_map(|row| (0..columns).map(move |column| (row, column)))
                .map(|(row, column)| terms(row, column))
                .collect::<Vec<_>>()
        };
        let y = each(batch, outputs, &|row, column| {
            let pairs = (0..inputs)
                .map(|k| product(self.x[row * inputs + k], self.weights[column * inputs + k]));
            pairs.chain([f64::from(self.bias[column])]).collect()
        });
        let dx = each(batch, inputs, &|row, column| {
            (0..outputs)
                .map(|k| {
                    product(
                        self.dy[row * outputs + k],
                        self.weights[k * inputs + column],
                    )
                })
                .collect()
        });
        let dw = each(outputs, inputs, &|row, column| {
            (0..batch)
                .map(|k| product(self.dy[k * outputs + row], self.x[k * inputs + column]))
                .collect()
        });
        let db = each(outputs, 1, &|row, _| {
            (0..batch)
                .map(|k| f64::from(self.dy[k * outputs + row]))
                .collect()
        });
        [y.clone(), dx, dw, db, y]
    }

    /// y, dx, dW and db, and y of packed weights, as computed, between two canaries each.
    fn computed(&self, implementation: &Implementation) -> [Vec<f32>; 5] {
        let room = |len: usize| {
            let mut room = vec![f32::NAN; len + 2];
            (room[0], room[len + 1]) = (42.0, 42.0);
            room
        };
        let mut y = room(self.dy.len());
        let (mut dx, mut dw, mut db) = (
            room(self.x.len()),
            room(self.weights.len()),
            room(self.bias.len()),
        );
        fn inside(room: &mut [f32]) -> &mut [f32] {
            let end = room.len() - 1;
            &mut room[1..end]
        }
        implementation
            .forward(
                &self.x,
                &self.weights,
                &self.bias,
                inside(&mut y),
                self.shape,
            )
            .unwrap();
        let gradients = Gradients {
            x: Some(inside(&mut dx)),
            weights: inside(&mut dw),
            bias: inside(&mut db),
        };
        implementation
            .backward(&self.x, &self.weights, &self.dy, gradients, self.shape)
            .unwrap();
        let mut of_packed = room(self.dy.len());
        implementation
            .pack(&self.weights, self.shape.inputs, self.shape.outputs)
            .unwrap()
            .forward(
                &self.x,
                &self.bias,
                inside(&mut of_packed),
                self.shape.batch,
            )
            .unwrap();
        [y, dx, dw, db, of_packed].map(|room| {
            assert!(
                room[0] == 42.0 && room[room.len() - 1] == 42.0,
                "{}: {:?} wrote outside",
                implementation.name(),
                self.shape
            );
            room[1..room.len() - 1].to_vec()
        })
    }
}

#[test]
fn matches_double_precision() {
    let mut random = Random(1);
    for shape in SHAPES {
        let layer = Layer::new(shape, &mut random);
        let exact = layer.terms();
        for implementation in supported() {
            let computed = layer.computed(implementation);
            for (what, (exact, computed)) in ["y", "dx", "dW", "db", "y of packed weights"]
                .iter()
                .zip(exact.iter().zip(&computed))
            {
                assert_eq!(exact.len(), computed.len());
                for (i, (terms, computed)) in exact.iter().zip(computed).enumerate() {
                    let sum: f64 = terms.iter().sum();
                    let magnitude: f64 = terms.iter().map(|term| term.abs()).sum();
                    let bound = (terms.len() + 2) as f64 * f64::from(f32::EPSILON) * magnitude;
                    assert!(
                        (f64::from(*computed) - sum).abs() <= bound,
                        "{} {shape:?} {what}[{i}]: {computed} instead of {sum} ± {bound:e}",
                        implementation.name()
                    );
                }
            }
        }
    }
}

/// What is NaN or infinite is so in every implementation, wherever it stands in a sum.
#[test]
fn special_values_follow_ieee() {
    let mut random = Random(2);
    let values: Vec<f32> = specials();
    for (place, value) in (0..18).flat_map(|place| values.iter().map(move |value| (place, *value)))
    {
        let mut layer = Layer::new((3, 18, 5), &mut random);
        layer.x[place] = value;
        layer.weights[36 + place] = -value;
        layer.dy[place % 15] = value;
        let exact = layer.terms();
        for implementation in supported() {
            let computed = layer.computed(implementation);
            for (what, (exact, computed)) in exact.iter().zip(&computed).enumerate() {
                for (i, (terms, computed)) in exact.iter().zip(computed).enumerate() {
                    let sum: f64 = terms.iter().sum();
                    let agree = if sum.is_finite() {
                        (f64::from(*computed) - sum).abs() <= 1e-4 * (1.0 + sum.abs())
                    } else {
                        same(f64::from(*computed), sum)
                    };
                    assert!(
                        agree,
                        "{} {value:e} at {place}, result {what}[{i}]: {computed} instead of {sum}",
                        implementation.name()
                    );
                }
            }
        }
    }
}

#[test]
fn a_first_layer_needs_no_gradient_by_its_input() {
    let layer = Layer::new((5, 7, 9), &mut Random(3));
    for implementation in supported() {
        let [_, _, wanted, ..] = layer.computed(implementation);
        let (mut dw, mut db) = (vec![0.0; 63], vec![0.0; 9]);
        let gradients = Gradients {
            x: None,
            weights: &mut dw,
            bias: &mut db,
        };
        implementation
            .backward(&layer.x, &layer.weights, &layer.dy, gradients, layer.shape)
            .unwrap();
        assert_eq!(dw, wanted, "{}", implementation.name());
    }
}

/// Nothing to compute, and no end of rows or inputs that nobody may count.
#[test]
fn any_number_of_empty_rows() {
    for (batch, inputs) in [(usize::MAX, 0), (0, usize::MAX)] {
        let shape = Shape {
            batch,
            inputs,
            outputs: 0,
        };
        for implementation in supported() {
            let row = format!("{} {shape:?}", implementation.name());
            implementation
                .forward(&[], &[], &[], &mut [], shape)
                .expect(&row);
            let gradients = Gradients {
                x: Some(&mut []),
                weights: &mut [],
                bias: &mut [],
            };
            implementation
                .backward(&[], &[], &[], gradients, shape)
                .expect(&row);
            let weights = implementation.pack(&[], inputs, 0).expect(&row);
            weights.forward(&[], &[], &mut [], batch).expect(&row);
        }
    }
}

#[test]
fn operands_must_fit() {
    let good = Layer::new((2, 3, 4), &mut Random(4));
    for (operand, expected) in [("x", 6), ("weights", 12), ("bias", 4), ("y", 8), ("dy", 8)] {
        let mut layer = good.clone();
        let mut y = vec![0.0; 8];
        match operand {
            "x" => layer.x.push(0.0),
            "weights" => layer.weights.push(0.0),
            "bias" => layer.bias.push(0.0),
            "dy" => layer.dy.push(0.0),
            _ => y.push(0.0),
        }
        let (mut dw, mut db) = (vec![0.0; 12], vec![0.0; 4]);
        let gradients = Gradients {
            x: None,
            weights: &mut dw,
            bias: &mut db,
        };
        let row = kernels::linear::selected();
        let shape = layer.shape;
        let made = if operand == "dy" {
            row.backward(&layer.x, &layer.weights, &layer.dy, gradients, shape)
        } else {
            row.forward(&layer.x, &layer.weights, &layer.bias, &mut y, shape)
        };
        let actual = expected + 1;
        let wanted = Err(Error::Length {
            operand,
            expected,
            actual,
        });
        assert_eq!(made, wanted, "{operand}");
        let packed = kernels::linear::pack(&layer.weights, shape.inputs, shape.outputs);
        let made =
            packed.and_then(|weights| weights.forward(&layer.x, &layer.bias, &mut y, shape.batch));
        match operand {
            "dy" => assert_eq!(made, Ok(())),
            // Those of a product.
            _ => {
                assert!(matches!(made, Err(Error::Length { actual, .. }) if expected + 1 == actual))
            }
        }
    }
    let shape = Shape {
        batch: usize::MAX,
        inputs: 2,
        outputs: 1,
    };
    let made = kernels::linear::forward(&[], &[0.0; 2], &[0.0], &mut [], shape);
    assert!(matches!(made, Err(Error::TooLarge { .. })), "{made:?}");
}
