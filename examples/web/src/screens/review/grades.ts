/** The grades of the session by key: with FSRS, qualities 0 to 2 are Again, 3 is Hard, 4 is Good and 5 is Easy. */
export const GRADES = [
  { key: "1", name: "again", quality: 2 },
  { key: "2", name: "hard", quality: 3 },
  { key: "3", name: "good", quality: 4 },
  { key: "4", name: "easy", quality: 5 },
] as const;

export type Grade = (typeof GRADES)[number];
export type Quality = Grade["quality"];
