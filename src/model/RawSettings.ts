/**
 * Options of an agent, as somebody wrote them down: keys and texts, which mean nothing without the agent's version and
 * defaults, and the order in which it reads its sources. `src/expect/agent/AgentConfig.ts` knows these; the linter
 * holds that nobody else looks into `byKey`.
 */
export interface RawSettings {
  readonly byKey: ReadonlyMap<string, string>;
}
