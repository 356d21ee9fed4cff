-- Textbooks of twelve chapters of sixteen words.
CREATE TEMPORARY TABLE seeded_textbooks AS
    SELECT number, pg_temp.seeded_id('textbook', number, at) AS id, at,
        (ARRAY['N5', 'N4', 'N3', 'N2', 'N1'])[1 + number % 5] AS level
    FROM generate_series((SELECT count(*) + 1 FROM textbooks), pg_temp.number('textbooks')) AS number
    CROSS JOIN LATERAL (SELECT pg_temp.anchor() - number * interval '1 hour' AS at) AS added;
INSERT INTO textbooks (id, title, description, jlpt_level, topics, status, is_public, search_terms, created_at)
    SELECT id, 'Textbook ' || number, 'Words and sentences for ' || level || '.', level, ARRAY['Words', level], 'READY', true,
        '''textbook'':1A', at
    FROM seeded_textbooks ON CONFLICT DO NOTHING;
INSERT INTO chapters (id, textbook_id, position, title, summary, content)
    SELECT pg_temp.seeded_id('chapter', number * 100 + position, at), id, position, 'Chapter ' || position,
        'Sixteen words and how they are used.', repeat('# Words' || E'\n\n' || 'Read them aloud, then cover them. ', 100)
    FROM seeded_textbooks, generate_series(1, 12) AS position ON CONFLICT DO NOTHING;
INSERT INTO chapter_vocabulary (chapter_id, position, vocabulary_id)
    SELECT pg_temp.seeded_id('chapter', number * 100 + chapter, at), position, numbered_words.id
    FROM seeded_textbooks CROSS JOIN generate_series(1, 12) AS chapter CROSS JOIN generate_series(0, 15) AS position
    JOIN numbered_words
        ON numbered_words.n = (number * 192 + chapter * 16 + position) % (SELECT count(*) FROM numbered_words)
    ON CONFLICT DO NOTHING;
DROP TABLE seeded_textbooks;
