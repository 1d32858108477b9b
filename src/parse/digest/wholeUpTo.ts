/** Up to where nodes say all that they hold, rather than in little (docs/digests.md). */
export const wholeUpTo = {
  /** Nodes of a cluster: to wait for the first would take longer, … */
  nodes: 12,
  /** … unless tables are large: Services of all these nodes together. */
  services: 20_000,
  /** How many nodes say all, one after the other, until others need not: one may hang, or refuse. */
  teachers: 2,
  /** Letters of a dump of rules: without those of kube-proxy it has some thousand. */
  rules: 128 * 1024,
};
