// Runs the GraphQL over HTTP audits against the address that is given, and prints each result as a line of JSON.
import { serverAudits } from "graphql-http";

const audits = serverAudits({ url: process.argv[2] });
for (const audit of audits) {
  const { status, reason } = await audit.fn();
  console.log(JSON.stringify({ id: audit.id, name: audit.name, status, reason }));
}
