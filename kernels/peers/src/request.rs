//! What is to be measured: passed from the program to the shared objects through the environment.

use abi::DType;
use serde::{Deserialize, Serialize};

/// The environment variable that holds a [`Request`] as JSON.
pub const VARIABLE: &str = "PEERS_REQUEST";

/// Cases, and the threads that each candidate may use.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// In the order in which they are measured.
    pub cases: Vec<Case>,
    /// Threads of each candidate.
    pub threads: usize,
}

/// An operation on one input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// The operation.
    pub op: Op,
    /// The type of element.
    pub dtype: Type,
    /// Rows and columns of an addition; m, k and n of a product; rows of a set and of a batch; images, rows and columns; batch, inputs and outputs of a layer;
    /// rows and columns of an activation; parameters.
    pub shape: Vec<usize>,
}

/// An operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Op {
    /// `out = a + b`
    Add,
    /// `c = a · b`
    Matmul,
    /// Rows of a set and their labels, in random order; f32
    Gather,
    /// `(x − mean)/std` with given statistics; f32
    Normalise,
    /// The same with the statistics of x; f32
    NormaliseComputed,
    /// `(x/255 − mean)/std` of bytes; to f32
    NormaliseBytes,
    /// `y = x·Wᵀ + b`; f32
    LinearForward,
    /// dx, dW and db of it; f32
    LinearBackward,
    /// `max(x, 0)`; f32
    Relu,
    /// `1/(1 + e⁻ˣ)`; f32
    Sigmoid,
    /// The hyperbolic tangent; f32
    Tanh,
    /// A step of gradient descent; f32
    Sgd,
    /// The same with momentum 0.9; f32
    Momentum,
    /// A step of Adam; f32
    Adam,
}

/// A type of element.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Type {
    /// Single precision.
    F32,
    /// Double precision.
    F64,
}

impl Request {
    /// What [`VARIABLE`] says; where it says nothing, both operations at 100 and 1000, on one thread.
    ///
    /// # Panics
    /// Where the variable holds no request.
    pub fn from_environment() -> Request {
        match std::env::var(VARIABLE) {
            Ok(json) => {
                serde_json::from_str(&json).unwrap_or_else(|error| panic!("{VARIABLE}: {error}"))
            }
            Err(_) => Request {
                cases: [Op::Add, Op::Matmul]
                    .into_iter()
                    .flat_map(|op| [(op, 100), (op, 1000)])
                    .flat_map(|(op, n)| {
                        [Type::F32, Type::F64].map(|dtype| Case::square(op, dtype, n))
                    })
                    .collect(),
                threads: 1,
            },
        }
    }
}

impl Case {
    /// `n` along every dimension.
    pub fn square(op: Op, dtype: Type, n: usize) -> Case {
        let shape = vec![n; op.rank()];
        Case { op, dtype, shape }
    }

    /// The name of `candidate`'s benchmark for this case.
    pub fn benchmark_name(&self, candidate: &str) -> String {
        format!(
            "{candidate} {} {} {}",
            self.op.name(),
            self.shape_name(),
            self.dtype.name()
        )
    }

    /// For instance `100×100×100`.
    pub fn shape_name(&self) -> String {
        let sides: Vec<_> = self.shape.iter().map(usize::to_string).collect();
        sides.join("×")
    }
}

impl Op {
    /// All, in the order in which they are measured.
    pub const ALL: [Op; 14] = [
        Op::Add,
        Op::Matmul,
        Op::Gather,
        Op::Normalise,
        Op::NormaliseComputed,
        Op::NormaliseBytes,
        Op::LinearForward,
        Op::LinearBackward,
        Op::Relu,
        Op::Sigmoid,
        Op::Tanh,
        Op::Sgd,
        Op::Momentum,
        Op::Adam,
    ];

    /// How many dimensions its shape has.
    pub fn rank(self) -> usize {
        self.shapes()[0].len()
    }

    /// Whether arithmetic bounds it; all others are bound by memory.
    pub fn is_product(self) -> bool {
        matches!(self, Op::Matmul | Op::LinearForward | Op::LinearBackward)
    }

    /// What it is measured on where nobody says otherwise.
    pub fn shapes(self) -> Vec<Vec<usize>> {
        match self {
            Op::Add => vec![vec![100; 2], vec![1000; 2]],
            Op::Matmul => vec![vec![100; 3], vec![1000; 3]],
            Op::Gather => vec![vec![128, 32], vec![60_000, 32]],
            Op::Normalise | Op::NormaliseComputed | Op::NormaliseBytes => vec![vec![32, 28, 28]],
            Op::LinearForward | Op::LinearBackward => {
                vec![vec![32, 784, 128], vec![64, 3072, 512]]
            }
            Op::Relu | Op::Sigmoid | Op::Tanh => vec![vec![1024, 1024]],
            Op::Sgd | Op::Momentum | Op::Adam => {
                vec![vec![10_000], vec![100_000], vec![1_000_000]]
            }
        }
    }

    /// The types of element that there are kernels for.
    pub fn types(self) -> &'static [Type] {
        match self {
            Op::Add | Op::Matmul => &[Type::F32, Type::F64],
            _ => &[Type::F32],
        }
    }

    /// As on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Op::Add => "add",
            Op::Matmul => "matmul",
            Op::Gather => "gather",
            Op::Normalise => "normalise",
            Op::NormaliseComputed => "normalise-computed",
            Op::NormaliseBytes => "normalise-bytes",
            Op::LinearForward => "linear-forward",
            Op::LinearBackward => "linear-backward",
            Op::Relu => "relu",
            Op::Sigmoid => "sigmoid",
            Op::Tanh => "tanh",
            Op::Sgd => "sgd",
            Op::Momentum => "momentum",
            Op::Adam => "adam",
        }
    }
}

impl Type {
    /// As in records.
    pub fn name(self) -> &'static str {
        DType::from(self).name()
    }
}

impl From<Type> for DType {
    fn from(dtype: Type) -> DType {
        match dtype {
            Type::F32 => DType::F32,
            Type::F64 => DType::F64,
        }
    }
}
