-- Saves the usual batch of reviews, one of each card, newer than all entries of its log, that was computed from what the
-- caller read before, without a lock. One round trip instead of four: it starts the transaction, locks, saves and commits.
--
-- `read_settings`: the xmin of the learner's settings when they were read; `reviewed` has that of each card. Raises
-- serialization_failure if a row has changed since, and if the batch is the first of a day and `freezes` is true: the
-- caller then repeats the batch with locks, which also freezes missed days. Returns `app.changes`.
--
-- Locks in the order of all transactions: the settings, then the cards by id.
CREATE FUNCTION save_newest_reviews(
    viewer uuid, viewer_role text, at timestamptz, read_settings text, freezes boolean, reviewed json, totals json
) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    zone text;
    is_first boolean;
BEGIN
    PERFORM set_config('app.user_id', viewer::text, true), set_config('app.role', viewer_role, true);
    SELECT time_zone INTO zone FROM user_settings WHERE user_id = viewer AND xmin = read_settings::xid FOR SHARE;
    IF NOT FOUND THEN
        RAISE serialization_failure USING message = 'the settings have changed';
    END IF;
    PERFORM FROM (
        -- With the learner in the rows, cards are searched for one by one, whatever the statistics know.
        WITH read AS MATERIALIZED (
            SELECT viewer AS user_id, * FROM json_to_recordset(reviewed) AS read (card_id uuid, read_xmin xid)
        )
        SELECT cards.id FROM read JOIN cards ON cards.user_id = read.user_id AND cards.id = read.card_id
        WHERE cards.xmin = read.read_xmin AND cards.deleted_at IS NULL
        ORDER BY cards.id FOR NO KEY UPDATE OF cards
    ) AS locked HAVING count(*) = json_array_length(reviewed);
    IF NOT FOUND THEN
        RAISE serialization_failure USING message = 'a card has changed';
    END IF;
    WITH saved AS MATERIALIZED (
        SELECT viewer AS user_id, * FROM json_to_recordset(reviewed) AS saved (
            id uuid, reviewed_at timestamptz, card_id uuid, idempotency_key text, quality smallint,
            interval_days_before double precision, interval_days_after double precision, duration_ms integer, day date,
            due_day date, retrievability smallint, rescheduled boolean, state text, due_at timestamptz,
            ease_factor double precision, stability double precision, difficulty double precision,
            learning_step smallint, repetitions integer, lapses integer, last_reviewed_day date
        )
    ), keys AS (
        INSERT INTO review_keys (user_id, idempotency_key, review_id, reviewed_at)
        SELECT user_id, idempotency_key, id, reviewed_at FROM saved ORDER BY idempotency_key
    ), log AS (
        INSERT INTO reviews (
            id, reviewed_at, card_id, idempotency_key, quality, interval_days_before, interval_days_after, duration_ms,
            day, due_day, retrievability, rescheduled, user_id, created_at, hour
        )
        SELECT id, reviewed_at, card_id, idempotency_key, quality, interval_days_before, interval_days_after,
            duration_ms, day, due_day, retrievability, rescheduled, user_id, at,
            extract(hour FROM reviewed_at AT TIME ZONE zone)::smallint
        FROM saved
    ), moved AS (
        UPDATE cards SET
            state = saved.state, due_at = saved.due_at, due_day = saved.due_day,
            interval_days = saved.interval_days_after, ease_factor = saved.ease_factor, stability = saved.stability,
            difficulty = saved.difficulty, learning_step = saved.learning_step, repetitions = saved.repetitions,
            lapses = saved.lapses, first_reviewed_at = coalesce(cards.first_reviewed_at, saved.reviewed_at),
            last_reviewed_at = saved.reviewed_at, last_reviewed_day = saved.last_reviewed_day,
            last_entry_at = saved.reviewed_at, version = cards.version + 1, updated_at = now(),
            changed_in = pg_current_xact_id()
        FROM saved WHERE cards.id = saved.card_id AND cards.user_id = saved.user_id
    ), added AS (
        SELECT * FROM json_to_recordset(totals) AS added (
            day date, reviews integer, recalled integer, new_cards integer, duration_ms bigint, crammed integer
        )
    ), studied AS (
        INSERT INTO review_days (user_id, day, reviews, recalled, new_cards, duration_ms, crammed)
        SELECT viewer, day, reviews, recalled, new_cards, duration_ms, crammed FROM added ORDER BY day
        ON CONFLICT (user_id, day) DO UPDATE SET
            reviews = review_days.reviews + excluded.reviews, crammed = review_days.crammed + excluded.crammed,
            recalled = review_days.recalled + excluded.recalled,
            new_cards = review_days.new_cards + excluded.new_cards,
            duration_ms = review_days.duration_ms + excluded.duration_ms,
            -- Each change has another time, by which statistics notice it.
            updated_at = greatest(excluded.updated_at,
                (review_days.updated_at AT TIME ZONE 'UTC' + interval '1 microsecond') AT TIME ZONE 'UTC'),
            freeze_reason = nullif(review_days.freeze_reason,
                CASE WHEN review_days.reviews + excluded.reviews > 0 THEN 'MISSED' END)
        RETURNING day, reviews
    )
    SELECT bool_or(studied.reviews = added.reviews) INTO is_first FROM studied JOIN added USING (day);
    IF freezes AND is_first THEN
        RAISE serialization_failure USING message = 'the first reviews of a day';
    END IF;
    -- What triggers have recorded by now.
    RETURN current_setting('app.changes', true);
END $$;
