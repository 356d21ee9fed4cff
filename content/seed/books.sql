-- More volumes of existing books.
INSERT INTO books (id, title, title_reading, author, description, jlpt_level, page_count, original_year, published_at,
        created_at, search_terms)
    SELECT pg_temp.seeded_id('book', volume, at), title || ' ' || volume, title_reading, author, description, jlpt_level,
        page_count, original_year, at, at, search_terms
    FROM generate_series((SELECT count(*) + 1 FROM books), pg_temp.number('books')) AS volume
    JOIN numbered_books ON numbered_books.n = volume % (SELECT count(*) FROM numbered_books)
    CROSS JOIN LATERAL (SELECT pg_temp.anchor() - volume * interval '1 hour' AS at) AS added
    ON CONFLICT DO NOTHING;
