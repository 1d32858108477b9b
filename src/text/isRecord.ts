/** What JSON and YAML call an object, before anybody has looked at its members. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Lists and null are not. */
export const isRecord = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
