import { useState } from "react";
import { useMessages } from "../../i18n/messages";
import { messages } from "./messages";

/** Draws the strokes of a kanji one after the other. Their numbers say the order where animations are not wanted. */
export function StrokeOrder({ character, paths }: { character: string; paths: readonly string[] }) {
  const text = useMessages(messages);
  const [round, setRound] = useState(0);
  return (
    <div className="stroke-order">
      <svg key={round} viewBox="0 0 109 109" role="img" aria-label={text.strokeOrder(character)}>
        {paths.map((path, index) => (
          <g key={index}>
            <path d={path} className="stroke-outline" />
            <path d={path} className="stroke" pathLength={1} style={{ animationDelay: `${0.45 * index}s` }} />
            <StrokeNumber path={path} number={index + 1} />
          </g>
        ))}
      </svg>
      <button aria-label={text.replayOf(character)} onClick={() => setRound(round + 1)}>
        {text.replay}
      </button>
    </div>
  );
}

const START = /^M\s*([\d.]+)[\s,]+([\d.]+)/i;

/** The number of a stroke, at its start. */
function StrokeNumber({ path, number }: { path: string; number: number }) {
  const [, x, y] = START.exec(path) ?? [];
  if (x === undefined || y === undefined) return null;
  return (
    <text x={Number(x) - 6} y={Number(y) - 1} className="stroke-number">
      {number}
    </text>
  );
}
