-- When each periodic task last ran. Its row is locked while a worker runs it.
CREATE TABLE periodic_work (
    name text NOT NULL,
    done_at timestamptz NOT NULL,
    CONSTRAINT pk_periodic_work PRIMARY KEY (name)
);
