-- Index Scan using pk_books on books
SELECT books.id, books.title, books.title_reading, books.author, books.jlpt_level, books.cover_url, books.page_count, books.has_text, books.original_year, books.published_at, books.publish_at, books.created_at, books.updated_at, books.version 
FROM books 
WHERE books.id = ANY ($1::UUID[]) AND books.deleted_at IS NULL AND books.published_at IS NOT NULL;

-- Index Only Scan using ix_book_vocabulary_vocabulary_id on book_vocabulary
-- Index Scan using ix_cards_user_id_id on cards
-- Seq Scan on book_texts
SELECT answer.* FROM (WITH studied_words AS NOT MATERIALIZED 
(SELECT cards.vocabulary_id AS vocabulary_id, cards.interval_days >= 21 AS is_mature 
FROM cards 
WHERE cards.user_id = $1::UUID AND cards.deleted_at IS NULL AND cards.kind = 'RECOGNITION' AND (cards.interval_days >= 21 OR cards.state != 'NEW'))
 SELECT book_texts.book_id AS id, book_texts.token_count, book_texts.word_count, CAST(coalesce(own.known_tokens, 0) AS INTEGER) AS known_tokens, CAST(coalesce(own.learning_tokens, 0) AS INTEGER) AS learning_tokens, CAST(coalesce(own.known_words, 0) AS INTEGER) AS known_words, CAST(coalesce(own.learning_words, 0) AS INTEGER) AS learning_words 
FROM book_texts LEFT OUTER JOIN (SELECT book_vocabulary.book_id AS book_id, sum(book_vocabulary.occurrences) FILTER (WHERE studied_words.is_mature) AS known_tokens, sum(book_vocabulary.occurrences) FILTER (WHERE NOT studied_words.is_mature) AS learning_tokens, count(*) FILTER (WHERE studied_words.is_mature) AS known_words, count(*) FILTER (WHERE NOT studied_words.is_mature) AS learning_words 
FROM book_vocabulary JOIN studied_words ON studied_words.vocabulary_id = book_vocabulary.vocabulary_id 
WHERE book_vocabulary.book_id = ANY ($2::UUID[]) GROUP BY book_vocabulary.book_id) AS own ON own.book_id = book_texts.book_id 
WHERE book_texts.book_id = ANY ($2::UUID[]) AND book_texts.token_count > 0 OFFSET 0) AS answer WHERE (SELECT set_config('app.user_id', $3, true) || set_config('app.role', $4, true)) IS NOT NULL;

-- Index Scan using pk_books on books
SELECT books.id, books.description 
FROM books 
WHERE books.id = ANY ($1::UUID[]);

-- Index Scan using pk_books on books
-- Index Scan using uq_reading_progress_user_id_book_id on reading_progress
SELECT answer.* FROM (WITH own_progress AS NOT MATERIALIZED 
(SELECT reading_progress.id AS id, reading_progress.book_id AS book_id, reading_progress.current_page AS current_page, reading_progress.started_at AS started_at, reading_progress.last_read_at AS last_read_at, reading_progress.finished_at AS finished_at 
FROM reading_progress 
WHERE reading_progress.user_id = $7::UUID)
 SELECT own_progress.id, own_progress.book_id, least(own_progress.current_page, books.page_count) AS current_page, CASE WHEN (coalesce(own_progress.finished_at, CASE WHEN (own_progress.current_page >= books.page_count) THEN own_progress.last_read_at ELSE CAST(NULL AS TIMESTAMP WITH TIME ZONE) END) IS NOT NULL) THEN CAST($1::FLOAT AS DOUBLE PRECISION) ELSE (CAST(own_progress.current_page AS DOUBLE PRECISION) * $2::INTEGER) / CAST(CAST(books.page_count AS DOUBLE PRECISION) AS DOUBLE PRECISION) END AS percent, CASE WHEN (coalesce(own_progress.finished_at, CASE WHEN (own_progress.current_page >= books.page_count) THEN own_progress.last_read_at ELSE CAST(NULL AS TIMESTAMP WITH TIME ZONE) END) IS NOT NULL) THEN $3::VARCHAR WHEN (own_progress.current_page > $4::INTEGER) THEN $5::VARCHAR ELSE $6::VARCHAR END AS status, own_progress.started_at, own_progress.last_read_at, coalesce(own_progress.finished_at, CASE WHEN (own_progress.current_page >= books.page_count) THEN own_progress.last_read_at ELSE CAST(NULL AS TIMESTAMP WITH TIME ZONE) END) AS finished_at 
FROM own_progress JOIN books ON books.id = own_progress.book_id 
WHERE books.deleted_at IS NULL AND books.published_at IS NOT NULL AND own_progress.book_id = ANY ($8::UUID[]) OFFSET 0) AS answer WHERE (SELECT set_config('app.user_id', $9, true) || set_config('app.role', $10, true)) IS NOT NULL;

-- Index Scan using pk_vocabulary on vocabulary
-- Index Scan using uq_book_vocabulary_book_id_vocabulary_id on book_vocabulary
-- Index Scan using uq_cards_user_id_vocabulary_id_kind on cards
-- Seq Scan on book_texts
SELECT answer.* FROM (
        with words_with_card as NOT MATERIALIZED (
            select vocabulary_id from cards where user_id = $1::UUID and deleted_at is null
        )
        select missing.book_id as parent_id, missing.occurrences, reached::float8 / token_count as coverage, vocabulary.id, vocabulary.word, vocabulary.reading, vocabulary.romaji, vocabulary.meanings, vocabulary.jlpt_level, vocabulary.is_common, vocabulary.popularity
        from (
            select book_id, vocabulary_id, occurrences, token_count,
                token_count - unknown_token_count - sum(occurrences) over (partition by book_id)
                    + sum(occurrences) over by_frequency as reached,
                row_number() over by_frequency as rank
            from book_vocabulary join book_texts using (book_id) left join words_with_card using (vocabulary_id)
            where book_id = any($2::UUID[]) and words_with_card.vocabulary_id is null
            window by_frequency as (
                partition by book_id order by occurrences desc, position rows unbounded preceding
            )
        ) as missing join vocabulary on vocabulary.id = missing.vocabulary_id
        where rank <= $3::INTEGER and (reached - occurrences)::float8 / token_count < $4::FLOAT
        order by missing.book_id, rank
     OFFSET 0) AS answer WHERE (SELECT set_config('app.user_id', $5, true) || set_config('app.role', $6, true)) IS NOT NULL;

-- Index Scan using uq_cards_user_id_vocabulary_id_kind on cards
SELECT answer.* FROM (SELECT cards.id, cards.vocabulary_id, cards.kanji_id, cards.custom_vocabulary_id, cards.kind, cards.state, cards.due_at, cards.due_day, cards.interval_days, cards.ease_factor, cards.stability, cards.difficulty, cards.learning_step, cards.repetitions, cards.lapses, cards.suspended, cards.flag, cards.last_reviewed_at, cards.last_reviewed_day, cards.created_at, cards.version 
FROM cards 
WHERE cards.user_id = $1::UUID AND cards.deleted_at IS NULL AND cards.vocabulary_id = ANY ($2::UUID[]) AND cards.kind = 'RECOGNITION' OFFSET 0) AS answer WHERE (SELECT set_config('app.user_id', $3, true) || set_config('app.role', $4, true)) IS NOT NULL;
