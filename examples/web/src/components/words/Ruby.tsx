interface Part {
  text: string;
  reading?: string | null;
}

/** A word with the readings of its kanji above them. */
export function Ruby({ parts }: { parts: readonly Part[] }) {
  return parts.map(({ text, reading }, index) =>
    reading ? (
      <ruby key={index}>
        {text}
        <rp>（</rp>
        <rt>{reading}</rt>
        <rp>）</rp>
      </ruby>
    ) : (
      text
    ),
  );
}
