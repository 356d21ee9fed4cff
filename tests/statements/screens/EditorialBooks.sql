-- Index Scan using ix_books_created_at_id on books
-- Seq Scan on books
SELECT answer.* FROM (SELECT books.id, books.title, books.author, books.jlpt_level, books.page_count, books.published_at, books.publish_at, books.created_at, (SELECT count(*) AS count 
FROM (SELECT books.id AS id, books.title AS title, books.title_reading AS title_reading, books.author AS author, books.jlpt_level AS jlpt_level, books.cover_url AS cover_url, books.page_count AS page_count, books.has_text AS has_text, books.original_year AS original_year, books.published_at AS published_at, books.publish_at AS publish_at, books.created_at AS created_at, books.updated_at AS updated_at, books.version AS version 
FROM books 
WHERE books.deleted_at IS NULL) AS anon_1) AS list_total 
FROM books 
WHERE books.deleted_at IS NULL ORDER BY books.created_at DESC, books.id DESC 
 LIMIT $1::INTEGER OFFSET 0) AS answer WHERE (SELECT set_config('app.user_id', $2, true) || set_config('app.role', $3, true)) IS NOT NULL;
