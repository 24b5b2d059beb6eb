//! Optimisers against double precision, within the bounds that their documentation states, and bit for bit where values are special.

mod oracle;

use kernels::optimizer::{Adam, AdamState, Implementation, implementations};

use crate::support::{Random, same, specials};
use oracle::{ALL, Model, Optimizer, exact, single};

/// Half an epsilon.
const U: f64 = f32::EPSILON as f64 / 2.0;

fn supported() -> impl Iterator<Item = &'static Implementation> {
    implementations().iter().filter(|row| row.is_supported())
}

/// Parameters and gradients from -1 to 1; moments that a gradient of that size may leave.
fn model(random: &mut Random, len: usize) -> Model<f32> {
    Model {
        params: random.vector(len),
        grads: random.vector(len),
        first: random.vector(len),
        second: random
            .vector::<f32>(len)
            .iter()
            .map(|x| x.abs() + 1e-3)
            .collect(),
    }
}

#[test]
fn one_step_at_every_length() {
    let mut random = Random(1);
    for (implementation, optimizer) in supported().flat_map(|row| ALL.map(|what| (row, what))) {
        for (len, offset, steps) in (0..40)
            .chain([63, 65, 1000, 4099])
            .flat_map(|len| [(0, 0), (1, 9), (3, 100_000)].map(|(o, steps)| (len, o, steps)))
        {
            let row = format!(
                "{} {optimizer:?} len {len} offset {offset}",
                implementation.name()
            );
            let before = model(&mut random, len + 2 * offset);
            let mut after = before.clone();
            let inside = offset..offset + len;
            let made = optimizer.step(implementation, &mut after, inside.clone(), steps);
            assert_eq!(made, Ok(steps + u64::from(optimizer.counts())), "{row}");
            for i in 0..before.params.len() {
                let (old, new) = (before.at(i), after.at(i));
                if !inside.contains(&i) {
                    assert_eq!(old, new, "{row}: element {i} is outside");
                    continue;
                }
                let (expected, change, scale) = exact(optimizer, old, steps + 1);
                let allowed = [
                    1.01 * U * expected[0].abs() + U * old[0].abs() + 20.0 * U * scale,
                    0.0,
                    2.01 * U * (old[2].abs() + old[1].abs()),
                    4.01 * U * expected[3],
                ];
                for (place, allowed) in allowed.into_iter().enumerate() {
                    let error = (new[place] - expected[place]).abs();
                    assert!(
                        error <= allowed,
                        "{row}: {old:?} became {new:?}, not {expected:?} (value {place}, change {change})"
                    );
                }
            }
        }
    }
}

#[test]
fn adam_over_steps_follows_double_precision() {
    let mut random = Random(2);
    for implementation in supported() {
        for optimizer in [Optimizer::Adam, Optimizer::AdamW] {
            let mut model = model(&mut random, 37);
            model.first.fill(0.0);
            model.second.fill(0.0);
            let mut wide: Vec<[f64; 4]> = (0..37).map(|i| model.at(i)).collect();
            let mut steps = 0;
            for step in 1..=200 {
                model.grads = random.vector(37);
                steps = optimizer
                    .step(implementation, &mut model, 0..37, steps)
                    .unwrap();
                assert_eq!(steps, step);
                for (i, wide) in wide.iter_mut().enumerate() {
                    wide[1] = f64::from(model.grads[i]);
                    (*wide, _, _) = exact(optimizer, *wide, step);
                    let off = (model.at(i)[0] - wide[0]).abs();
                    // A few roundings of a parameter near 1 a step, and a moment's, which its root and the rate shrink.
                    let allowed = 4.0 * U * step as f64;
                    let row = format!("{} {optimizer:?}", implementation.name());
                    assert!(off <= allowed, "{row}: off by {off} at step {step}");
                }
            }
        }
    }
}

/// The first step is of the learning rate, against the gradient's sign, however large the gradient is.
#[test]
fn the_bias_of_the_first_step_is_corrected() {
    for implementation in supported() {
        for grad in [1e-4, -3.0, 1e6, -1e15] {
            let (mut params, mut first, mut second, mut steps) = ([0.0], [0.0], [0.0], 0);
            let state = AdamState {
                first: &mut first,
                second: &mut second,
                steps: &mut steps,
            };
            let done = implementation.adam(Adam::default(), &mut params, &[grad], state);
            assert_eq!(done, Ok(()));
            let step = -1e-3 * grad.signum();
            assert!(
                (params[0] - step).abs() < 1.1e-4 * 1e-3,
                "{grad}: {params:?}"
            );
        }
    }
}

/// NaN, infinities, zeros and subnormal numbers, in every combination: the formulas in f32, bit for bit.
#[test]
fn special_values_are_those_of_the_formulas() {
    let mut values = specials::<f32>();
    values.extend([1e-3, 1e25, f32::MAX, f32::from_bits(1)]);
    let mut model = Model::default();
    for (p, g) in values
        .iter()
        .flat_map(|p| values.iter().map(move |g| (*p, *g)))
    {
        for (m, v) in values
            .iter()
            .flat_map(|m| values.iter().map(move |v| (*m, *v)))
        {
            model.params.push(p);
            model.grads.push(g);
            model.first.push(m);
            model.second.push(v);
        }
    }
    let len = model.params.len();
    for (implementation, optimizer) in supported().flat_map(|row| ALL.map(|what| (row, what))) {
        let mut after = model.clone();
        optimizer
            .step(implementation, &mut after, 0..len, 2)
            .unwrap();
        for i in 0..len {
            let (old, new) = (model.at(i), after.at(i));
            let expected = single(optimizer, old.map(|x| x as f32), 3);
            assert!(
                (0..4).all(|place| same(new[place] as f32, expected[place])),
                "{} {optimizer:?}: {old:?} became {new:?}, not {expected:?}",
                implementation.name()
            );
        }
    }
}

#[test]
fn lengths_must_agree_and_nothing_is_written_otherwise() {
    for (implementation, optimizer) in supported().flat_map(|row| ALL.map(|what| (row, what))) {
        for operand in 0..4 {
            let mut model = model(&mut Random(3), 5);
            let arrays = [
                &mut model.params,
                &mut model.grads,
                &mut model.first,
                &mut model.second,
            ];
            if !optimizer.uses(operand) {
                continue;
            }
            for (place, array) in arrays.into_iter().enumerate() {
                array.truncate(if place == operand { 4 } else { 5 });
            }
            let before = model.clone();
            let refused = optimizer.step_whole(implementation, &mut model, 7);
            let row = format!("{} {optimizer:?} {operand}", implementation.name());
            assert!(refused.is_err(), "{row}");
            assert_eq!(model, before, "{row}");
        }
    }
}
