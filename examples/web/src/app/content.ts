/** The id of the element with the screen. */
export const CONTENT = "content";

const NAME = "ShinJP";

export const pageTitle = (title?: string): string => (title === undefined ? NAME : `${title} – ${NAME}`);
