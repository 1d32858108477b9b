import type { DnsProbe } from '../../model/NodeFacts.ts';

/** Two nodes, each of which gets answers from the DNS servers on itself, and none from those on the other. */
export interface Apart {
  readonly pair: readonly [string, string];
  /** Servers that one of the two does not reach. */
  readonly servers: ReadonlySet<string>;
}

interface Asked {
  readonly name: string;
  /** Empty: not asked. */
  readonly probes: readonly DnsProbe[];
}

/** A node that gets no answer of DNS servers on itself, though others do. */
export interface FromItself {
  readonly node: string;
  readonly servers: readonly string[];
}

interface Pattern {
  readonly apart: readonly Apart[];
  readonly fromItself: readonly FromItself[];
}

/**
 * What the probes of several nodes tell together. A server that somebody reaches is well, and what is lost on the way
 * to it, it does not lose by itself. Where two nodes lose the other's, no pod there is likely to be reached.
 * @param homes the node of each server, by its address
 */
export function patternOf(nodes: readonly Asked[], homes: ReadonlyMap<string, string>): Pattern {
  const reached = new Map(nodes.map(({ name, probes }) => [name, reachOf(probes)]));
  const answering = new Set([...reached.values()].flatMap((servers) => serversWhere(servers, true)));
  const unreached = [...reached].map(([node, servers]) => ({
    node,
    servers: serversWhere(servers, false).filter((server) => answering.has(server)),
  }));
  const fromItself = unreached
    .map(({ node, servers }) => ({ node, servers: servers.filter((server) => homes.get(server) === node) }))
    // Who reaches no server at all has another trouble.
    .filter(({ node, servers }) => servers.length > 0 && serversWhere(reached.get(node) ?? new Map(), true).length > 0);
  const isWell = (server: string): boolean => reached.get(homes.get(server) ?? '')?.get(server) === true;
  /** By the node that loses, the servers by the node that it does not reach. */
  const lost = new Map(
    unreached.map(({ node, servers }) => [node, Map.groupBy(servers.filter(isWell), (server) => homes.get(server))]),
  );
  const apart = [...lost].flatMap(([name, byHome]) =>
    [...byHome].flatMap(([home, servers]): Apart[] => {
      const back = home === undefined || home <= name ? undefined : lost.get(home)?.get(name);
      return home === undefined || back === undefined
        ? []
        : [{ pair: [name, home], servers: new Set([...servers, ...back]) }];
    }),
  );
  return { apart, fromItself };
}

const serversWhere = (servers: ReadonlyMap<string, boolean>, isReached: boolean): string[] =>
  [...servers].filter(([, was]) => was === isReached).map(([server]) => server);

/**
 * By server whether any answer came; only of those that were asked over both protocols, for a datagram may get lost.
 */
function reachOf(probes: readonly DnsProbe[]): ReadonlyMap<string, boolean> {
  const endpoints = Map.groupBy(
    probes.filter(({ via }) => via === 'endpoint'),
    ({ server }) => server,
  );
  return new Map(
    [...endpoints]
      .filter(([, asked]) => new Set(asked.map(({ protocol }) => protocol)).size === 2)
      .map(([server, asked]) => [server, asked.some((one) => one.outcome === 'answered' || one.rcode !== undefined)]),
  );
}
