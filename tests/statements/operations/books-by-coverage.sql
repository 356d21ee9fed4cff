-- Index Only Scan using ix_book_vocabulary_vocabulary_id on book_vocabulary
-- Index Scan using pk_books on books
-- Index Scan using uq_cards_user_id_vocabulary_id_kind on cards
-- Seq Scan on book_texts
SELECT answer.* FROM (WITH known_words AS NOT MATERIALIZED 
(SELECT cards.vocabulary_id AS vocabulary_id 
FROM cards 
WHERE cards.user_id = $1::UUID AND cards.deleted_at IS NULL AND cards.kind = 'RECOGNITION' AND cards.interval_days >= 21)
 SELECT ranked.id, ranked.title, ranked.title_reading, ranked.author, ranked.jlpt_level, ranked.cover_url, ranked.page_count, ranked.has_text, ranked.original_year, ranked.published_at, ranked.publish_at, ranked.created_at, ranked.updated_at, ranked.version, ranked.share 
FROM (SELECT books.id AS id, books.title AS title, books.title_reading AS title_reading, books.author AS author, books.jlpt_level AS jlpt_level, books.cover_url AS cover_url, books.page_count AS page_count, books.has_text AS has_text, books.original_year AS original_year, books.published_at AS published_at, books.publish_at AS publish_at, books.created_at AS created_at, books.updated_at AS updated_at, books.version AS version, CASE WHEN (coverage.share IS NULL) THEN -1.0 ELSE coverage.share END AS share, books.description AS description 
FROM books LEFT OUTER JOIN (SELECT book_texts.book_id AS book_id, CAST(CAST(coalesce(known.tokens, 0) AS DOUBLE PRECISION) / CAST(book_texts.token_count AS NUMERIC) AS DOUBLE PRECISION) AS share 
FROM book_texts LEFT OUTER JOIN (SELECT book_vocabulary.book_id AS book_id, sum(book_vocabulary.occurrences) AS tokens 
FROM book_vocabulary JOIN known_words ON known_words.vocabulary_id = book_vocabulary.vocabulary_id JOIN book_texts ON book_texts.book_id = book_vocabulary.book_id GROUP BY book_vocabulary.book_id) AS known ON known.book_id = book_texts.book_id 
WHERE book_texts.token_count > 0) AS coverage ON coverage.book_id = books.id 
WHERE books.deleted_at IS NULL AND books.published_at IS NOT NULL AND books.id IN (SELECT coverage.book_id 
FROM (SELECT book_texts.book_id AS book_id, CAST(CAST(coalesce(known.tokens, 0) AS DOUBLE PRECISION) / CAST(book_texts.token_count AS NUMERIC) AS DOUBLE PRECISION) AS share 
FROM book_texts LEFT OUTER JOIN (SELECT book_vocabulary.book_id AS book_id, sum(book_vocabulary.occurrences) AS tokens 
FROM book_vocabulary JOIN known_words ON known_words.vocabulary_id = book_vocabulary.vocabulary_id JOIN book_texts ON book_texts.book_id = book_vocabulary.book_id GROUP BY book_vocabulary.book_id) AS known ON known.book_id = book_texts.book_id 
WHERE book_texts.token_count > 0) AS coverage 
WHERE coverage.share >= $2::FLOAT)) AS ranked ORDER BY ranked.share DESC, ranked.id DESC 
 LIMIT $3::INTEGER OFFSET 0) AS answer WHERE (SELECT set_config('app.user_id', $4, true) || set_config('app.role', $5, true)) IS NOT NULL;

-- Index Only Scan using ix_book_vocabulary_vocabulary_id on book_vocabulary
-- Index Scan using uq_cards_user_id_vocabulary_id_kind on cards
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

-- Index Scan using ix_cards_user_id_id on cards
-- Index Scan using pk_vocabulary on vocabulary
-- Index Scan using uq_book_vocabulary_book_id_vocabulary_id on book_vocabulary
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
