// Whose token a request has. Verified tokens and the ids of their users are kept in memory.
import { createVerifier } from "fast-jwt";
import { statement } from "./statements.js";

export function viewersOf(pool, { secret, issuer, audience }) {
  const verify = createVerifier({
    key: secret,
    algorithms: ["HS256"],
    allowedIss: issuer,
    allowedAud: audience,
    requiredClaims: ["exp", "sub"],
    cache: 10_000,
  });
  const ids = new Map();
  return async (authorization) => {
    const { sub } = verify(authorization.slice("Bearer ".length));
    let id = ids.get(sub);
    if (id === undefined) {
      const { rows } = await pool.query(statement("viewer", [sub]));
      if (rows.length === 0) throw new Error(`no user has the subject ${sub}`);
      id = rows[0].id;
      ids.set(sub, id);
    }
    return id;
  };
}
