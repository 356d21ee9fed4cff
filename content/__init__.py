"""The content, such as words, kanji, books and textbooks: reads their sources and writes their rows."""
