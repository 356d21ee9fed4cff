begin; select set_config('app.user_id', '<viewer>', true) || set_config('app.role', 'learner', true);

-- Index Scan using pk_books on books
SELECT books.id, books.title, books.title_reading, books.author, books.jlpt_level, books.cover_url, books.page_count, books.has_text, books.original_year, books.published_at, books.publish_at, books.created_at, books.updated_at, books.version 
FROM books 
WHERE books.id = ANY ($1::UUID[]) AND books.deleted_at IS NULL AND books.published_at IS NOT NULL;

-- Insert on reading_progress
INSERT INTO reading_progress (id, user_id, book_id, current_page, started_at, last_read_at, finished_at, changed_in) VALUES ($1::UUID, $2::UUID, $3::UUID, $4::INTEGER, $5::TIMESTAMP WITH TIME ZONE, $5::TIMESTAMP WITH TIME ZONE, $6::TIMESTAMP WITH TIME ZONE, pg_current_xact_id()) ON CONFLICT (user_id, book_id) DO UPDATE SET current_page = CASE WHEN (excluded.last_read_at >= reading_progress.last_read_at) THEN excluded.current_page ELSE reading_progress.current_page END, started_at = least(reading_progress.started_at, excluded.started_at), last_read_at = greatest(reading_progress.last_read_at, excluded.last_read_at), finished_at = least(coalesce(reading_progress.finished_at, CASE WHEN (reading_progress.current_page >= $7::INTEGER) THEN reading_progress.last_read_at ELSE CAST(NULL AS TIMESTAMP WITH TIME ZONE) END), excluded.finished_at), updated_at = excluded.updated_at, changed_in = excluded.changed_in;

select current_setting('app.changes', true);

commit;

-- Index Scan using pk_books on books
-- Index Scan using uq_reading_progress_user_id_book_id on reading_progress
SELECT answer.* FROM (WITH own_progress AS NOT MATERIALIZED 
(SELECT reading_progress.id AS id, reading_progress.book_id AS book_id, reading_progress.current_page AS current_page, reading_progress.started_at AS started_at, reading_progress.last_read_at AS last_read_at, reading_progress.finished_at AS finished_at 
FROM reading_progress 
WHERE reading_progress.user_id = $7::UUID)
 SELECT own_progress.id, own_progress.book_id, least(own_progress.current_page, books.page_count) AS current_page, CASE WHEN (coalesce(own_progress.finished_at, CASE WHEN (own_progress.current_page >= books.page_count) THEN own_progress.last_read_at ELSE CAST(NULL AS TIMESTAMP WITH TIME ZONE) END) IS NOT NULL) THEN CAST($1::FLOAT AS DOUBLE PRECISION) ELSE (CAST(own_progress.current_page AS DOUBLE PRECISION) * $2::INTEGER) / CAST(CAST(books.page_count AS DOUBLE PRECISION) AS DOUBLE PRECISION) END AS percent, CASE WHEN (coalesce(own_progress.finished_at, CASE WHEN (own_progress.current_page >= books.page_count) THEN own_progress.last_read_at ELSE CAST(NULL AS TIMESTAMP WITH TIME ZONE) END) IS NOT NULL) THEN $3::VARCHAR WHEN (own_progress.current_page > $4::INTEGER) THEN $5::VARCHAR ELSE $6::VARCHAR END AS status, own_progress.started_at, own_progress.last_read_at, coalesce(own_progress.finished_at, CASE WHEN (own_progress.current_page >= books.page_count) THEN own_progress.last_read_at ELSE CAST(NULL AS TIMESTAMP WITH TIME ZONE) END) AS finished_at 
FROM own_progress JOIN books ON books.id = own_progress.book_id 
WHERE books.deleted_at IS NULL AND books.published_at IS NOT NULL AND own_progress.book_id = ANY ($8::UUID[]) OFFSET 0) AS answer WHERE (SELECT set_config('app.user_id', $9, true) || set_config('app.role', $10, true)) IS NOT NULL;

-- Index Scan using pk_books on books
SELECT books.id, books.title, books.title_reading, books.author, books.jlpt_level, books.cover_url, books.page_count, books.has_text, books.original_year, books.published_at, books.publish_at, books.created_at, books.updated_at, books.version 
FROM books 
WHERE books.id = ANY ($1::UUID[]) AND books.deleted_at IS NULL AND books.published_at IS NOT NULL;
