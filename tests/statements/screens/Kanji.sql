-- Bitmap Heap Scan on kanji
-- Bitmap Index Scan using ix_kanji_components
-- Bitmap Index Scan using ix_kanji_stroke_count_popularity_id
SELECT kanji.id, kanji.character, kanji.meanings, kanji.onyomi, kanji.kunyomi, kanji.nanori, kanji.stroke_count, kanji.grade, kanji.frequency, kanji.jlpt_level, kanji.radical, kanji.variants, kanji.components, kanji.popularity 
FROM kanji 
WHERE kanji.stroke_count <= $1::INTEGER AND kanji.components @> $2::TEXT[] ORDER BY kanji.popularity DESC, kanji.id DESC 
 LIMIT $3::INTEGER;
