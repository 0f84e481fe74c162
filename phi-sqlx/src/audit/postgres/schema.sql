CREATE TABLE IF NOT EXISTS phi_audit_version (
    only_row BOOLEAN PRIMARY KEY DEFAULT TRUE CHECK (only_row),
    version  INTEGER NOT NULL
);
INSERT INTO phi_audit_version (version) VALUES (1) ON CONFLICT DO NOTHING;

-- What writers have made durable and the sealer has not numbered yet. `place` orders what one
-- writer saw committed before another's; it is no number of the log. Numbers are not checked here,
-- since that costs each insert more than its index: the sealer sets aside what is none.
CREATE TABLE IF NOT EXISTS phi_audit_queue (
    writer     UUID NOT NULL,
    writer_seq BIGINT NOT NULL,
    stands_in  BOOLEAN NOT NULL DEFAULT FALSE,
    place      BIGINT GENERATED ALWAYS AS IDENTITY,
    event      BYTEA NOT NULL,
    PRIMARY KEY (writer, writer_seq)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000,
        autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_cost_delay = 0);
ALTER TABLE phi_audit_queue ALTER COLUMN event SET STORAGE EXTERNAL;

CREATE TABLE IF NOT EXISTS phi_audit_entry (
    idx        BIGINT PRIMARY KEY CHECK (idx >= 0),
    tenant     BIGINT,
    tenant_seq BIGINT,
    writer     BIGINT NOT NULL,
    writer_seq BIGINT NOT NULL,
    hash       BYTEA NOT NULL CHECK (length(hash) = 32),
    leaf       BYTEA NOT NULL,
    CHECK ((tenant IS NULL) = (tenant_seq IS NULL))
);
ALTER TABLE phi_audit_entry ALTER COLUMN leaf SET STORAGE EXTERNAL;
CREATE UNIQUE INDEX IF NOT EXISTS phi_audit_entry_writer ON phi_audit_entry (writer, writer_seq);
CREATE UNIQUE INDEX IF NOT EXISTS phi_audit_entry_tenant ON phi_audit_entry (tenant, tenant_seq)
    WHERE tenant IS NOT NULL;

CREATE TABLE IF NOT EXISTS phi_audit_writer (
    id   BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    uuid BYTEA NOT NULL UNIQUE CHECK (length(uuid) = 16)
);
CREATE TABLE IF NOT EXISTS phi_audit_tenant (
    id   BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL UNIQUE
);
CREATE TABLE IF NOT EXISTS phi_audit_head (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    size       BIGINT NOT NULL,
    edge       BYTEA NOT NULL,
    checkpoint TEXT NOT NULL
) WITH (fillfactor = 20);
CREATE TABLE IF NOT EXISTS phi_audit_mark (
    size BIGINT PRIMARY KEY,
    edge BYTEA NOT NULL
);
-- Rows that could not become entries, and why. Nothing leaves the queue unseen.
CREATE TABLE IF NOT EXISTS phi_audit_refused (
    id         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at         TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
    writer     UUID NOT NULL,
    writer_seq BIGINT NOT NULL,
    why        TEXT NOT NULL,
    event      BYTEA NOT NULL
);
-- Who may seal, and until when. The epoch fences whoever had it before.
CREATE TABLE IF NOT EXISTS phi_audit_lease (
    id     INTEGER PRIMARY KEY CHECK (id = 1),
    epoch  BIGINT NOT NULL,
    holder UUID,
    until  TIMESTAMPTZ NOT NULL
) WITH (fillfactor = 20);
INSERT INTO phi_audit_lease (id, epoch, until) VALUES (1, 0, '-infinity') ON CONFLICT DO NOTHING;

CREATE OR REPLACE FUNCTION phi_audit_keep() RETURNS trigger LANGUAGE plpgsql AS
    $$BEGIN RAISE EXCEPTION 'audit entries are never changed or removed'; END$$;
CREATE OR REPLACE TRIGGER phi_audit_entry_keep BEFORE UPDATE OR DELETE ON phi_audit_entry
    FOR EACH ROW EXECUTE FUNCTION phi_audit_keep();
CREATE OR REPLACE TRIGGER phi_audit_entry_whole BEFORE TRUNCATE ON phi_audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION phi_audit_keep();
