import { oddNames } from './oddNames.ts';

/** How large a simulated cluster is. */
export interface ClusterSize {
  readonly nodes: number;
  readonly services: number;
  /** Of each Service. */
  readonly backends: number;
  readonly podsPerNode: number;
  /** Whether nodes have names that are rare, and right. */
  readonly names?: NamesKind;
}

export const namesKinds = ['plain', 'odd'] as const;
export type NamesKind = (typeof namesKinds)[number];

export interface SimulatedNode {
  readonly index: number;
  readonly name: string;
  readonly address: string;
  /** The first three numbers of its pods' addresses. */
  readonly podPrefix: string;
  readonly zone: string;
}

export interface SimulatedPod {
  readonly name: string;
  readonly address: string;
  readonly node: SimulatedNode;
}

export interface SimulatedService {
  readonly index: number;
  readonly name: string;
  readonly clusterIP: string;
  /** Every fifth Service has one, as long as their range has room. */
  readonly nodePort: number | undefined;
  readonly backends: readonly SimulatedPod[];
}

/** Of a recorded cluster: its API server, and the node whose answers the others repeat. */
export const recordedServer = '172.30.1.1';
export const recordedNode = { name: 'n1', address: '172.30.1.11', podPrefix: '10.244.1' } as const;

const zones = ['a', 'b', 'c'];
/** kubernetes: the default of --service-node-port-range is 30000-32767; recorded Services have three of them. */
const firstNodePort = 30_000;
const maxNodePorts = 1000;

/** Who is where in a cluster of this size: the same for the same size. */
export class ClusterShape {
  readonly size: ClusterSize;
  readonly nodes: readonly SimulatedNode[];
  readonly pods: readonly SimulatedPod[];
  readonly services: readonly SimulatedService[];
  /** By the name of a pod, the Services whose backend it is. */
  readonly #servedBy: ReadonlyMap<string, readonly SimulatedService[]>;

  constructor(size: ClusterSize) {
    this.size = size;
    const names = size.names === 'odd' ? oddNames : [];
    this.nodes = Array.from({ length: size.nodes }, (_, i) => nodeAt(i, names[i] ?? `n${i + 1}`));
    this.pods = this.nodes.flatMap((node) => Array.from({ length: size.podsPerNode }, (_, at) => podAt(node, at)));
    this.services = Array.from({ length: size.services }, (_, i) => this.#serviceAt(i));
    const members = this.services.flatMap((service) => service.backends.map(({ name }) => ({ name, service })));
    this.#servedBy = new Map(
      [...Map.groupBy(members, ({ name }) => name)].map(([name, of]) => [name, of.map(({ service }) => service)]),
    );
  }

  servicesOf({ name }: SimulatedPod): readonly SimulatedService[] {
    return this.#servedBy.get(name) ?? [];
  }

  #serviceAt(i: number): SimulatedService {
    const { backends: each } = this.size;
    // Neighbours in this list are on neighbouring nodes, as a scheduler spreads the pods of a Deployment.
    const { nodes, pods } = this;
    const backends = Array.from({ length: each }, (_, at) => {
      const number = i * each + at;
      const node = number % nodes.length;
      const own = Math.floor(number / nodes.length) % this.size.podsPerNode;
      return pods[node * this.size.podsPerNode + own];
    });
    const hasNodePort = i % 5 === 0 && i / 5 < maxNodePorts;
    return {
      index: i,
      name: `service-${i}`,
      clusterIP: `10.97.${i >> 8}.${i & 255}`,
      nodePort: hasNodePort ? firstNodePort + i / 5 : undefined,
      backends: [...new Set(backends.filter((pod) => pod !== undefined))],
    };
  }
}

const nodeAt = (index: number, name: string): SimulatedNode => ({
  index,
  name,
  address: `172.30.${8 + (index >> 8)}.${index & 255}`,
  podPrefix: `10.${128 + (index >> 8)}.${index & 255}`,
  zone: zones[index % zones.length] ?? '',
});

const podAt = (node: SimulatedNode, at: number): SimulatedPod => ({
  name: `server-${node.index}-${at}`,
  address: `${node.podPrefix}.${20 + at}`,
  node,
});

/** The servers of cluster DNS: one on each of the first two nodes. */
export const dnsServers = ({ nodes }: ClusterShape): readonly SimulatedPod[] =>
  nodes.slice(0, 2).map((node) => ({ name: `coredns-c8cd9f4bd-${node.name}`, address: `${node.podPrefix}.10`, node }));
