use super::StartError;
use crate::fast::FastMap;
use crate::policy::{ClassMask, CompiledPolicy, Policy, ResourceIx, ResourceView, compile};
use crate::record::RecordSchema;

/// The record structs an application uses, checked against each other and bound to its policy.
pub(crate) struct Registry {
    pub(crate) policy: CompiledPolicy,
    records: FastMap<usize, Registered>,
}

/// One struct: its record's number in the policy, and the class of each of its fields.
pub(crate) struct Registered {
    pub(crate) resource: ResourceIx,
    pub(crate) classes: Box<[ClassMask]>,
    pub(crate) all: ClassMask,
}

impl Registry {
    pub(crate) fn new(
        policy: &Policy,
        schemas: &[&'static RecordSchema],
    ) -> Result<Self, StartError> {
        agree(schemas)?;
        let views: Vec<_> = schemas.iter().map(|schema| ResourceView::from(*schema)).collect();
        let policy = compile(policy, &views)?;
        let records = schemas.iter().filter_map(|schema| {
            let resource = policy.resource_index(schema.record)?;
            let classes: Option<Box<[_]>> =
                schema.fields.iter().map(|f| policy.field_mask(resource, f.field)).collect();
            let classes = classes?;
            let all = classes.iter().fold(ClassMask::EMPTY, |all, class| all.union(*class));
            Some((key(schema), Registered { resource, classes, all }))
        });
        let records = records.collect();
        Ok(Self { policy, records })
    }

    /// The struct with this schema; `None` if nobody registered it.
    pub(crate) fn get(&self, schema: &'static RecordSchema) -> Option<&Registered> {
        self.records.get(&key(schema))
    }
}

fn key(schema: &'static RecordSchema) -> usize {
    std::ptr::from_ref(schema).addr()
}

/// Class, type and index belong to record and field label: declared once, or the same each time.
fn agree(schemas: &[&'static RecordSchema]) -> Result<(), StartError> {
    for (at, one) in schemas.iter().enumerate() {
        for other in schemas.iter().skip(at + 1).filter(|other| other.record == one.record) {
            if one.has_tenant != other.has_tenant {
                return Err(StartError::Disagree { record: one.record, field: None });
            }
            for a in one.fields {
                let same = |b: &&crate::record::FieldSchema| b.field == a.field;
                let Some(b) = other.fields.iter().find(same) else { continue };
                if (a.class, a.value, a.index) != (b.class, b.value, b.index) {
                    return Err(StartError::Disagree { record: one.record, field: Some(a.field) });
                }
            }
        }
    }
    Ok(())
}
