//! The records a policy speaks of, with a number for each and a bit for each class.

use std::collections::{BTreeMap, BTreeSet};

use super::error::{Faults, PolicyFaultKind as Kind};
use super::mask::ClassMask;
use crate::record::RecordSchema;

/// The most records of one application.
const MAX_RECORDS: usize = 1024;

/// Classes that an allow rule gives only by naming them: psychotherapy notes (45 CFR
/// 164.508(a)(2)), and substance use disorder records and counselling notes (42 CFR part 2).
const RESERVED: [&str; 3] = ["psychotherapy", "part2", "sud_notes"];

/// What a policy needs to know of one record struct.
///
/// Several structs may share a label: their fields are put together, and a column counts as
/// there only if each of them has it, so that no struct is read under a scope it cannot check.
#[derive(Clone, Debug)]
pub(crate) struct ResourceView<'a> {
    /// The record label.
    pub(crate) record: &'a str,
    /// Each field label with its class.
    pub(crate) fields: Vec<(&'a str, &'a str)>,
    /// Whether it has a tenant column.
    pub(crate) has_tenant: bool,
    /// Whether it has an owner column.
    pub(crate) has_owner: bool,
}

impl<'a> From<&'a RecordSchema> for ResourceView<'a> {
    fn from(schema: &'a RecordSchema) -> Self {
        let fields = schema.fields.iter();
        Self {
            record: schema.record,
            fields: fields.map(|field| (field.field, field.class)).collect(),
            has_tenant: schema.has_tenant,
            has_owner: schema.has_owner,
        }
    }
}

/// All records, sorted by label, and all classes, sorted by name.
#[derive(Debug)]
pub(super) struct Catalog {
    pub(super) resources: Vec<Resource>,
    pub(super) classes: Vec<Box<str>>,
    pub(super) reserved: ClassMask,
}

#[derive(Debug)]
pub(super) struct Resource {
    pub(super) label: Box<str>,
    pub(super) has_tenant: bool,
    pub(super) has_owner: bool,
    /// The class of each field, sorted by label.
    pub(super) fields: Vec<(Box<str>, ClassMask)>,
    /// The classes of all its fields.
    pub(super) classes: ClassMask,
}

#[derive(Default)]
struct Merged<'a> {
    fields: BTreeMap<&'a str, &'a str>,
    lacks_tenant: bool,
    lacks_owner: bool,
}

impl Catalog {
    /// Numbers the records and classes. Faults are for the developer, who has no line in the
    /// policy to look at.
    pub(super) fn new(views: &[ResourceView<'_>], faults: &mut Faults) -> Self {
        let mut merged = BTreeMap::<_, Merged<'_>>::new();
        for view in views {
            let record = merged.entry(view.record).or_default();
            record.lacks_tenant |= !view.has_tenant;
            record.lacks_owner |= !view.has_owner;
            for (field, class) in &view.fields {
                if *record.fields.entry(field).or_insert(class) != *class {
                    let (resource, field) = (view.record.into(), (*field).into());
                    faults.push(None, Kind::ClassesDisagree { resource, field });
                }
            }
        }
        let classes: BTreeSet<_> = merged.values().flat_map(|r| r.fields.values()).collect();
        let classes: Vec<Box<str>> = classes.into_iter().map(|class| (*class).into()).collect();
        if classes.len() > ClassMask::MAX_CLASSES {
            let max = ClassMask::MAX_CLASSES;
            faults.push(None, Kind::TooManyClasses { max });
        }
        if merged.len() > MAX_RECORDS {
            let max = MAX_RECORDS;
            faults.push(None, Kind::TooManyRecords { max });
        }
        let mut catalog = Self {
            resources: Vec::with_capacity(merged.len()),
            classes,
            reserved: ClassMask::EMPTY,
        };
        for class in RESERVED {
            let bit = catalog.class(class).unwrap_or_default();
            catalog.reserved = catalog.reserved.union(bit);
        }
        for (label, record) in merged {
            let fields = record.fields.into_iter();
            let fields: Vec<_> = fields
                .map(|(field, class)| (field.into(), catalog.class(class).unwrap_or_default()))
                .collect();
            let classes = fields.iter().map(|(_, class)| *class);
            catalog.resources.push(Resource {
                label: label.into(),
                has_tenant: !record.lacks_tenant,
                has_owner: !record.lacks_owner,
                classes: classes.fold(ClassMask::EMPTY, ClassMask::union),
                fields,
            });
        }
        catalog
    }

    /// The mask of one class.
    pub(super) fn class(&self, name: &str) -> Option<ClassMask> {
        let found = self.classes.binary_search_by(|class| (**class).cmp(name));
        found.ok().map(ClassMask::of_bit)
    }

    /// The classes of a mask, with their names.
    pub(super) fn names(&self, mask: ClassMask) -> impl Iterator<Item = (&str, ClassMask)> {
        let classes = self.classes.iter().enumerate();
        classes
            .map(|(bit, name)| (&**name, ClassMask::of_bit(bit)))
            .filter(move |(_, class)| mask.contains(*class))
    }

    /// A record and its number.
    pub(super) fn resource(&self, label: &str) -> Option<(usize, &Resource)> {
        let resources = &self.resources;
        let found = resources.binary_search_by(|resource| (*resource.label).cmp(label));
        let number = found.ok()?;
        Some((number, resources.get(number)?))
    }
}

impl Resource {
    /// The class of one field.
    pub(super) fn field(&self, label: &str) -> Option<ClassMask> {
        let found = self.fields.binary_search_by(|(field, _)| (**field).cmp(label));
        self.fields.get(found.ok()?).map(|(_, class)| *class)
    }
}
