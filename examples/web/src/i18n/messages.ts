import { useLanguage } from "./language";

type Translated<Shape> = { [Key in keyof Shape]: Shape[Key] extends string ? string : Shape[Key] extends object ? Translated<Shape[Key]> : Shape[Key] };
// Functions are objects, too, and stay as they are.
type Translation<Shape> = {
  [Key in keyof Shape]: Shape[Key] extends (...values: never[]) => string ? Shape[Key] : Shape[Key] extends string ? string : Translated<Shape[Key]>;
};

export interface Messages<Shape> {
  en: Shape;
  ja: Translation<Shape>;
}

/** Defines the texts of a screen. English is the source: the compiler rejects a missing or additional Japanese text. */
export const defineMessages = <Shape>(en: Shape, ja: Translation<Shape>): Messages<Shape> => ({ en, ja });

/** The texts in the language of the interface. */
export function useMessages<Shape>(messages: Messages<Shape>): Translation<Shape> {
  const { language } = useLanguage();
  return messages[language] as Translation<Shape>;
}
