-- Index Scan using ix_books_created_at_id on books
-- Index Scan using uq_reading_progress_user_id_book_id on reading_progress
-- Seq Scan on books
SELECT answer.* FROM (WITH own_progress AS NOT MATERIALIZED 
(SELECT reading_progress.id AS id, reading_progress.book_id AS book_id, reading_progress.current_page AS current_page, reading_progress.started_at AS started_at, reading_progress.last_read_at AS last_read_at, reading_progress.finished_at AS finished_at 
FROM reading_progress 
WHERE reading_progress.user_id = $7::UUID)
 SELECT books.id, books.title, books.title_reading, books.author, books.jlpt_level, books.cover_url, books.page_count, books.has_text, books.created_at, (SELECT row(own_progress.id, own_progress.book_id, least(own_progress.current_page, books.page_count), CASE WHEN (coalesce(own_progress.finished_at, CASE WHEN (own_progress.current_page >= books.page_count) THEN own_progress.last_read_at ELSE CAST(NULL AS TIMESTAMP WITH TIME ZONE) END) IS NOT NULL) THEN CAST($1::FLOAT AS DOUBLE PRECISION) ELSE (CAST(own_progress.current_page AS DOUBLE PRECISION) * $2::INTEGER) / CAST(CAST(books.page_count AS DOUBLE PRECISION) AS DOUBLE PRECISION) END, CASE WHEN (coalesce(own_progress.finished_at, CASE WHEN (own_progress.current_page >= books.page_count) THEN own_progress.last_read_at ELSE CAST(NULL AS TIMESTAMP WITH TIME ZONE) END) IS NOT NULL) THEN $3::VARCHAR WHEN (own_progress.current_page > $4::INTEGER) THEN $5::VARCHAR ELSE $6::VARCHAR END, own_progress.started_at, own_progress.last_read_at, coalesce(own_progress.finished_at, CASE WHEN (own_progress.current_page >= books.page_count) THEN own_progress.last_read_at ELSE CAST(NULL AS TIMESTAMP WITH TIME ZONE) END)) AS row_1 
FROM own_progress 
WHERE own_progress.book_id = books.id AND books.published_at IS NOT NULL) AS progress, (SELECT count(*) AS count 
FROM (SELECT books.id AS id, books.title AS title, books.title_reading AS title_reading, books.author AS author, books.jlpt_level AS jlpt_level, books.cover_url AS cover_url, books.page_count AS page_count, books.has_text AS has_text, books.original_year AS original_year, books.published_at AS published_at, books.publish_at AS publish_at, books.created_at AS created_at, books.updated_at AS updated_at, books.version AS version 
FROM books 
WHERE books.deleted_at IS NULL AND books.published_at IS NOT NULL) AS anon_1) AS list_total 
FROM books 
WHERE books.deleted_at IS NULL AND books.published_at IS NOT NULL ORDER BY books.created_at DESC, books.id DESC 
 LIMIT $8::INTEGER OFFSET 0) AS answer WHERE (SELECT set_config('app.user_id', $9, true) || set_config('app.role', $10, true)) IS NOT NULL;

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
