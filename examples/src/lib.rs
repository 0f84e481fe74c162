//! The parts of the example applications, so that tests and fuzz targets reach them.

pub mod clinic;
