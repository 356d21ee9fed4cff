-- Index Scan using pk_books on books
SELECT answer.* FROM (SELECT books.id, books.title, books.title_reading, books.author, books.jlpt_level, books.cover_url, books.page_count, books.has_text, books.original_year, books.published_at, books.publish_at, books.created_at, books.updated_at, books.version 
FROM books 
WHERE books.id = ANY ($1::UUID[]) AND books.deleted_at IS NULL OFFSET 0) AS answer WHERE (SELECT set_config('app.user_id', $2, true) || set_config('app.role', $3, true)) IS NOT NULL;

-- Index Scan using pk_books on books
SELECT answer.* FROM (SELECT books.id, books.description 
FROM books 
WHERE books.id = ANY ($1::UUID[]) OFFSET 0) AS answer WHERE (SELECT set_config('app.user_id', $2, true) || set_config('app.role', $3, true)) IS NOT NULL;

-- Index Scan using pk_book_pages on book_pages
SELECT answer.* FROM (SELECT book_pages.book_id, book_pages.number, book_pages.text, book_pages.ruby 
FROM book_pages JOIN unnest($1::UUID[], $2::INTEGER[]) AS anon_1(book_id, number) ON book_pages.book_id = anon_1.book_id AND book_pages.number = anon_1.number OFFSET 0) AS answer WHERE (SELECT set_config('app.user_id', $3, true) || set_config('app.role', $4, true)) IS NOT NULL;

-- Index Scan using ix_textbooks_owner_id_id on textbooks
-- Index Scan using pk_chapters on chapters
-- Seq Scan on audit_log_<month>
-- Seq Scan on audit_log_default
SELECT answer.* FROM (SELECT anon_1.parent_id, anon_2.id, anon_2.at, anon_2.actor_id, anon_2.action, anon_2.entity, anon_2.entity_id, anon_2.changes, anon_2.request_id 
FROM unnest($1::UUID[]) AS anon_1(parent_id) JOIN LATERAL (SELECT audit_log.id AS id, audit_log.at AS at, audit_log.actor_id AS actor_id, audit_log.action AS action, audit_log.entity AS entity, audit_log.entity_id AS entity_id, audit_log.changes AS changes, audit_log.request_id AS request_id 
FROM audit_log 
WHERE audit_log.entity_id = anon_1.parent_id ORDER BY audit_log.at DESC, audit_log.id DESC 
 LIMIT $2::INTEGER) AS anon_2 ON true ORDER BY anon_2.at DESC, anon_2.id DESC OFFSET 0) AS answer WHERE (SELECT set_config('app.user_id', $3, true) || set_config('app.role', $4, true)) IS NOT NULL;
