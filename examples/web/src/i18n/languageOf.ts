const JAPANESE = /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]/u;

/** The language of content that may be English or Japanese, for the attribute `lang`. */
export const languageOf = (content: string): "en" | "ja" => (JAPANESE.test(content) ? "ja" : "en");
