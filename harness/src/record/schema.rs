//! The JSON Schema of a record.

use serde_json::Value;

use super::Record;

/// The schema of a record of [`VERSION`](super::VERSION), generated from the types. `docs/record.schema.json` holds it.
pub fn schema() -> Value {
    schemars::schema_for!(Record).to_value()
}
