//! What a value means by the keys above it.

use super::key::Key;
use super::says::{self, is_date, of_contact, of_extension, of_reference, of_system, of_type};
use crate::scrub::engine::Quote;
use crate::scrub::kind::Kind;
use crate::scrub::text::Text;
use crate::scrub::{age, person};

/// A string's content or a number.
#[derive(Clone, Copy, Default)]
pub(super) struct Leaf {
    pub(super) start: usize,
    pub(super) end: usize,
    /// For a number: the quotes that a marker needs to stay JSON.
    pub(super) quote: Option<Quote>,
}

pub(super) enum Meaning {
    Is(Kind),
    Nothing,
}

/// What an object is, by the key it stands under.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Name,
    Address,
    Telecom,
    Identifier,
    Extension,
    /// Under `type` of an identifier.
    IdentifierType,
    Age,
    Person,
    /// Who did what an audit is about.
    Agent,
    /// A question with its answers, and one of these.
    Item,
    Answer,
    /// A name and its value.
    Parameter,
    /// What a plan says of its member: group, plan.
    Class,
    Photo,
    Other,
}

/// An object or array that is open.
pub(super) struct Frame {
    pub(super) is_array: bool,
    pub(super) key: Key,
    place: Place,
    /// A value that waits for its siblings to say what it is.
    pub(super) pending: Leaf,
    /// What the siblings said.
    said: Option<Kind>,
    /// The siblings said that it is nothing of a person's.
    denied: bool,
    /// What a plain name of this resource is: the history of a relative has one.
    named: Option<Kind>,
    /// The resource says that it is no person's.
    impersonal: bool,
    /// The kind of the identifiers of this resource that do not say theirs.
    own: Option<Kind>,
}

impl Frame {
    pub(super) fn element(array: &Self, object: bool) -> Self {
        Self::new(array.key, array.place, !object, array.impersonal, array.own).answering(array)
    }

    pub(super) fn member(parent: Option<&Self>, key: Key, object: bool) -> Self {
        let inside = parent.map_or(Place::Other, |parent| parent.place);
        let place = match key {
            Key::Name => Place::Name,
            Key::Address => Place::Address,
            Key::Telecom => Place::Telecom,
            Key::Identifier => Place::Identifier,
            Key::Extension => Place::Extension,
            Key::Type if inside == Place::Identifier => Place::IdentifierType,
            Key::Age => Place::Age,
            Key::Person => Place::Person,
            Key::Agent => Place::Agent,
            Key::Item => Place::Item,
            Key::Answer if inside == Place::Item => Place::Answer,
            Key::Parameter => Place::Parameter,
            Key::Class => Place::Class,
            Key::Photo => Place::Photo,
            _ if inside == Place::IdentifierType => Place::IdentifierType,
            // `given: [..]`, `line: [..]`
            _ if !object => inside,
            _ => Place::Other,
        };
        let impersonal = parent.is_some_and(|parent| parent.impersonal);
        let frame =
            Self::new(key, place, !object, impersonal, parent.and_then(|parent| parent.own));
        match parent {
            Some(parent) => frame.answering(parent),
            None => frame,
        }
    }

    /// An answer is what the question said.
    const fn answering(mut self, question: &Self) -> Self {
        if matches!(self.place, Place::Answer) {
            self.said = question.said;
            self.denied = question.denied;
        }
        self
    }

    fn new(key: Key, place: Place, is_array: bool, impersonal: bool, own: Option<Kind>) -> Self {
        let (pending, said, denied, named) = (Leaf::default(), None, false, None);
        Self { is_array, key, place, pending, said, denied, named, impersonal, own }
    }

    /// What the value that waited is, now that the object ends.
    pub(super) fn resolve(&self, above: &[Self], text: Text<'_>) -> Option<Kind> {
        if self.pending.start == self.pending.end {
            return None;
        }
        let resource = above.iter().rev().find(|frame| frame.said_resource());
        match self.place {
            Place::Identifier => self.said.or_else(|| {
                let impersonal = resource.map_or(self.impersonal, |frame| frame.impersonal);
                let own = resource.and_then(|frame| frame.own).unwrap_or(Kind::Mrn);
                (!impersonal).then_some(own)
            }),
            Place::Telecom => Some(self.said.unwrap_or_else(|| {
                let at = text.slice(self.pending.start, self.pending.end).contains(&b'@');
                if at { Kind::Email } else { Kind::Phone }
            })),
            Place::Extension | Place::Person | Place::Parameter => self.said,
            _ => self.named,
        }
    }

    const fn said_resource(&self) -> bool {
        self.impersonal || self.own.is_some()
    }
}

