-- Index Scan using ix_books_hidden on books
SELECT answer.* FROM (SELECT books.id, 'BOOK' AS type, books.title, books.version, books.deleted_at 
FROM books 
WHERE books.deleted_at IS NOT NULL ORDER BY books.deleted_at DESC, books.id DESC 
 LIMIT $1::INTEGER OFFSET 0) AS answer WHERE (SELECT set_config('app.user_id', $2, true) || set_config('app.role', $3, true)) IS NOT NULL;
