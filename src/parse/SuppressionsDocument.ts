/** Which findings are not to count until a day. In YAML or JSON. */
export interface SuppressionsDocument {
  readonly schemaVersion: 1;
  readonly suppressions: readonly SuppressionEntry[];
}

export interface SuppressionEntry {
  /**
   * A code (`KPR5011`), or the id of a check: `kubectl kpr checks` lists them.
   *
   * @minLength 1
   */
  readonly code: string;
  /**
   * Only findings about this Service alone: `NAMESPACE/NAME`. Absent: whatever they are about.
   *
   * @pattern ^[^/]+/[^/]+$
   */
  readonly service?: string;
  /**
   * Only on this node. Absent: on every node.
   *
   * @minLength 1
   */
  readonly node?: string;
  /**
   * Why nobody needs to act, for those who read the report.
   *
   * @minLength 1
   */
  readonly reason: string;
  /**
   * The last day on which it holds: `2027-03-01`.
   *
   * @format date
   */
  readonly until: string;
}
