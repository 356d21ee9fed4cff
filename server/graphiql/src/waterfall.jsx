// Spans as bars over the duration of the request, inside the spans that contain them.
export function Waterfall({ spans, durationMs }) {
  const depths = new Map([[0, 0]]);
  const percent = (milliseconds) => `${Math.min(100, (100 * milliseconds) / durationMs)}%`;
  return (
    <>
      <h2>Waterfall</h2>
      <ol className="shinjp-waterfall" aria-label="Waterfall">
        {spans.map((span, index) => {
          // Spans are in the order of their start, so that a parent precedes its children.
          const depth = depths.get(span.parent) ?? 0;
          if (span.id) depths.set(span.id, depth + 1);
          const detail = typeof span.detail === "number" ? ` (${span.detail})` : "";
          return (
            <li key={index} title={`${span.type} at ${format(span.startMs)}${span.error ? `: ${span.error}` : ""}`}>
              <span style={{ paddingLeft: `${depth}em` }}>
                {span.name}
                {detail}
              </span>
              <span>{format(span.durationMs)}</span>
              <span className="shinjp-lane">
                <span
                  className={`shinjp-bar shinjp-${span.error ? "error" : span.type}`}
                  style={{ left: percent(span.startMs), width: percent(span.durationMs) }}
                />
              </span>
            </li>
          );
        })}
      </ol>
    </>
  );
}

export function format(milliseconds) {
  return `${milliseconds.toFixed(milliseconds < 10 ? 2 : 0)} ms`;
}
