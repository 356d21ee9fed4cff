-- Learner n reads the books from number n on; every second one is finished.
INSERT INTO reading_progress (id, user_id, book_id, current_page, started_at, last_read_at, finished_at)
    SELECT pg_temp.seeded_id('progress', learner * 10000 + nth, at), pg_temp.learner_id(learner), numbered_books.id,
        CASE WHEN nth % 2 = 0 THEN page_count ELSE 1 + page_count / 3 END, at, at + interval '10 days',
        CASE WHEN nth % 2 = 0 THEN at + interval '10 days' END
    FROM generate_series(pg_temp.number('first'), pg_temp.number('last')) AS learner
    CROSS JOIN generate_series(0, pg_temp.number('books_each') - 1) AS nth
    CROSS JOIN LATERAL (SELECT pg_temp.anchor() - (nth + 1) * interval '15 days' + learner * interval '1 minute' AS at) AS began
    JOIN numbered_books ON numbered_books.n = (learner + nth) % (SELECT count(*) FROM numbered_books)
    ON CONFLICT DO NOTHING;
