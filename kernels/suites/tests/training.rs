//! A network learns: its loss falls on seeded data.

use kernels::optimizer::AdamState;
use suites::model_training::{Network, Parameters};

/// Uniform from -1 to 1, from a seed.
fn uniform(seed: u64, len: usize) -> Vec<f32> {
    let mut values = vec![0.0; len];
    kernels::create::uniform(seed, &mut values);
    values.iter().map(|x| 2.0 * x - 1.0).collect()
}

#[test]
fn the_loss_falls() {
    let network = Network::MNIST;
    let count = network.parameters();
    let x = uniform(1, network.batch * network.inputs);
    let labels: Vec<i64> = (0..network.batch as i64).map(|row| row * 7 % 10).collect();
    let mut values: Vec<f32> = uniform(2, count).iter().map(|x| x * 0.05).collect();
    let (mut first, mut second, mut steps) = (vec![0.0; count], vec![0.0; count], 0);
    let (mut gradients, mut scratch) = (vec![0.0; count], vec![0.0; network.scratch()]);
    let mut losses = Vec::new();
    for _ in 0..60 {
        let adam = AdamState {
            first: &mut first,
            second: &mut second,
            steps: &mut steps,
        };
        let parameters = Parameters {
            values: &mut values,
            adam,
        };
        let loss = network.step(&x, &labels, parameters, &mut gradients, &mut scratch);
        losses.push(loss.unwrap());
    }
    assert_eq!(steps, 60);
    // Ten classes that nothing tells apart yet.
    assert!((losses[0] - 10f64.ln()).abs() < 0.3, "{}", losses[0]);
    for (before, after) in losses.iter().zip(&losses[20..]) {
        assert!(after < before, "{losses:?}");
    }
    assert!(losses[59] < 0.05 * losses[0], "{losses:?}");
}
