/** Up to where nodes say all that they hold, rather than in little (docs/digests.md). */
export const wholeUpTo = {
  /** Nodes of a cluster: to wait for the first would take longer, … */
  nodes: 12,
  /** … unless tables are large: Services of all these nodes together. */
  services: 20_000,
  /** After so many that said all in vain nobody waits for another: their images may have no perl. So few say all. */
  teachers: 2,
  /** Letters of a dump of rules: without those of kube-proxy it has some thousand. */
  rules: 128 * 1024,
};
