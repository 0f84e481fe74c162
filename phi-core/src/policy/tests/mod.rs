mod builder;
mod decide;
mod explain;
mod faults;
mod fit;
mod matrix;
mod model;
mod reference;
mod total;

use super::{CompiledPolicy, Policy, PolicyError, ResourceView, compile};

/// Records of a synthetic clinic.
fn records() -> Vec<ResourceView<'static>> {
    vec![
        ResourceView {
            record: "patient",
            fields: vec![
                ("name", "contact"),
                ("phone", "contact"),
                ("diagnosis", "clinical"),
                ("therapy", "psychotherapy"),
            ],
            has_tenant: true,
            has_owner: true,
        },
        ResourceView {
            record: "visit",
            fields: vec![("finding", "clinical"), ("price", "billing")],
            has_tenant: true,
            has_owner: false,
        },
        ResourceView {
            record: "country",
            fields: vec![("remark", "contact")],
            has_tenant: false,
            has_owner: false,
        },
    ]
}

/// Reads a policy and binds it to the synthetic clinic.
fn bind(text: &str) -> Result<CompiledPolicy, PolicyError> {
    compile(&Policy::from_toml(text)?, &records())
}
