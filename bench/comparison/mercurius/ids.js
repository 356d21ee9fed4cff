// Relay's global ids: Base64 of "Type:uuid".
export function globalId(type, id) {
  return Buffer.from(`${type}:${id}`, "latin1").toString("base64");
}

export function uuidOf(type, value) {
  const [name, id] = Buffer.from(value, "base64").toString("latin1").split(":");
  if (name !== type) throw new Error(`${value} is not a global id of type ${type}`);
  return id;
}
