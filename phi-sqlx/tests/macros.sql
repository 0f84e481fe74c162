CREATE TABLE patient (
    id BLOB NOT NULL PRIMARY KEY,
    clinic_id BLOB NOT NULL,
    ssn BLOB NOT NULL,
    ssn_index BLOB NOT NULL,
    diagnosis BLOB
);
