CREATE TABLE patient (
    id BINARY(16) NOT NULL PRIMARY KEY,
    clinic_id BINARY(16) NOT NULL,
    ssn VARBINARY(400) NOT NULL,
    ssn_index VARBINARY(36) NOT NULL,
    diagnosis VARBINARY(400)
);
