CREATE TABLE patient (
    id UUID NOT NULL PRIMARY KEY,
    clinic_id UUID NOT NULL,
    ssn BYTEA NOT NULL,
    ssn_index BYTEA NOT NULL,
    diagnosis BYTEA
);
