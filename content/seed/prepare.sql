-- Temporary functions and numbered lists.

CREATE FUNCTION pg_temp.number(name text) RETURNS int LANGUAGE sql STABLE
    RETURN current_setting('seed.' || name)::int;
CREATE FUNCTION pg_temp.anchor() RETURNS timestamptz LANGUAGE sql STABLE
    RETURN (current_setting('seed.anchor') || ' 00:00Z')::timestamptz;

-- The UUIDv7 of a numbered row: the timestamp, then bits derived from the number.
CREATE FUNCTION pg_temp.seeded_id(kind text, n bigint, at timestamptz) RETURNS uuid LANGUAGE sql STABLE AS $$
    SELECT (
        lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || substr(bits, 1, 3)
        || '8' || substr(bits, 4, 15)
    )::uuid
    FROM md5(kind || n) AS bits
$$;
CREATE FUNCTION pg_temp.learner_id(n bigint) RETURNS uuid LANGUAGE sql STABLE
    RETURN pg_temp.seeded_id('learner', n, pg_temp.anchor() - n * interval '10 minutes');
CREATE FUNCTION pg_temp.card_id(learner bigint, word bigint) RETURNS uuid LANGUAGE sql STABLE
    RETURN pg_temp.seeded_id(
        'card', learner * 100000 + word, pg_temp.anchor() - interval '366 days' - word * interval '1 hour'
    );
-- Days between the reviews of a card.
CREATE FUNCTION pg_temp.gap_days() RETURNS double precision LANGUAGE sql STABLE
    RETURN 365.0 / greatest(pg_temp.number('reviews_each'), 1);
-- The time of day of each card, so that cards become due at different times.
CREATE FUNCTION pg_temp.reviewed_at(learner bigint, word bigint, nth int) RETURNS timestamptz LANGUAGE sql STABLE
    RETURN pg_temp.anchor() - interval '365 days'
        + (nth + (learner * 7919 + word * 104729) % 1000 / 1000.0) * pg_temp.gap_days() * interval '1 day';

-- Days start at four in UTC, as in the settings of these learners.
CREATE FUNCTION pg_temp.day_of(at timestamptz) RETURNS date LANGUAGE sql STABLE
    RETURN ((at AT TIME ZONE 'UTC') - interval '4 hours')::date;

-- Words and books by number. Learner n starts with word n, so that learners have different cards.
CREATE TEMPORARY TABLE numbered_words AS
    SELECT row_number() OVER (ORDER BY jlpt_level DESC, id DESC) - 1 AS n, id FROM vocabulary WHERE jlpt_level IS NOT NULL;
CREATE UNIQUE INDEX ON numbered_words (n);
CREATE TEMPORARY TABLE numbered_books AS
    SELECT row_number() OVER (ORDER BY id) - 1 AS n, * FROM books
    WHERE deleted_at IS NULL AND title !~ ' \d+$'; -- further volumes come from here
CREATE UNIQUE INDEX ON numbered_books (n);
ANALYZE numbered_words;
ANALYZE numbered_books;
SELECT create_month_partitions(
    'reviews', (pg_temp.anchor() - interval '366 days')::date, (pg_temp.anchor() + interval '1 month')::date
);
