// Renders Markdown as React elements, so that content is never interpreted as HTML. marked has 17 kB (compressed), and
// react-markdown with tables 58 kB. Only the chapter's screen loads it.
import { lexer, type Token, type Tokens } from "marked";
import { createElement, useMemo, type ReactNode } from "react";

/** Headings start below the screen's own. */
const HEADING_OFFSET = 1;
const MAX_HEADING = 6;
const SAFE_LINK = /^https?:\/\//;

/** The text of a chapter: English, with Japanese words. */
export function Markdown({ source }: { source: string }) {
  const blocks = useMemo(() => lexer(source), [source]);
  return <div lang="en">{render(blocks)}</div>;
}

const render = (tokens: readonly Token[] | undefined): ReactNode => tokens?.map((token, index) => <Part key={index} token={token} />);

function Part({ token }: { token: Token }): ReactNode {
  switch (token.type) {
    case "heading": {
      const { depth } = token as Tokens.Heading;
      return createElement(`h${Math.min(depth + HEADING_OFFSET, MAX_HEADING)}`, null, render(token.tokens));
    }
    case "paragraph":
      return <p>{render(token.tokens)}</p>;
    case "list": {
      const { ordered, items, start } = token as Tokens.List;
      const children = items.map((item, index) => <li key={index}>{render(item.tokens)}</li>);
      return ordered ? <ol start={Number(start)}>{children}</ol> : <ul>{children}</ul>;
    }
    case "table":
      return <Table table={token as Tokens.Table} />;
    case "blockquote":
      return <blockquote>{render(token.tokens)}</blockquote>;
    case "strong":
      return <strong>{render(token.tokens)}</strong>;
    case "em":
      return <em>{render(token.tokens)}</em>;
    case "codespan":
      return <code>{token.text as string}</code>;
    case "code":
      return <pre className="scroll">{token.text as string}</pre>;
    case "br":
      return <br />;
    case "hr":
      return <hr />;
    case "space":
      return null;
    case "link": {
      const { href, tokens } = token as Tokens.Link;
      return SAFE_LINK.test(href) ? <a href={href}>{render(tokens)}</a> : render(tokens);
    }
    case "text":
    case "escape":
      return "tokens" in token && token.tokens ? render(token.tokens) : (token as Tokens.Text).text;
    default:
      // HTML is shown as it is written.
      return token.raw;
  }
}

function Table({ table: { header, rows } }: { table: Tokens.Table }) {
  return (
    <div className="scroll" tabIndex={0} role="group" aria-label={header.map(({ text }) => text).join(", ")}>
      <table>
        <thead>
          <tr>
            {header.map(({ tokens }, index) => (
              <th key={index} scope="col">
                {render(tokens)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={index}>
              {row.map(({ tokens }, column) => (
                <td key={column}>{render(tokens)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
