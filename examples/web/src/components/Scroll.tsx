import type { ReactNode } from "react";

/** A region that scrolls sideways, also by keyboard, such as a wide table. */
export function Scroll({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="scroll" tabIndex={0} role="region" aria-label={label}>
      {children}
    </div>
  );
}
