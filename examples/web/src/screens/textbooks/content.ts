const SECTION = /^## /m;
// The screen shows these interactively, or has their information elsewhere. The answers are at the end of the content.
const OMITTED = ["Words", "Exercises", "Answers"];

/** The content in two parts, between which the words are: without its title and the sections that the screen shows itself. */
export function readableContent(content: string): { introduction: string; sections: string } {
  const [introduction = "", ...sections] = content.split(SECTION);
  const readable = sections.filter((section) => !OMITTED.includes(section.split("\n", 1)[0]!.trim()));
  return { introduction: introduction.replace(/^# .*\n/, ""), sections: readable.map((section) => `## ${section}`).join("") };
}
