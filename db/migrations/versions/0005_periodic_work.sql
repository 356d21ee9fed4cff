-- When each piece of periodic work was done last. Its row is locked while a worker does it.
CREATE TABLE periodic_work (
    name text NOT NULL,
    done_at timestamptz NOT NULL,
    CONSTRAINT pk_periodic_work PRIMARY KEY (name)
);
