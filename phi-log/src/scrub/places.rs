//! Kinds of streets (USPS Publication 28, appendix C) and the states.

use super::keys::Endings;
use super::text::Text;

/// How kinds of streets end, and states: the quick answer for all other words.
static STREET_ENDS: Endings = Endings::of(&[STREETS]);
static PERHAPS_ENDS: Endings = Endings::of(&[PERHAPS]);
static STATE_ENDS: Endings = Endings::of(&[STATES]);

/// Whether a word is a kind of street and little else.
pub(super) fn is_end_of_street(text: Text<'_>, start: usize, end: usize) -> bool {
    STREET_ENDS.has(text, end, start) && has(STREETS, text.slice(start, end))
}

/// Whether a word may be a kind of street, where the address ends with it.
pub(super) fn is_perhaps_end_of_street(text: Text<'_>, start: usize, end: usize) -> bool {
    PERHAPS_ENDS.has(text, end, start) && has(PERHAPS, text.slice(start, end))
}

/// Whether the code or the name of a state may end in front of `end`.
pub(super) fn may_end_state(text: Text<'_>, end: usize, floor: usize) -> bool {
    let code = end.checked_sub(2).is_some_and(|start| {
        is_state_code(text.slice(start, end)) && !text.before(start, floor).is_ascii_alphanumeric()
    });
    code || STATE_ENDS.has(text, end, floor)
}

fn has(words: &[&str], word: &[u8]) -> bool {
    words.iter().any(|each| each.as_bytes().eq_ignore_ascii_case(word))
}

/// Whether two capitals are the code of a state, a territory or the armed forces.
pub(super) const fn is_state_code(code: &[u8]) -> bool {
    matches!(
        code,
        b"AL"
            | b"AK"
            | b"AZ"
            | b"AR"
            | b"CA"
            | b"CO"
            | b"CT"
            | b"DE"
            | b"FL"
            | b"GA"
            | b"HI"
            | b"ID"
            | b"IL"
            | b"IN"
            | b"IA"
            | b"KS"
            | b"KY"
            | b"LA"
            | b"ME"
            | b"MD"
            | b"MA"
            | b"MI"
            | b"MN"
            | b"MS"
            | b"MO"
            | b"MT"
            | b"NE"
            | b"NV"
            | b"NH"
            | b"NJ"
            | b"NM"
            | b"NY"
            | b"NC"
            | b"ND"
            | b"OH"
            | b"OK"
            | b"OR"
            | b"PA"
            | b"RI"
            | b"SC"
            | b"SD"
            | b"TN"
            | b"TX"
            | b"UT"
            | b"VT"
            | b"VA"
            | b"WA"
            | b"WV"
            | b"WI"
            | b"WY"
            | b"DC"
            | b"PR"
            | b"VI"
            | b"GU"
            | b"AS"
            | b"MP"
            | b"FM"
            | b"MH"
            | b"PW"
            | b"AA"
            | b"AE"
            | b"AP"
    )
}

/// The end of the name of a state at `at`.
pub(super) fn state_name(text: Text<'_>, at: usize) -> Option<usize> {
    if !text.at(at).is_ascii_uppercase() {
        return None;
    }
    STATES
        .iter()
        .filter(|name| name.as_bytes().first() == Some(&text.at(at)))
        .filter(|name| text.has_word(at, name.as_bytes()))
        .map(|name| at + name.len())
        .max()
}

pub(super) const STREETS: &[&str] = &[
    "alley",
    "aly",
    "avenue",
    "ave",
    "av",
    "boulevard",
    "blvd",
    "circle",
    "cir",
    "court",
    "ct",
    "crescent",
    "cres",
    "drive",
    "drives",
    "dr",
    "expressway",
    "expy",
    "freeway",
    "fwy",
    "highway",
    "hwy",
    "lane",
    "ln",
    "parkway",
    "parkways",
    "pkwy",
    "place",
    "pl",
    "plaza",
    "plz",
    "road",
    "roads",
    "rd",
    "square",
    "squares",
    "sq",
    "street",
    "streets",
    "st",
    "terrace",
    "ter",
    "trail",
    "trl",
    "turnpike",
    "tpke",
    "way",
    "throughway",
    "broadway",
    "stravenue",
    "trafficway",
];

