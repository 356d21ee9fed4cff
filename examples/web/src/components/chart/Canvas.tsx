import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { ChartProps } from "./Chart";
import { toOptions, toRows } from "./options";

export default function Canvas(props: ChartProps) {
  const container = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = container.current;
    if (element === null) return;
    const plot = new uPlot(toOptions(props, element.clientWidth), toRows(props), element);
    const size = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: plot.height }));
    size.observe(element);
    const stopWatching = watchTheme(() => plot.redraw(false));
    return () => {
      stopWatching();
      size.disconnect();
      plot.destroy();
    };
  }, [props]);
  return <div ref={container} />;
}

/** A canvas has the colors with which it was drawn, so another theme has to draw it again. */
function watchTheme(redraw: () => void): () => void {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const chosen = new MutationObserver(redraw);
  system.addEventListener("change", redraw);
  chosen.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  return () => {
    system.removeEventListener("change", redraw);
    chosen.disconnect();
  };
}
