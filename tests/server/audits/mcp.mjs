// Runs the conformance suite of the Model Context Protocol: `node mcp.mjs server --url …`.
// The suite imports `globSync` from Node 22 for a command that is not used here; older versions do not have it.
import { register } from 'node:module';

const module = (text) => `data:text/javascript,${encodeURIComponent(text)}`;
const fs = module("export * from 'node:fs'; export const globSync = () => [];");
register(
  module(`export const resolve = (name, context, next) =>
    name === 'fs' && context.parentURL?.includes('/conformance/')
      ? { url: ${JSON.stringify(fs)}, shortCircuit: true }
      : next(name, context);`),
);
process.argv[1] = 'conformance';
await import('@modelcontextprotocol/conformance/dist/index.js');