/// What the value under `key` is.
pub(super) fn judge(stack: &mut [Frame], key: Key, leaf: Leaf, text: Text<'_>) -> Meaning {
    let bytes = text.slice(leaf.start, leaf.end);
    let place = stack.last().map_or(Place::Other, |frame| frame.place);
    let impersonal = stack.last().is_some_and(|frame| frame.impersonal);
    match (place, key) {
        (_, Key::ResourceType) => resource(stack, bytes),
        (Place::Name, Key::NamePart | Key::Text) => return Meaning::Is(Kind::Name),
        (Place::Address, Key::AddressPart | Key::Text) => return Meaning::Is(Kind::Address),
        (_, Key::PostalCode) => return Meaning::Is(Kind::Zip),
        (_, Key::BirthDate) => return Meaning::Is(Kind::Birth),
        (_, Key::Latitude) => return Meaning::Is(Kind::Geo),
        (_, Key::Device) => return Meaning::Is(Kind::Device),
        (_, Key::Member) => return Meaning::Is(Kind::Member),
        (_, Key::PersonName)
        | (Place::Agent | Place::Person, Key::Name)
        | (Place::Photo, Key::Title)
            if !impersonal =>
        {
            return Meaning::Is(Kind::Name);
        }
        (_, Key::PreAuth) | (Place::Agent, Key::AltId) => return Meaning::Is(Kind::Account),
        (Place::Class, Key::Value) if !impersonal => return Meaning::Is(Kind::Member),
        // It tells the resource again, in words.
        (_, Key::Div) if !impersonal && is_narrative(stack, bytes) => {
            return Meaning::Is(Kind::Clinical);
        }
        // The times of the record, not of the person.
        (_, Key::Recorded) => return Meaning::Nothing,
        (_, Key::AgeText) if age::number(text, leaf.start).is_some_and(|end| end <= leaf.end) => {
            return Meaning::Is(Kind::Age);
        }
        (Place::Answer, Key::Value) => {
            if let Some(kind) = answer(stack, leaf, text) {
                return Meaning::Is(kind);
            }
        }
        (Place::Age, Key::Value) if age::number(text, leaf.start) == Some(leaf.end) => {
            return Meaning::Is(Kind::Age);
        }
        (Place::Identifier | Place::Telecom | Place::Extension | Place::Parameter, Key::Value)
        | (Place::Person, Key::Display)
        | (Place::Other, Key::Name) => wait(stack, leaf),
        (Place::Parameter, Key::Name) => say(stack, says::of_parameter(bytes), true),
        (Place::Item, Key::Text | Key::LinkId) => say(stack, says::of_question(bytes), false),
        (Place::Identifier, Key::System) => say(stack, of_system(bytes), false),
        (Place::Telecom, Key::System) => say(stack, of_contact(bytes), true),
        (Place::Extension, Key::Url) => say(stack, of_extension(bytes), true),
        (Place::Person, Key::Reference) => {
            if let Some(person) = of_reference(bytes) {
                say(stack, person.then_some(Kind::Name), true);
            }
        }
        (Place::Person, Key::Type) => {
            say(stack, says::is_person(bytes).then_some(Kind::Name), true);
        }
        (Place::IdentifierType, Key::Code | Key::Text | Key::Display) => {
            say_type(stack, of_type(bytes));
        }
        (Place::IdentifierType, Key::System) => say_type(stack, of_system(bytes)),
        _ => {}
    }
    if !impersonal && leaf.quote.is_none() && is_date(bytes) {
        return Meaning::Is(Kind::Date);
    }
    Meaning::Nothing
}

fn wait(stack: &mut [Frame], leaf: Leaf) {
    if let Some(frame) = stack.last_mut() {
        frame.pending = leaf;
        if frame.place == Place::Person && !frame.denied {
            frame.said = Some(Kind::Name);
        }
    }
}

/// What an answer is. Where the question comes behind it, it must look like a name.
fn answer(stack: &[Frame], leaf: Leaf, text: Text<'_>) -> Option<Kind> {
    let frame = stack.last()?;
    frame.said.or_else(|| {
        let named = !frame.denied && person::is_name(text, leaf.start, leaf.end);
        named.then_some(Kind::Name)
    })
}

/// Whether this is markup under `text`; its first sign may be written out.
fn is_narrative(stack: &[Frame], content: &[u8]) -> bool {
    let slashes = content.iter().take_while(|byte| **byte == b'\\').count();
    let sign = content.get(slashes..).unwrap_or_default();
    let begins = sign.starts_with(b"<") || (slashes > 0 && sign.starts_with(b"u003"));
    begins && stack.last().is_some_and(|frame| frame.key == Key::Text)
}

/// Notes what the type of an identifier says on the identifier.
fn say_type(stack: &mut [Frame], kind: Option<Kind>) {
    let mut outer = stack.iter_mut().rev();
    let outer = outer.find(|frame| frame.place == Place::Identifier && !frame.is_array);
    if let (Some(frame), Some(kind)) = (outer, kind) {
        frame.said = Some(kind);
    }
}

/// Notes what a sibling says; `over` also where something was said before.
fn say(stack: &mut [Frame], kind: Option<Kind>, over: bool) {
    if let Some(frame) = stack.last_mut() {
        // A reference to something else than a person takes the name back.
        frame.denied = kind.or(frame.said.filter(|_| !over)).is_none();
        if frame.place == Place::Person {
            frame.said = kind;
        } else if over || frame.said.is_none() {
            frame.said = kind.or(frame.said);
        }
    }
}

/// Notes on the object that holds the key what kind of resource it is.
fn resource(stack: &mut [Frame], name: &[u8]) {
    let Some(frame) = stack.last_mut() else { return };
    frame.impersonal = says::is_impersonal(name);
    frame.own = Some(says::own(name));
    frame.named = (name == b"FamilyMemberHistory").then_some(Kind::Name);
}
