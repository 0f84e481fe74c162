//! The keys that are told apart.

macro_rules! keys {
    ($($variant:ident = $($name:literal)|+;)+) => {
        /// The keys that mean something.
        #[derive(Clone, Copy, PartialEq, Eq)]
        pub(super) enum Key { $($variant,)+ Other }

        impl Key {
            pub(super) fn of(name: &[u8]) -> Self {
                match name {
                    $($($name)|+ => Self::$variant,)+
                    _ => Self::Other,
                }
            }
        }
    };
}

keys! {
    ResourceType = b"resourceType";
    Name = b"name" | b"valueHumanName" | b"maidenName";
    NamePart = b"family" | b"given";
    Text = b"text";
    Address = b"address" | b"valueAddress" | b"locationAddress";
    AddressPart = b"line" | b"city" | b"district";
    PostalCode = b"postalCode";
    Telecom = b"telecom" | b"valueContactPoint";
    Identifier = b"identifier" | b"valueIdentifier" | b"masterIdentifier" | b"accessionIdentifier"
        | b"groupIdentifier" | b"requisition";
    System = b"system";
    Value = b"value" | b"valueString" | b"valueDecimal" | b"valueUri" | b"valueInteger";
    Type = b"type";
    Code = b"code";
    Extension = b"extension" | b"modifierExtension";
    Url = b"url";
    BirthDate = b"birthDate";
    Latitude = b"latitude" | b"longitude";
    Device = b"serialNumber" | b"distinctIdentifier" | b"deviceIdentifier" | b"carrierHRF";
    Member = b"subscriberId" | b"policyNumber";
    Reference = b"reference";
    Display = b"display";
    AgeText = b"ageString" | b"onsetString" | b"deceasedString";
    Age = b"onsetAge" | b"abatementAge" | b"deceasedAge" | b"ageAge" | b"valueAge" | b"performedAge";
    PersonName = b"authorString";
    AltId = b"altId";
    PreAuth = b"preAuthRef";
    Agent = b"agent";
    Item = b"item";
    Answer = b"answer";
    LinkId = b"linkId";
    Parameter = b"parameter" | b"part";
    Div = b"div";
    Class = b"class";
    Photo = b"photo";
    Title = b"title";
    Recorded = b"recorded" | b"lastUpdated";
    Person = b"subject" | b"patient" | b"individual" | b"performer" | b"actor" | b"requester"
        | b"recorder" | b"asserter" | b"practitioner" | b"author" | b"participant" | b"sender"
        | b"recipient" | b"informant" | b"beneficiary" | b"subscriber" | b"enterer" | b"member"
        | b"generalPractitioner" | b"attester" | b"who" | b"party" | b"receiver" | b"policyHolder"
        | b"entity" | b"provider" | b"for" | b"owner" | b"verifiedWith" | b"resultsInterpreter"
        | b"collector" | b"onBehalfOf" | b"other" | b"target" | b"source" | b"what" | b"assessor"
        | b"interpreter" | b"careManager" | b"prescriber" | b"valueReference"
        | b"authenticator" | b"legalAuthenticator" | b"authorReference" | b"informationSource"
        | b"reportedReference" | b"sourceReference";
}
