//! Nothing but the tests beside it: a package has one database for its checked macros.