pub(super) const PERHAPS: &[&str] = &[
    "branch",
    "bridge",
    "brook",
    "brooks",
    "burg",
    "burgs",
    "bypass",
    "camp",
    "canyon",
    "cape",
    "causeway",
    "center",
    "centers",
    "circles",
    "cliff",
    "cliffs",
    "club",
    "common",
    "commons",
    "corner",
    "corners",
    "course",
    "courts",
    "cove",
    "coves",
    "creek",
    "crest",
    "crossing",
    "crossroad",
    "crossroads",
    "curve",
    "dale",
    "dam",
    "divide",
    "estate",
    "estates",
    "extension",
    "extensions",
    "fall",
    "falls",
    "ferry",
    "field",
    "fields",
    "flat",
    "flats",
    "ford",
    "fords",
    "forest",
    "forge",
    "forges",
    "fork",
    "forks",
    "fort",
    "garden",
    "gardens",
    "gateway",
    "glen",
    "glens",
    "green",
    "greens",
    "grove",
    "groves",
    "harbor",
    "harbors",
    "haven",
    "heights",
    "hill",
    "hills",
    "hollow",
    "inlet",
    "island",
    "islands",
    "isle",
    "junction",
    "junctions",
    "key",
    "keys",
    "knoll",
    "knolls",
    "lake",
    "lakes",
    "land",
    "landing",
    "light",
    "lights",
    "loaf",
    "lock",
    "locks",
    "lodge",
    "loop",
    "mall",
    "manor",
    "manors",
    "meadow",
    "meadows",
    "mews",
    "mill",
    "mills",
    "mission",
    "motorway",
    "mount",
    "mountain",
    "mountains",
    "neck",
    "orchard",
    "oval",
    "overpass",
    "park",
    "parks",
    "pass",
    "passage",
    "path",
    "pike",
    "pine",
    "pines",
    "plain",
    "plains",
    "point",
    "points",
    "port",
    "ports",
    "prairie",
    "radial",
    "ramp",
    "ranch",
    "rapid",
    "rapids",
    "rest",
    "ridge",
    "ridges",
    "river",
    "route",
    "row",
    "rue",
    "run",
    "shoal",
    "shoals",
    "shore",
    "shores",
    "skyway",
    "spring",
    "springs",
    "spur",
    "spurs",
    "station",
    "stream",
    "summit",
    "trace",
    "track",
    "tunnel",
    "underpass",
    "union",
    "unions",
    "valley",
    "valleys",
    "via",
    "viaduct",
    "view",
    "views",
    "village",
    "villages",
    "ville",
    "vista",
    "walk",
    "walks",
    "wall",
    "ways",
    "well",
    "wells",
];

pub(super) const STATES: &[&str] = &[
    "Alabama",
    "Alaska",
    "Arizona",
    "Arkansas",
    "California",
    "Colorado",
    "Connecticut",
    "Delaware",
    "Florida",
    "Georgia",
    "Hawaii",
    "Idaho",
    "Illinois",
    "Indiana",
    "Iowa",
    "Kansas",
    "Kentucky",
    "Louisiana",
    "Maine",
    "Maryland",
    "Massachusetts",
    "Michigan",
    "Minnesota",
    "Mississippi",
    "Missouri",
    "Montana",
    "Nebraska",
    "Nevada",
    "New Hampshire",
    "New Jersey",
    "New Mexico",
    "New York",
    "North Carolina",
    "North Dakota",
    "Ohio",
    "Oklahoma",
    "Oregon",
    "Pennsylvania",
    "Rhode Island",
    "South Carolina",
    "South Dakota",
    "Tennessee",
    "Texas",
    "Utah",
    "Vermont",
    "Virginia",
    "Washington",
    "West Virginia",
    "Wisconsin",
    "Wyoming",
    "District of Columbia",
    "Puerto Rico",
    "Virgin Islands",
    "Guam",
    "American Samoa",
];
