/*
 * Names that the API server takes (kubernetes: staging/src/k8s.io/apimachinery/pkg/util/validation). Names stand in
 * commands that people paste, and a file that somebody made may hold any: `--all` is no name of a pod's.
 */

const label = '[a-z0-9](?:[-a-z0-9]*[a-z0-9])?';
const labelPattern = new RegExp(`^${label}$`);
const subdomainPattern = new RegExp(`^${label}(?:\\.${label})*$`);

/** A DNS label of RFC 1123, as of namespaces, Services and containers. */
export const isDnsLabel = (name: string): boolean => name.length <= 63 && labelPattern.test(name);

/** A DNS subdomain of RFC 1123, as of nodes, pods and most others. */
export const isDnsSubdomain = (name: string): boolean => name.length <= 253 && subdomainPattern.test(name);
